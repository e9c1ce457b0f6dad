"""What a kind of input is, and what must come of it."""

from dataclasses import dataclass, field

REFUSE, LOAD, EITHER = "refuse", "load", "either"
KINDS = {}  # id -> Kind


@dataclass(frozen=True)
class Expected:
    """What must come of a folder.

    outcome  REFUSE; LOAD, with exactly `truth`; EITHER of the two
    codes    exit codes that a refusal may have
    file, column   what its message must name, where one of them is at fault
    lines    physical rows (lines, records), one of which the message must name
    secrets  planted texts that no output may hold
    inert    texts that may stand on no page as they are: there they are escaped
    """

    outcome: str
    codes: tuple = (1,)
    file: str | None = None
    column: str | None = None
    lines: tuple = ()
    secrets: tuple = ()
    inert: tuple = ()
    truth: dict | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Kind:
    """One kind of input. make(clinic, folder) writes a study into `folder` and returns the Expected."""

    id: str
    title: str
    make: object = field(repr=False)


def kind(identity, title):
    """Register the function below as what makes inputs of this kind."""

    def register(make):
        if identity in KINDS:
            raise ValueError(f"two kinds are {identity}")
        KINDS[identity] = Kind(identity, title, make)
        return make

    return register


def all_kinds():
    """Return every Kind, by id."""
    from corpus import (  # noqa: F401
        clean,
        files,
        further,
        identifying,
        labelled,
        markup,
        places,
        records,
        settings,
        sheets,
        single,
        values,
        workbooks,
    )

    return dict(sorted(KINDS.items()))
