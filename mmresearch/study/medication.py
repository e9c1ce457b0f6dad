"""From rows of medicines to a day's dose at each visit: MME of opioids, DDD of other analgesics, who takes any.

Rows say what is taken a day, as of that day (`medications_kept = "visits"`), or what was taken on that day (`"daily"`).
Nobody's dose is taken for 0 because nothing is written: only where study.toml says that the file is complete, and the
patient came to the visit. A medicine, unit or route that the codebook cannot convert leaves the dose unknown, and is a
finding with its count.
"""

import pandas as pd

from mmresearch.codebook import find_route, find_unit, medicines
from mmresearch.study.dataset import OUTCOMES
from mmresearch.study.findings import counted
from mmresearch.study.rules import MOST_A_DAY

BY_KIND = {"MME": ("opioid",), "DDD": ("nsaid", "analgesic")}
ANALGESICS = ("opioid", "nsaid", "analgesic")
WEEK, MONTH = 7, 28  # days up to a visit: a diary's dose is averaged over a week, its days are counted in 28
WHERE = "medications"


def derive_outcomes(study, medications, outcomes, findings):
    """Return outcome rows (OUTCOMES) of MME, DDD and, from a diary, MEDDAYS: one a patient and visit with a dose."""
    if medications.empty or study.design == "crossover":
        return outcomes.iloc[:0]
    rows = amounts(study, medications, findings)
    attended = outcomes.loc[outcomes["session"].isna() & outcomes["visit"].notna(), ["patient", "visit"]]
    there = {visit: set(frame["patient"]) for visit, frame in attended.groupby("visit")}
    parts = []
    for visit in study.visits:
        at_visit = there.get(visit.name, set()) if study.medications_complete else set()
        parts += [_as_outcomes(name, visit, doses) for name, doses in _doses(study, visit, rows, at_visit).items()]
    made = pd.concat([part for part in parts if len(part)] or [outcomes.iloc[:0]], ignore_index=True)
    _refuse_huge(rows, findings)
    made = _without_own(made.reindex(columns=[*OUTCOMES]), outcomes, findings)
    for name, values in made.groupby("instrument")["patient"]:
        findings.note(WHERE, f"{counted(len(values), 'value')} of {name} derived from the rows of medicines")
    return made


def _refuse_huge(rows, findings):
    """A day's dose beyond what anybody is given is another unit, or a slip."""
    for name, most in MOST_A_DAY.items():
        if (rows[name] > most).any():
            beyond = rows[rows[name] > most]
            whose = counted(beyond["patient"].nunique(), "patient")
            findings.wrong(WHERE, f"{counted(len(beyond), 'row')} of {whose} with over {most} {name} a day; correct "
                                  "the dose, its unit, or how often a day")


def with_takers(study, patients, medications, outcomes):
    """Return patients with `opioids` and `analgesics`: yes or no at baseline, NA where that is not known.

    Nothing is added where there are no rows of medicines; what a study says itself stands.
    """
    if medications.empty or study.baseline is None:
        return patients
    rows, came = _near(study, study.baseline, _known(medications)), outcomes["visit"] == study.baseline.name
    silent = set(outcomes.loc[came, "patient"]) if study.medications_complete else set()
    silent -= set(rows.loc[rows["kind"].isna(), "patient"])
    made = {}
    for name, kinds in (("opioids", ("opioid",)), ("analgesics", ANALGESICS)):
        takes = patients["patient"].isin(rows.loc[rows["kind"].isin(kinds), "patient"])
        answer = pd.Series(None, index=patients.index, dtype="str").mask(patients["patient"].isin(silent), "no")
        made[name] = answer.mask(takes, "yes")
    return patients.assign(**{name: answer for name, answer in made.items() if name not in patients})


def amounts(study, medications, findings):
    """Return the rows with `kind`, and their MME and DDD a day (NaN where unknown); what cannot be told is a finding.

    Where no column says how often a day, the dose is a day's. A patch's dose is an hour's, however often it is changed.
    """
    rows, book = _known(medications), medicines()
    told = any(column.means == "times_a_day" for file in study.files.values() for column in file.columns.values())
    times = rows["times_a_day"] if told else pd.Series(1.0, index=rows.index)
    rows["amount"] = rows["dose"] * times.where(~rows["patch"], 1.0)
    for name, convert in (("MME", book.mme), ("DDD", book.ddd)):
        words = zip(rows["medicine"], rows["amount"], rows["unit"], rows["route"], strict=True)
        rows[name] = [_converted(convert, book, *each) for each in words]
    _report(study, rows, findings)
    return rows


