"""Reads the studies a command names, and `mmresearch check`: what was read, what was left, which claims it can answer."""

from mmresearch.claims import articles, read_registry
from mmresearch.errors import DataError, MMResearchError, RegistryError
from mmresearch.study import find_studies, read_study


def read_studies(path):
    """Return [(folder, Dataset, registries)] for the study at `path`, or for each study in it.

    registries: the study's own first where it has claims, then the articles'. Raises what is wrong in all of them at once.
    """
    read, broken = [], []
    for folder in find_studies(path):
        try:
            dataset = read_study(folder)
            read.append((folder, dataset, read_registries(dataset)))
        except MMResearchError as error:
            broken.append(error)
    if len(broken) == 1:
        raise broken[0]
    if broken:
        raise DataError(path, f"{len(broken)} studies cannot be read", [line for error in broken
                                                                        for line in str(error).splitlines()])
    return read


def read_registries(dataset):
    """Return the registries a study is judged by: its own claims, where it has any, and the articles'.

    Raises RegistryError where the study's claims are broken or take the id of an article's claim.
    """
    if dataset.own_claims is None:
        return (articles(),)
    own = read_registry("study", {"claims.toml": dataset.own_claims}, instruments=dataset.study.instruments)
    taken = sorted(set(own.claims) & set(articles().claims))
    if taken:
        raise RegistryError("claims.toml", f"{len(taken)} ids belong to claims of the articles", taken, "Rename them.")
    return own, articles()


def check_studies(arguments):
    """Print what each study is and which claims it can answer; writes nothing. Raises DataError with all findings."""
    for folder, dataset, registries in read_studies(arguments.study):
        print("\n".join(_told(folder, dataset, registries)))


def _told(folder, dataset, registries):
    yield f"{folder}: {dataset!r}"
    yield from (f"  {note}" for note in dataset.notes)
    yield from (f"  left out: {count} patients, {reason}" for reason, count in dataset.exclusions.items())
    yield from (f"  not read: {name}: {', '.join(columns)}" for name, columns in dataset.unread.items() if columns)
    for registry in registries:
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
