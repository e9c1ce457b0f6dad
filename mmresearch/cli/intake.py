"""Reads the studies a command names; `mmresearch check`: what was read, what was left, which claims it can answer."""

from mmresearch.errors import DataError, MMResearchError, PrivacyError
from mmresearch.study import find_studies, read_study
from mmresearch.workbench.opening import registries


def read_studies(path):
    """Return [(folder, Dataset, registries)] for the study at `path`, or for each study in it.

    registries: the study's own first where it has claims, then the articles'. Raises everything wrong at once.
    """
    read, broken = [], []
    for folder in find_studies(path):
        try:
            dataset = read_study(folder)
            read.append((folder, dataset, registries(dataset)))
        except MMResearchError as error:
            broken.append(error)
    if len(broken) == 1:
        raise broken[0]
    if broken:
        kind = PrivacyError if any(isinstance(error, PrivacyError) for error in broken) else DataError
        raise kind(path, f"{len(broken)} studies cannot be read", [line for error in broken
                                                                   for line in str(error).splitlines()])
    return read


def check_studies(arguments):
    """Print what each study is and which claims it can answer; writes nothing. Raises DataError with all findings."""
    for folder, dataset, judged_by in read_studies(arguments.study):
        print("\n".join(_told(folder, dataset, judged_by)))


def _told(folder, dataset, judged_by):
    yield f"{folder}: {dataset!r}"
    yield from (f"  {note}" for note in dataset.notes)
    yield from (f"  left out: {count} patients, {reason}" for reason, count in dataset.exclusions.items())
    yield from (f"  not read: {name}: {', '.join(columns)}" for name, columns in dataset.unread.items() if columns)
    for registry in judged_by:
        yield f"  {_answers(registry, dataset)}"


def _answers(registry, dataset):
    from collections import Counter

    from mmresearch.estimate import Lack
    from mmresearch.models import ask

    asked = [ask(claim, dataset) for claim in registry]
    lacks = Counter(each.code for each in asked if isinstance(each, Lack))
    why = ", ".join(f"{count} {code}" for code, count in lacks.most_common())
    return (f"registry '{registry.name}': {len(asked) - sum(lacks.values())} of {len(asked)} claims can be answered"
            + (f" ({why})" if why else ""))