def _known(medications):
    """Add to rows: medicine (codebook id), kind, and unit and route in the codebook's words; NA for strange words."""
    book, rows = medicines(), medications.copy()
    found = {word: book.find(word) for word in rows["drug"].unique()}
    rows["medicine"] = _words(rows["drug"], lambda word: found[word] and found[word].id)
    rows["kind"] = _words(rows["drug"], lambda word: found[word] and found[word].kind)
    rows["unit"] = _words(rows["unit"], find_unit)
    rows["patch"] = rows["unit"].str.contains("/", regex=False, na=False).astype(bool)
    usual = rows["patch"].map({True: "transdermal", False: "oral"}).astype("str")
    rows["route"] = _words(rows["route"], find_route).where(rows["route"].notna(), usual)
    return rows


def _words(column, translate):
    known = {word: translate(word) for word in column.dropna().unique()}
    return column.map(known, na_action="ignore").astype("str")


def _converted(convert, book, medicine, amount, unit, route):
    if pd.isna([medicine, amount, unit, route]).any():
        known = isinstance(medicine, str) and convert == book.mme and book.medicines[medicine].kind != "opioid"
        return 0.0 if known else float("nan")
    value = convert(book.medicines[medicine], amount, unit, route)
    return float("nan") if value is None else value


def _report(study, rows, findings):
    """Note, with counts, every row whose dose is not known, and what silence means."""
    strange, dosed = rows["medicine"].isna(), rows["amount"].notna()
    written = rows["unit"].notna() & rows["route"].notna()
    remedy = "; say under `values` what each means"
    _note(findings, rows[strange], "a medicine the codebook does not know", f'{remedy}, or "not-analgesic"')
    for name, kinds in BY_KIND.items():
        lost = rows["kind"].isin(kinds) & rows[name].isna()
        _note(findings, rows[lost & ~dosed], f"no dose, or not how often a day, for {name}", "")
        _note(findings, rows[lost & dosed & ~written], f"a unit or route that is none of a dose, for {name}", remedy)
        _note(findings, rows[lost & dosed & written], f"a medicine, unit and route no source converts to {name}", "")
    timeless = rows[rows["day"].isna()]
    if len(timeless):
        findings.note(WHERE, f"{counted(len(timeless), 'row')} without a day or a visit; no dose is known from them")
    if study.baseline is not None and _near(study, study.baseline, rows).empty:
        name = study.baseline.name
        what = f"no row within the window of '{name}'; who takes opioids or analgesics then is not known from the rows"
        findings.note(WHERE, f"{what}; give the visit a `window` of days that holds those rows")
    if not study.medications_complete:
        findings.note(WHERE, "study.toml does not say `medications_complete = true`: who has no row has no known dose")


def _note(findings, rows, what, remedy):
    if len(rows):
        people = counted(rows["patient"].nunique(), "patient")
        findings.note(WHERE, f"{counted(len(rows), 'row')} of {people} with {what}; the dose is unknown then{remedy}")


def _near(study, visit, rows):
    """Rows that tell a visit's dose: of the day in its window nearest to the planned one, or a diary's last week."""
    if study.medications_kept == "daily":
        return rows[rows["day"].between(visit.day - WEEK + 1, visit.day)]
    inside = rows[rows["day"].between(*(visit.window or (visit.day, visit.day)))]
    far = (inside["day"] - visit.day).abs() - 0.25 * (inside["day"] > visit.day)  # of two as near, the later
    return inside[far == far.groupby(inside["patient"]).transform("min")]


def _doses(study, visit, rows, came):
    """Return instrument -> values by patient at one visit. came: patients whose silence means they took nothing."""
    daily = study.medications_kept == "daily"
    if daily and visit.day - WEEK + 1 < rows["day"].min():
        return {}
    near, found = _near(study, visit, rows), {}
    everyone = sorted(came | (set() if daily else set(near["patient"])))
    for name, kinds in BY_KIND.items():
        lost = near["medicine"].isna() | (near["kind"].isin(kinds) & near[name].isna())
        unclear = set(near.loc[lost, "patient"])
        mine = near[near["kind"].isin(kinds)].groupby("patient")[name].sum() / (WEEK if daily else 1)
        told = [each for each in everyone if each not in unclear and (each in came or each in mine.index)]
        found[name] = mine.reindex(told, fill_value=0.0)
    if daily and visit.day - MONTH + 1 >= rows["day"].min():
        month = rows[rows["day"].between(visit.day - MONTH + 1, visit.day)]
        unclear = set(month.loc[month["medicine"].isna(), "patient"])
        days = month[month["kind"].isin(ANALGESICS)].groupby("patient")["day"].nunique()
        found["MEDDAYS"] = days.reindex(sorted(came - unclear), fill_value=0)
    return found


def _as_outcomes(name, visit, doses):
    told = {"patient": doses.index, "visit": visit.name, "day": float(visit.day), "instrument": name}
    return pd.DataFrame({**told, "value": doses.to_numpy(float)})


def _without_own(made, outcomes, findings):
    """What a study measured itself stands before what follows from its rows of medicines."""
    own = set(made["instrument"]) & set(outcomes["instrument"])
    for name in sorted(own):
        findings.note(WHERE, f"{name} was measured by the study itself; nothing is derived from the rows of medicines")
    return made[~made["instrument"].isin(own)]
