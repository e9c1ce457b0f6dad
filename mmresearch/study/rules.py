"""What must hold within a study.toml and between it and the codebook, before any file is looked at."""

import datetime
from collections import Counter

from mmresearch.codebook import codebook
from mmresearch.errors import nearest
from mmresearch.study.config import CENTURY
from mmresearch.study.crossover import check_crossover
from mmresearch.study.decisions import check_decisions
from mmresearch.study.findings import counted
from mmresearch.study.times import ENDINGS, check_times, is_time

PATIENT_WORDS = ("arm", "site", "therapist", "age", "sex", "condition", "duration_months")
OF_THE_MODELS = ("patient", "treated", "baseline", "events")  # columns the models make: a covariate would be lost
SEXES = ("female", "male", "other")
UNITS = {
    "age": {"years": 1},
    "duration_months": {"months": 1, "years": 12, "weeks": 12 / 52.1775, "days": 12 / 365.2425},
    "minutes": {"minutes": 1, "hours": 60},
    **dict.fromkeys(("day", "session_day", "drug_day"), {"days": 1, "weeks": 7}),
}
LIMITS = {  # in our units; what lies outside is a slip of the pen or another unit, by a wide margin
    "age": (0, 120),
    "duration_months": (0, 1200),
    "minutes": (1, 480),
    "dose": (0, 10_000),
    "times_a_day": (0, 48),
    **dict.fromkeys(("day", "session_day", "drug_day"), (-CENTURY, CENTURY)),
}
MOST_A_DAY = {"MME": 5_000, "DDD": 50}  # a convention of ours, far beyond doses for the pain of cancer
NEEDS = {
    **dict.fromkeys(("technique", "minutes", "setting", "adverse_event", "session_day"), "session"),
    "moment": "session",
    "instrument": "outcome",
    "ending": "outcome",
    "rater": "outcome",
    "days_observed": "outcome",
    **dict.fromkeys(("dose", "dose_unit", "times_a_day", "route", "drug_day"), "drug"),
}
REPEATABLE = ("outcome", "day", "covariate", "ending", "days_observed")  # a file may have several such columns


def check_declaration(study, findings):
    """Add a finding for everything in `study` that cannot be right."""
    checks = (_check_lock, _check_arms, _check_visits, _check_words, _check_adjustment, _check_medications)
    for check in (*checks, check_crossover, check_decisions):
        check(study, findings)
    for name, file in study.files.items():
        _check_file(study, f"files.{name}", file, findings)


def instruments_of(study):
    """Return the instruments a study may use: the codebook's and its own, which stand before them."""
    return {**codebook().instruments, **study.instruments}


def words_known(study):
    """Return {meaning: (words that its cells may hold, what they are called)}."""
    book = codebook()
    return {
        "arm": (study.arms, "arm of study.toml"),
        "sex": (SEXES, f"sex ({', '.join(SEXES)})"),
        "condition": (book.conditions, "condition of the codebook"),
        "technique": (book.techniques, "technique of the codebook"),
        "visit": ([visit.name for visit in study.visits], "visit of study.toml"),
        "instrument": (instruments_of(study), "instrument of the codebook or of study.toml"),
        "moment": (("before", "after"), "moment (before, after)"),
        "ending": (ENDINGS, f"ending ({', '.join(ENDINGS)})"),
        "sequence": (study.sequences, "sequence of study.toml"),
    }


def _check_lock(study, findings):
    """Data that are still coming in are not locked; an invented study has none, and may be read on an earlier day."""
    if study.data_locked and not study.simulated and study.data_locked > datetime.date.today():
        findings.wrong(
            "data_locked", "the day is after today; give the day the data were locked, or leave the key out until then"
        )


def _check_arms(study, findings):
    book, references = codebook(), [name for name, arm in study.arms.items() if arm.reference]
    if len(study.arms) > 1 and len(references) != 1:
        findings.wrong(
            "arms",
            f"{counted(len(references), 'arm')} with reference = true; exactly one arm is what the others "
            "are compared with",
        )
    if study.design == "single-arm" and len(study.arms) > 1:
        findings.wrong("design", f"'single-arm' but {len(study.arms)} arms")
    if study.design == "randomised" and len(study.arms) < 2:
        findings.wrong("design", "'randomised' but only one arm")
    for name, arm in study.arms.items():
        _known(findings, f"arms.{name}.technique", arm.technique, book.techniques, "technique")
        if arm.comparator_class is not None:
            _known(
                findings, f"arms.{name}.comparator_class", arm.comparator_class, book.comparators, "comparator class"
            )
        elif arm.reference and len(study.arms) > 1:
            findings.wrong(f"arms.{name}", f"the reference arm needs a comparator_class: {', '.join(book.comparators)}")


def _check_visits(study, findings):
    names, baselines = Counter(visit.name for visit in study.visits), [v.name for v in study.visits if v.day == 0]
    for name in (name for name, count in names.items() if count > 1):
        findings.wrong("visits", f"'{name}' stands {names[name]} times")
    if len(baselines) > 1:
        findings.wrong(
            "visits", f"{len(baselines)} visits on day 0 ({', '.join(baselines)}); only one can be the baseline"
        )
    for visit in study.visits:
        if visit.window and not visit.window[0] <= visit.day <= visit.window[1]:
            findings.wrong(f"visits, '{visit.name}'", f"day {visit.day} is not within its window {list(visit.window)}")
    _known(findings, "primary_visit", study.primary_visit, names, "visit")


