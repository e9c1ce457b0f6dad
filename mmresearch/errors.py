"""What goes wrong, as a person reads it: where, what (all findings, with counts), what to do next.

Messages never hold a patient's value: counts, column names and rules only. Doors raise `... from None`,
because a chained exception ends up inside an executed notebook.
"""

MARK = "An error that mmresearch raised on purpose:"
LONGEST = 2_000  # characters of a line
FEWEST_LINES, MOST_LINES = 5, 16  # findings that are printed: a block that fits on a screen; `findings` holds them all


class MMResearchError(Exception):
    """Base of everything mmresearch raises on purpose; the command line prints it without a traceback.

    where     the file, folder, claim or command concerned
    what      one sentence: what was expected and what came
    findings  one line each, with counts; all at once
    remedy    what to do next
    """

    exit_code = 1

    def __init__(self, where, what, findings=(), remedy=""):
        self.where, self.what, self.findings, self.remedy = str(where), what, tuple(findings), remedy
        super().__init__(str(self))

    def __str__(self):
        most = max(FEWEST_LINES, MOST_LINES - max(0, self.remedy.count("\n") - 1))  # a long remedy takes its room
        told = [f"  {_line(finding)}" for finding in self.findings[:most]]
        more = len(self.findings) - most
        told += [f"  and {counted(more, 'more finding')}; correct these first"] if more > 0 else []
        return "\n".join(line for line in (_line(f"{self.where}: {self.what}"), *told, self.remedy) if line)

    def _render_traceback_(self):
        """Return what IPython shows, and so what a notebook that fails records, in place of a traceback.

        The first line is the mark by which the runner knows an error of ours: other packages have errors of our names.
        """
        return [MARK, str(self)]

    def __reduce__(self):  # survives the way back from a worker process
        return type(self), (self.where, self.what, self.findings, self.remedy)


class DataError(MMResearchError):
    """A study's files or its study.toml are not what they should be."""


class RegistryError(MMResearchError):
    """A record of ours (claim, instrument, published effect) breaks its own rules."""


class UsageError(MMResearchError):
    """A command, parameter or name that does not exist or does not fit."""

    exit_code = 2


class PrivacyError(MMResearchError):
    """Something that identifies a person was about to come in or go out."""

    exit_code = 3


class SetupError(MMResearchError):
    """The machine lacks something: a package, disk space, a writable folder."""

    exit_code = 4


def _line(text):
    """Return one line that no terminal obeys: names of columns and keys come from files, and may hold control signs."""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


def nearest(word, words):
    """Return ` Did you mean 'x'?` for the closest of `words`, or an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(str(word), [str(each) for each in words], n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def counted(number, noun, plural=None):
    """Return `1 value`, `3 values`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed_lines(lines, noun="line", most=5):
    """Return `line 4` or `lines 4, 9, 12 and 8 more`: where in the file, not what stands there."""
    first = ", ".join(str(line) for line in lines[:most])
    more = f" and {len(lines) - most} more" if len(lines) > most else ""
    return f"{noun}{'s' if len(lines) > 1 else ''} {first}{more}"
