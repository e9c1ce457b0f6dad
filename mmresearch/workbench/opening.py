"""Opens a study's folder, and finds a claim in the registries the study is judged by."""

from mmresearch.claims import Registry, articles, read_registry
from mmresearch.errors import MMResearchError, RegistryError
from mmresearch.study import read_study
from mmresearch.study.ahead import read_ahead as read_study_ahead
from mmresearch.study.ahead import recall

OWN = "study"  # the name of the family a study's own claims are
RESERVED = ("study", "verdicts", "index")  # pages that are no claim's


def read(study):
    """Return the Dataset of the study in folder `study`. Raises DataError with everything that is wrong."""
    try:
        return recall(study) or read_study(study)
    except MMResearchError as error:
        raise error from None


def read_ahead(study):
    """Read a study, and what it is judged by, before a notebook asks: warm kernels are forked with both."""
    dataset = read_study_ahead(study)
    if dataset is not None:
        registries(dataset)


def registries(dataset):
    """Return the registries a study is judged by: its own claims, where it has any, then the articles'.

    Raises RegistryError where the study's claims are broken, or take the id of an article's claim or of a page.
    """
    if dataset.own_claims is None:
        return (articles(),)
    own = read_registry(OWN, {"claims.toml": dataset.own_claims}, instruments=dataset.study.instruments)
    taken = sorted(set(own.claims) & {*articles().claims, *RESERVED})
    if taken:
        raise RegistryError("claims.toml", f"{len(taken)} ids are taken by the articles' registry or by a page", taken,
                            "Rename these claims.")
    return own, articles()


def find_claim(name, dataset):
    """Return the Claim of that id. Raises UsageError with the nearest one."""
    known = {claim.id: claim for registry in registries(dataset) for claim in registry}
    return Registry("study and articles", known).claim(name)