def _check_words(study, findings):
    book, own = codebook(), instruments_of(study)
    if study.condition is not None:
        _known(findings, "condition", study.condition, book.conditions, "condition of the codebook")
    for code, word in study.technique_words.items():
        _known(findings, f"technique_words.{code}", word, book.techniques, "technique of the codebook")
    for name in study.margins:
        _known(findings, "margins", name, own, "instrument of the codebook or of study.toml")


def _check_adjustment(study, findings):
    columns = [column for file in study.files.values() for column in file.columns.values()]
    here = {column.means for column in columns if column.means in PATIENT_WORDS} - {"arm"}
    if study.condition is not None:
        here.add("condition")
    if len(study.arms) > 1 and not any(column.means in ("arm", "sequence") for column in columns):
        findings.wrong("files", 'no column means "arm"; with several arms a file must say who was in which')
    named = {column.name for column in columns if column.means == "covariate"}
    for name in sorted(named & {*PATIENT_WORDS, *OF_THE_MODELS}):
        instead = f'use means = "{name}" or ' if name not in OF_THE_MODELS else ""
        findings.wrong("files", f"a covariate is named '{name}', which has a meaning of its own; {instead}rename it")
    for key in ("covariates", "strata"):
        for name in getattr(study, key):
            if name not in here | named:
                findings.wrong(key, f"no column of the files is mapped to '{name}'.{nearest(name, here | named)}")


def _check_medications(study, findings):
    if study.medications_kept == "daily" and not study.medications_complete:
        what = '"daily" needs medications_complete = true: a day without a row must mean that nothing was taken'
        findings.wrong("medications_kept", what)


def _check_file(study, where, file, findings):
    means = Counter(column.means for column in file.columns.values())
    if not means["patient"]:
        findings.wrong(where, 'no column means "patient"; every file is joined on the patient')
    for word, needed in NEEDS.items():
        if means[word] and not means[needed]:
            findings.wrong(where, f'a column means "{word}", so another must mean "{needed}"')
    for word in (word for word, count in means.items() if count > 1 and word not in REPEATABLE):
        findings.wrong(where, f'{means[word]} columns mean "{word}"; only one can')
    if study.patient_within == "site" and not means["site"]:
        findings.wrong(where, 'patient_within = "site", so a column of this file must mean "site"')
    keys = Counter((c.instrument, c.visit, c.moment, c.rater) for c in file.columns.values() if c.means == "outcome")
    for instrument, visit, *_ in (key for key, count in keys.items() if count > 1):
        findings.wrong(where, f"two columns are {instrument or 'the outcome'} at {visit or 'the same visit'}")
    check_times(study, where, file, findings)
    for header, column in file.columns.items():
        _check_column(study, f"{where}.columns.{header}", column, means, findings)
        both = set(column.values) & {*file.missing, *column.missing}
        if both:
            what = f"{counted(len(both), 'code')} under `values` that `missing` lists too; a code means one thing"
            findings.wrong(f"{where}.columns.{header}", what)


def _check_column(study, where, column, means, findings):
    known = words_known(study)
    if column.means in known:
        words, kind = known[column.means]
        for code, word in column.values.items():
            _known(findings, f"{where}.values.{code}", word, words, kind)
    if column.visit is not None:
        _known(findings, f"{where}.visit", column.visit, *known["visit"])
    if column.instrument is not None:
        _known(findings, f"{where}.instrument", column.instrument, *known["instrument"])
    if column.means == "outcome":
        _check_outcome(study, where, column, means, findings)
    elif column.unit is not None and column.means != "dose" and column.unit not in UNITS.get(column.means, ()):
        units = ", ".join(UNITS.get(column.means, ()))
        findings.wrong(
            f"{where}.unit", f"'{column.unit}' is not one of: {units}" if units else f"a {column.means} has no unit"
        )


def _check_outcome(study, where, column, means, findings):
    if (column.instrument is None) == (not means["instrument"]):
        findings.wrong(
            where,
            "an outcome needs its instrument: in the column's `instrument`, or in a column of the file that "
            'means "instrument" (not both)',
        )
    placed, timed = (column.visit is not None) + bool(means["visit"]), is_time(study, column.instrument)
    if not timed and (placed > 1 or not (placed or means["session"] or means["day"] or means["period"])):
        findings.wrong(
            where,
            'an outcome needs its time: the column\'s `visit`, or a column of the file that means "visit", '
            '"day", "period" or "session" (and not two visits)',
        )
    if means["session"] and not placed and not timed and column.moment is None and not means["moment"]:
        findings.wrong(where, 'an outcome of a session needs moment = "before" or "after"')
    instrument = instruments_of(study).get(column.instrument)
    units = {instrument.unit, *instrument.converts} if instrument else set()
    if column.unit is not None and column.unit not in units:
        findings.wrong(
            f"{where}.unit",
            f"'{column.unit}' cannot be converted; "
            f"{column.instrument or 'a long file'} knows: {', '.join(sorted(units)) or 'no unit'}",
        )


def _known(findings, where, word, words, kind):
    if word not in words:
        findings.wrong(where, f"'{word}' is no {kind}.{nearest(word, words)}")
