"""What is allowed but may not be meant: notes a person should read before believing a result."""

import re

from mmresearch.study.findings import counted

FEWEST = 5  # zeros that stand alone before they are worth a note


def note_suspicions(study, patients, outcomes, findings):
    """Add a note for everything in the tables that looks like a slip of coding."""
    _note_lonely_zeros(study, outcomes, findings)
    _note_empty_visits(study, outcomes, findings)
    _note_gaps(study, patients, findings)
    _note_twins(patients["patient"], findings)


def bare(pseudonym):
    """Return a pseudonym as spreadsheets and people distort it: no case, no blanks, no leading zeros of its numbers."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\s_-]", "", pseudonym.casefold()))


def _note_lonely_zeros(study, outcomes, findings):
    """Zeros at a visit of which nothing else is known: often 'not measured', read as cured."""
    for visit in study.visits:
        rows = outcomes[outcomes["visit"] == visit.name]
        single = rows[rows.groupby("patient")["instrument"].transform("size") == 1]
        for name, alone in single.groupby("instrument")["value"] if rows["instrument"].nunique() > 1 else ():
            if len(alone) >= FEWEST and (alone == 0).all():
                findings.note(
                    f"{name} at '{visit.name}'",
                    f"0 for {counted(len(alone), 'patient')} of whom nothing else is known at "
                    "that visit; if 0 stands for 'not measured' there, empty those cells",
                )


def _note_empty_visits(study, outcomes, findings):
    for visit in study.visits:
        if len(outcomes) and not (outcomes["visit"] == visit.name).any():
            findings.note(f"visit '{visit.name}'", "no outcome was measured at it")


def _note_gaps(study, patients, findings):
    for name in dict.fromkeys((*study.covariates, *study.strata)):
        gaps = int(patients[name].isna().sum()) if name in patients else 0
        if gaps:
            findings.note(name, f"{counted(gaps, 'patient')} without a value; comparisons adjust for it")


def _note_twins(pseudonyms, findings):
    twins = int(pseudonyms.map(bare).duplicated().sum())
    if twins:
        findings.note(
            "",
            f"{counted(twins, 'pseudonym')} like another's but for case, blanks or leading zeros; they count as "
            "different patients",
        )
