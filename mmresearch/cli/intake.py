"""Reads the studies a command names; `mmresearch check`: what was read, what was left, which claims it can answer."""

from collections import Counter

from mmresearch.errors import DataError, MMResearchError, PrivacyError
from mmresearch.study import find_studies, read_study
from mmresearch.workbench.opening import OWN, registries

WHY = {  # code of a Lack: what follows `33 `
    "no-population": "about other patients",
    "no-arm": "about a treatment no arm got",
    "no-comparator": "against another treatment",
    "no-comparison-group": "that need a group to compare with",
    "no-instrument": "about something not measured",
    "no-time": "about a time not measured",
    "no-margin": "that need a margin",
    "no-modifier": "about a trait not recorded",
    "no-sessions": "about sessions not recorded",
    "design-does-not-fit": "that need another design",
    "too-few-patients": "for which the patients are too few",
    "method-not-built": "whose method is not built yet",
    "needs-laboratory": "that need a laboratory",
    "needs-cohort": "that need a cohort",
    "not-testable": "that nothing can test",
}


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
    from mmresearch.describe import outline_study

    outline = outline_study(dataset)
    yield from (f"  decided: {each}" for each in outline.decisions)
    yield from (f"  anonymity: {each} study.html of a run says more." for each in outline.hidden[:1])
    for registry in judged_by:
        yield from (f"  {line}" for line in _answers(registry, dataset))


def _answers(registry, dataset):
    """Return how many claims can be answered; of the study's own, each that cannot, with its reason."""
    from mmresearch.estimate import Lack
    from mmresearch.models import ask

    lacks = [each for each in (ask(claim, dataset) for claim in registry) if isinstance(each, Lack)]
    whose = "the study's own claims" if registry.name == OWN else "the articles' claims"
    told = f"{whose}: {len(registry) - len(lacks)} of {len(registry)} can be answered"
    if registry.name == OWN:
        return [told, *(f"  not {lack.claim}: {lack.sentence}" for lack in lacks)]
    return [told + (f"; of the others {_reasons(lacks)}" if lacks else "")]


def _reasons(lacks):
    counts = Counter(lack.code for lack in lacks).most_common()
    return ", ".join(f"{count} {WHY.get(code, code.replace('-', ' '))}" for code, count in counts)
