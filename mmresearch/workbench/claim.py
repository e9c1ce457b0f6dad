"""One claim in one study: what was registered, who is compared, the estimate and how much it can bear. No verdict."""

from functools import cached_property

from mmresearch import describe, exhibits, models
from mmresearch.errors import MMResearchError, UsageError
from mmresearch.estimate import MIME, Lack
from mmresearch.strata import read_stratum
from mmresearch.workbench.opening import find_claim, read
from mmresearch.workbench.shown import Shown, note


class ClaimPage:
    """A claim the study can answer. Made by `open_claim`; the analysis runs once, when its estimate is first shown."""

    def __init__(self, dataset, question):
        self._dataset, self._question = dataset, question

    def __repr__(self):
        return f"ClaimPage({self._question.claim.id!r}: {len(self._question.patients)} patients)"

    def question(self):
        """The claim as the articles word it, and the analysis registered for it."""
        claim, own = self._question.claim, self._dataset.study.instruments
        return Shown((exhibits.show_quotes(claim), exhibits.show_registration(claim, own)))

    def patients(self):
        """Who is compared, by arm."""
        return exhibits.show_table_one(describe.table_one(self._dataset, patients=self._question.patients))

    def course(self):
        """Means over time of the arms compared, the judged visit shaded; of times, to how many it has happened."""
        question = self._question
        if question.place == "time":
            return exhibits.show_waiting(describe.waiting(
                self._dataset, question.instrument.id, arms=question.arms, patients=question.patients))
        course = describe.course(self._dataset, question.instrument.id, arms=question.arms, patients=question.patients)
        return exhibits.show_course(course, judged=question.visit and question.visit.name)

    def sessions(self):
        """What changed within the sessions of the arms compared, from one session to the next."""
        question = self._question
        return exhibits.show_course(describe.session_course(
            self._dataset, question.instrument.id, arms=question.arms, patients=question.patients))

    def estimate(self):
        """The estimate: its numbers to read, and its record handed over beside them."""
        return Shown((exhibits.show_estimate(self._estimate),), handed=(MIME, self._estimate.to_json()))

    def robustness(self):
        """The same estimand under other assumptions."""
        return exhibits.show_robustness(self._estimate)

    def assumptions(self):
        """What was assumed, and what a reader must know of the fit."""
        return exhibits.show_assumptions(self._estimate)

    @cached_property
    def _estimate(self):
        try:
            outcome = models.fit(self._question.claim, self._dataset)
        except MMResearchError as error:
            raise error from None
        if isinstance(outcome, Lack):
            raise _unanswerable(outcome)
        return outcome


class StratumPage(ClaimPage):
    """One stratum of a claim's patients: exploratory, an interval without p, outside every family."""

    def __init__(self, dataset, question, stratum):
        super().__init__(dataset, _ask_stratum(dataset, question, read_stratum(stratum)))
        self._registered = question.claim

    def question(self):
        """The claim as the articles word it, and the analysis registered for it: of all its patients."""
        own = self._dataset.study.instruments
        return Shown((exhibits.show_quotes(self._registered), exhibits.show_registration(self._registered, own)))

    def robustness(self):
        """Nothing: what stands beside the registered estimate is about all its patients."""
        return note("robustness", "Under other assumptions", (
            "Analyses under other assumptions were run for all patients the claim is about, not within strata."))

    @cached_property
    def _estimate(self):
        outcome = models.fit_stratum(self._question, self._dataset)
        if isinstance(outcome, Lack):
            raise _unanswerable(outcome)
        return outcome


def _ask_stratum(dataset, question, stratum):
    """Return the Question of one stratum. Raises UsageError, without a count of patients, where it is not asked."""
    asked, why = models.divide(question, dataset, models.split_patients(dataset, stratum.column))
    found = asked.get(stratum.level, why or "no patient the claim is about is in it")
    if isinstance(found, str):
        raise UsageError(f"stratum '{stratum}'", f"'{question.claim.id}' is not asked of it", [found],
                         f"Strata of this claim: {', '.join(asked) or 'none'}.")
    return found


def open_claim(study, claim, stratum=""):
    """Return the ClaimPage of the claim with id `claim` in the study in folder `study`.

    stratum: `condition:neck-pain` opens the exploratory page of these patients alone; empty: all patients.
    Raises DataError where the study cannot be read, UsageError for a claim that is unknown or has no answer in it.
    """
    dataset = read(study)
    asked = models.ask(find_claim(claim, dataset), dataset)
    if isinstance(asked, Lack):
        raise _unanswerable(asked)
    return StratumPage(dataset, asked, stratum) if stratum else ClaimPage(dataset, asked)


def _unanswerable(lack):
    return UsageError(f"claim '{lack.claim}'", f"this study cannot answer it ({lack.code})", [lack.sentence],
                      "`mmresearch check STUDY` counts the claims a study can answer.")
