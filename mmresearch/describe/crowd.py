"""How well the patients hide among each other, by what somebody outside may know of them."""

from mmresearch.anonymity import Crowd, look_at
from mmresearch.anonymity.crowd import listed

KNOWN = ("age", "sex", "condition", "site")  # what neighbours know; besides it the study's categories
NUMBERS = ("age",)  # no categories


def crowd(dataset):
    """Return the Crowd of a Dataset's patients: one row each, by the KNOWN traits that are read and its categories.

    Sensitive answers looked at apart: taking an opioid, and having had an adverse event.
    """
    patients, study = dataset.patients, dataset.study
    categories = [
        column.name for file in study.files.values() for column in file.columns.values() if column.kind == "category"
    ]
    names = [name for name in dict.fromkeys((*KNOWN, *categories)) if name in patients and patients[name].nunique() > 1]
    traits = {name: patients[name].astype("str").fillna("").tolist() for name in names}
    return look_at(traits, _sensitive(dataset))


def _sensitive(dataset):
    """Return {what: one answer a patient} of what hurts most to be told, where the study recorded it."""
    patients, answers = dataset.patients["patient"], {}
    opioids = dataset.measured("MME")
    if len(opioids):
        takers = set(opioids.loc[opioids["value"] > 0, "patient"])
        answers["take an opioid"] = [each in takers for each in patients]
    events = dataset.sessions
    if len(events) and events["adverse_event"].notna().any():
        hurt = set(events.loc[events["adverse_event"].notna() & (events["adverse_event"] != "none"), "patient"])
        answers["had an adverse event"] = [each in hurt for each in patients]
    return answers


def sentences(record: Crowd):
    """Return what a researcher should know of a Crowd, in sentences with counts."""
    told = [record.sentence + "."]
    if not record.whole.traits:
        return told
    told += [f"{record.few} of {record.patients} patients are in groups of fewer than 5."] if record.few else []
    told += [
        f"By {listed(part.traits)} alone: {part.alone} with nobody like them."
        for part in record.parts[:3]
        if part.alone
    ]
    told += [
        f"{trait}: {number} of its categories with fewer than 11 patients."
        for trait, number in record.rare
        if trait not in NUMBERS
    ]
    told += [
        f"{number} patients are in groups in which all or none {what}, so that their traits tell it."
        for what, number in record.told
    ]
    return told
