"""Shows how far the pages are: a bar on a terminal, plain lines anywhere else."""

import sys


class Progress:
    """Counts pages as they end. Use as a context manager; `done(result)` after each page."""

    def __init__(self, total, shown=True, stream=None):
        self.total, self.count, self.failed = total, 0, 0
        self.stream = stream or sys.stderr
        self.shown = shown and total > 0
        self.bar = self._bar() if self.shown and self.stream.isatty() else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()

    def done(self, result):
        self.count += 1
        self.failed += result.failure is not None
        if self.bar is not None:
            self.bar.set_postfix_str(f"{self.failed} failed" if self.failed else "", refresh=False)
            self.bar.update()
        elif self.shown:
            state = "failed" if result.failure else f"{result.seconds:.1f} s"
            print(f"{self.count}/{self.total} {result.page.name}: {state}", file=self.stream, flush=True)

    def _bar(self):
        from tqdm import tqdm

        return tqdm(total=self.total, unit="page", desc="Pages", file=self.stream, dynamic_ncols=True)
