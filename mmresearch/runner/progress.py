"""Shows how far the pages are: one line on a terminal, made anew in place; a plain line a page anywhere else."""

import shutil
import sys
import time

NAMED = 3  # pages named as running; of more, the number


class Progress:
    """Counts pages as they end. Use as a context manager.

    jobs: how many run side by side, by which the time left is reckoned; None where nobody knows.
    """

    def __init__(self, total, shown=True, stream=None, jobs=None, clock=time.monotonic):
        self.total, self.jobs, self.clock = total, jobs, clock
        self.count = self.failed = 0
        self.seconds, self.running, self.begun = 0.0, [], clock()
        self.stream = stream or sys.stderr
        self.shown = shown and total > 0
        self.line = self.shown and self.stream.isatty()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.line:
            self._write("")

    def show(self, running):
        """Show which pages run now. running: their names."""
        self.running = list(running)
        if self.line:
            self._write(self.text())

    def done(self, result):
        """Count a Result."""
        self.count += 1
        self.failed += result.failure is not None
        self.seconds += result.seconds
        if self.line:
            self._write(self.text())
        elif self.shown:
            state = "failed" if result.failure else f"{result.seconds:.1f} s"
            left = self.left()
            after = f", {left} left" if left else ""
            print(f"{self.count}/{self.total} {result.page.name}: {state}{after}", file=self.stream, flush=True)

    def text(self):
        """Return the line: done of total, failures so far, time left, what runs now."""
        more = len(self.running) - NAMED
        running = ", ".join(self.running[:NAMED]) + (f" and {more} more" if more > 0 else "")
        left = self.left()
        parts = [f"{self.count}/{self.total} pages", f"{self.failed} failed" if self.failed else "",
                 f"{left} left" if left else "", f"now {running}" if running else ""]
        return ", ".join(filter(None, parts))

    def left(self):
        """Return about how long the pages that are left will take, in words; empty while no page has ended."""
        if not self.count or self.count == self.total:
            return ""
        if self.jobs:  # the mean page, by how many run side by side
            rate = self.seconds / self.count / min(self.jobs, self.total)
        else:
            rate = (self.clock() - self.begun) / self.count
        return spell((self.total - self.count) * rate)

    def _write(self, text):
        width = shutil.get_terminal_size().columns - 1
        self.stream.write(f"\r\x1b[K{text[:width]}")
        self.stream.flush()


def spell(seconds):
    """Return a duration as a person reads it: about 40 s, about 12 min, about 1 h 5 min."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"
