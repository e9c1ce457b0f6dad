"""A worker process: calls what comes in, one after another, and never outlives the process it works for.

python -m mmresearch.runner.serving SCRATCH [DOOR]: DOOR is the descriptor of a template's door, which many share
"""

import os
import pickle
import queue
import shutil
import signal
import sys
import threading
from contextlib import suppress

from mmresearch.runner.kernels import guards
from mmresearch.runner.lean import import_papermill
from mmresearch.runner.warm import possible, templates

ORPHANED = 1


def serve():
    """Answer each (function, arguments) of standard input with (True, value) or (False, the error's name)."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a dying kernel tells its terminal is a traceback, which may hold a patient's value.
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda number, frame: leave(128 + number))
    come = queue.SimpleQueue()
    threading.Thread(target=listen, args=(calls, come), daemon=True).start()
    if possible():
        templates.prepare(*map(int, sys.argv[2:]))
    import_papermill()  # while the run still reads the study

    while True:
        function, given = come.get()
        try:
            answer = True, function(*given)
        except Exception as error:  # a fault of ours; its message may hold a patient's value
            answer = False, type(error).__name__
        pickle.dump(answer, answers)
        answers.flush()


def listen(calls, come):
    """Put calls into the queue `come`. Their end is the end of the process we work for, however it ended: leave."""
    with suppress(Exception):
        while True:
            come.put(pickle.load(calls))
    shutil.rmtree(sys.argv[1], ignore_errors=True)  # a killed process could not clear it away
    leave(ORPHANED)


def leave(code):
    """End at once, and take kernels and templates along. Runs in a signal handler or beside the main thread."""
    for guard in list(guards):
        guard.kill()
    templates.dismiss()
    os._exit(code)


if __name__ == "__main__":
    serve()
