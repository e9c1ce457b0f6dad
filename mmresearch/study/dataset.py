"""The tables of one study, in one shape whatever the files looked like; prints as counts, never as rows."""

from dataclasses import dataclass, field

import pandas as pd

from mmresearch.codebook import Instrument, codebook
from mmresearch.errors import UsageError, nearest
from mmresearch.study.config import Study
from mmresearch.study.findings import counted

PATIENTS = ("patient", "arm", "site", "therapist", "age", "sex", "condition", "duration_months")
OUTCOMES = (
    "patient", "visit", "day", "instrument", "value", "session", "moment", "period", "ending", "rater", "observed"
)
SESSIONS = (
    "patient", "session", "day", "technique", "minutes", "therapist", "site", "setting", "adverse_event", "period"
)
PERIODS = ("patient", "period", "arm")
MEDICATIONS = ("patient", "day", "drug", "dose", "unit", "times_a_day", "route")


@dataclass(frozen=True, eq=False)
class Dataset:
    """A study's anonymised tables. Every property returns a table of its own: what pandas writes into it, a Dataset
    does not see (only numpy, told to write into a table's own array, would reach it).

    patients     one row each: PATIENTS, then the study's covariates under their own names; `arm` is an arm name
                 of study.toml, `condition` a codebook word, categories are strings, numbers float; missing is NA
    outcomes     one row a value: OUTCOMES; `visit` a visit name or NA, `value` float and never missing;
                 `ending` of a time: event, censored or competing, else NA; `observed` of a count: the share of its
                 time that was observed (the value is told for the whole of it), NA where all was
    sessions     one row a session: SESSIONS
    medications  one row an entry: MEDICATIONS
    periods      one row a patient and period of a crossover study: PERIODS; there a patient's own `arm` is that of the
                 first period
    sha256       of study.toml, claims.toml and the mapped files' bytes, as one hex digest
    notes        what was converted, excluded or looks odd: sentences with counts
    exclusions   reason -> patients left out of all tables
    allocated    arm -> patients as randomised, before exclusions
    unread       file -> names of the columns that are not mapped and were not read
    own_claims   the text of claims.toml beside study.toml, None where there is none
    """

    study: Study
    _patients: pd.DataFrame = field(repr=False)
    _outcomes: pd.DataFrame = field(repr=False)
    _sessions: pd.DataFrame = field(repr=False)
    _medications: pd.DataFrame = field(repr=False)
    sha256: str = ""
    notes: tuple = field(default=(), repr=False)
    exclusions: dict = field(default_factory=dict, repr=False)
    allocated: dict = field(default_factory=dict, repr=False)
    unread: dict = field(default_factory=dict, repr=False)
    own_claims: str | None = field(default=None, repr=False)
    _periods: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PERIODS), repr=False)
    _views: dict = field(default_factory=dict, repr=False, init=False)  # made once: a registry asks hundreds of times

    patients = property(lambda self: _copy(self._patients))
    outcomes = property(lambda self: _copy(self._outcomes))
    sessions = property(lambda self: _copy(self._sessions))
    medications = property(lambda self: _copy(self._medications))
    periods = property(lambda self: _copy(self._periods))

    def __repr__(self):
        return (
            f"{self.study.title}: {counted(len(self._patients), 'patient')} in {counted(len(self.study.arms), 'arm')}, "
            f"{counted(len(self._outcomes), 'outcome')} of "
            f"{counted(self._outcomes['instrument'].nunique(), 'instrument')}, "
            f"{counted(len(self._sessions), 'session')}"
        )

    def instrument(self, name) -> Instrument:
        """Return the study's own instrument of that id, else the codebook's. Raises UsageError."""
        known = {**codebook().instruments, **self.study.instruments}
        if name not in known:
            raise UsageError(f"instrument '{name}'", f"neither study nor codebook has it.{nearest(name, known)}")
        return known[name]

    def margin(self, name):
        """Return (value, source word) of the margin in force: the study's, else the instrument's; (None, None)."""
        if name in self.study.margins:
            return self.study.margins[name].value, "study"
        margin = self.instrument(name).margin
        return (margin.value, margin.status) if margin else (None, None)

    @property
    def members(self):
        """Return one row a patient and arm: patient, arm. In a crossover study a patient is in several arms."""
        table = self._periods if self.study.design == "crossover" else self._patients
        return table[["patient", "arm"]].drop_duplicates(ignore_index=True)

    def of_arm(self, arm):
        """Return the frozenset of an arm's patients; in a crossover study those who were in it in any period."""
        if "arms" not in self._views:
            self._views["arms"] = self.members.groupby("arm")["patient"].agg(frozenset).to_dict()
        return self._views["arms"].get(arm, frozenset())

    def with_arms(self, rows):
        """Return rows (patient; of a crossover study also period) with a column `arm`: the arm they were in then."""
        if self.study.design != "crossover":
            return rows.assign(arm=self._patients.set_index("patient")["arm"].reindex(rows["patient"]).array)
        return rows.astype({"period": "float64"}).merge(self._periods, on=["patient", "period"], how="left")

    def outcomes_of(self, instrument):
        """Return all outcomes of one instrument, at visits and within sessions; no rows where it was not measured."""
        if "places" not in self._views:  # names are slow to compare, row by row
            self._views["places"] = self._outcomes.groupby("instrument", observed=True).indices
        places = self._views["places"].get(instrument, ())
        return self._once(("outcomes", instrument), lambda: self._outcomes.iloc[list(places)])

    def measured(self, instrument):
        """Return the visit outcomes of one instrument (not within sessions): patient, visit, day, value.

        Of what several raters judged, the first rater's value alone, raters in sorted order.
        """
        return self._once(("measured", instrument), lambda: self._measure(instrument))

    def _once(self, key, make):
        """Return a copy of what `make` gave the first time: tables cannot change, so neither can it."""
        if key not in self._views:
            self._views[key] = make()
        return _copy(self._views[key])

    def _measure(self, instrument):
        rows = self.outcomes_of(instrument)
        rows = rows[rows["session"].isna() & rows["visit"].notna()]
        if "rater" in rows and rows["rater"].notna().any():
            first = rows.sort_values("rater", kind="stable", na_position="first")
            rows = rows.loc[first.drop_duplicates(["patient", "visit", "period"]).index.sort_values()]
        return rows.loc[:, ["patient", "visit", "day", "value"]].reset_index(drop=True)

    def observed_share(self, instrument, visit):
        """Return the share of a count's time that was observed at a visit, by patient; None where all of it was."""
        rows = self.outcomes_of(instrument)
        if "observed" not in rows:
            return None
        rows = rows[(rows["visit"] == visit) & rows["observed"].notna()]
        return rows.drop_duplicates("patient").set_index("patient")["observed"].astype(float) if len(rows) else None

    def wide(self, instrument):
        """Return one row a patient, one column a visit name (in the study's order), for one instrument."""
        return self._once(("wide", instrument), lambda: self._spread(instrument))

    def _spread(self, instrument):
        table = self.measured(instrument).pivot(index="patient", columns="visit", values="value")
        names = [visit.name for visit in self.study.visits if visit.name in table.columns]
        return table.reindex(index=self._patients["patient"], columns=names)


def _copy(table):
    """Return a table of its own: pandas (from 3 on) copies what is written to, and nothing before."""
    return table.copy(deep=False)
