"""The commands of mmresearch. Nothing heavy is imported before a command needs it."""

import sys

from mmresearch.errors import MMResearchError

INTERRUPTED = 130


def main(argv=None):
    """Run one command and return its exit code.

    0 when all went well; an error's own code: 1 data, 2 usage, 3 privacy, 4 set-up; 130 for Ctrl-C.
    """
    try:
        from mmresearch.cli.parser import read_arguments

        arguments = read_arguments(argv)
    except KeyboardInterrupt:  # nothing had begun
        return INTERRUPTED
    try:
        return arguments.command(arguments) or 0
    except MMResearchError as error:
        return _tell(error, arguments)
    except KeyboardInterrupt as stop:
        print(str(stop) or "Stopped. No report was changed; the same command starts anew.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `mmresearch claims | head`
        return _hush()
    except Exception as error:
        return _admit(error, arguments)


def _tell(error, arguments):
    if arguments.debug:
        raise error
    print(error, file=sys.stderr)
    return error.exit_code


def _admit(error, arguments):
    """An error that is nobody's data but our mistake: its type and place; its message may hold a patient's value."""
    if arguments.debug:
        raise error
    from pathlib import Path
    from traceback import extract_tb

    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "mmresearch" in Path(frame.filename).parts] or frames
    place = f"{'/'.join(Path(ours[-1].filename).parts[-2:])} line {ours[-1].lineno}"
    print(f"mmresearch: unexpected {type(error).__name__} in {place}. This is a fault of mmresearch.\n"
          "--debug shows the traceback. It may hold values of patients: keep it inside.", file=sys.stderr)
    return 1


def _hush():
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
