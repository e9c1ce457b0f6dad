"""A claim made concrete in one study: who, which arms, instrument and visit. Words alone decide; nothing is guessed."""

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from mmresearch.claims import Claim
from mmresearch.codebook import Instrument
from mmresearch.estimate import Lack
from mmresearch.models import matching, population
from mmresearch.models.co_primary import match_companions
from mmresearch.models.estimand import choose_model, find_margin, name_estimand
from mmresearch.models.mediators import match_mediator
from mmresearch.models.modifiers import match_modifier
from mmresearch.models.needs import NEEDS
from mmresearch.models.rescue import match_rescue
from mmresearch.models.wording import join
from mmresearch.study import Visit

FEWEST = 5  # analysed patients an arm must have; the smallest published analysis we reproduce has 8 and 9
MISSING = {"mar": "missing at random", "non-responder": "not responding", "complete-case": "left out"}
ELSEWHERE = {"laboratory": "needs-laboratory", "cohort": "needs-cohort", "not-testable": "not-testable"}
ORDER = (
    "no-arm",
    "no-comparison-group",
    "no-comparator",
    "no-instrument",
    "no-population",
    "no-modifier",
    "no-time",
    "design-does-not-fit",
    "too-few-patients",
    "no-margin",
    "method-not-built",
)


@dataclass(frozen=True)
class Question:
    """What a claim asks of one study.

    reference, comparator_class  None where the claim compares nothing
    patients  pseudonyms of the population's patients in the arms, in the study's order
    visit     the judged visit; `follow_ups` are all visits after baseline with this instrument in the arms. Where the
              method's outcome stands elsewhere (needs.PLACES): None and ()
    window    days since baseline, first and last: the claim's window that was matched
    observed  pseudonyms of all patients, of whatever arm, with what is judged
    model     `ancova` or `mmrm` for the method change, None otherwise
    direction the side the claim names, on the instrument's own scale
    estimand  canonical words without magnitude or direction: equal words, equal estimate
    """

    claim: Claim
    arm: str
    reference: str | None
    comparator_class: str | None
    instrument: Instrument
    visit: Visit | None
    follow_ups: tuple
    window: tuple
    patients: tuple = field(repr=False)
    population: str
    model: str | None
    direction: str
    margin: float | None
    margin_source: str | None
    estimand: str
    observed: frozenset = field(default=frozenset(), repr=False)
    notes: tuple = ()

    @property
    def analysis(self):
        return self.claim.analysis

    @property
    def arms(self):
        """The arm and, where there is one, the reference arm."""
        return (self.arm,) if self.reference is None else (self.arm, self.reference)

    @property
    def place(self):
        """Where the outcome stands: a word of needs.PLACES."""
        return NEEDS[self.analysis.method].place


_ASKED = WeakKeyDictionary()  # Dataset -> {id of a Claim: (the Claim, what came of it)}


def ask(claim, dataset):
    """Return the Question the claim poses in this study, or the Lack that keeps it from being posed.

    A Lack's code is the first thing missing, in the order of ORDER; its sentence names all of them, by label.
    A claim that session outcomes cannot test gives the Lack `needs-laboratory`, `needs-cohort` or `not-testable`.
    """
    asked = _ASKED.setdefault(dataset, {})
    if id(claim) not in asked:  # the Claim is kept beside its answer, so that its id stays its own
        asked[id(claim)] = claim, _ask(claim, dataset)
    return asked[id(claim)][1]


def _ask(claim, dataset):
    if claim.analysis is None:
        return Lack(claim.id, ELSEWHERE[claim.testability], claim.why_not)
    lacks = {}
    pair = matching.match_arms(claim.analysis, dataset.study, lacks)
    who = population.match_population(claim.analysis, dataset, lacks)
    match_modifier(claim.analysis, dataset, lacks)
    match_rescue(claim.analysis, dataset, lacks)
    _match_design(claim.analysis, dataset.study, lacks)
    outcome = None
    if _match_method(claim.analysis, dataset.study, lacks):
        outcome = matching.match_outcome(claim.analysis, dataset, pair, who, lacks)
        match_mediator(claim.analysis, dataset, pair, outcome, lacks)
    if not lacks:
        who = population.match_measured(dataset, outcome, who)
        who = population.match_baseline(claim.analysis, dataset, outcome, who, lacks)
    question = None if lacks else _question(claim, dataset, pair, outcome, who)
    if question:
        _match_size(question, dataset, lacks)
        _match_margin(question, lacks)
        match_companions(claim, dataset, ask, lacks)
    if lacks:
        codes = sorted(lacks, key=ORDER.index)
        return Lack(claim.id, codes[0], " ".join(lacks[code] for code in codes))
    return _further(question, dataset) or question


def _further(question, dataset):
    """Return the Lack that only the method can tell, or None; so that what can be asked can also be answered."""
    if question.analysis.method != "course":
        return None
    from mmresearch.models.course import lacking  # late: methods import this module

    return lacking(question, dataset)


def _match_design(analysis, study, lacks):
    if study.design not in analysis.designs:
        lacks["design-does-not-fit"] = (
            f"The claim can be answered by a {join(analysis.designs, 'or')} study; this study is {study.design}."
        )


def _match_method(analysis, study, lacks):
    """True when the registered analysis is built; otherwise says which part of it is not."""
    method, needs = f"the method '{analysis.method}'", NEEDS[analysis.method]
    if not needs.built:
        missing = [method]
    elif (analysis.hypothesis, analysis.measure) not in needs.answers:
        missing = [f"{method} for {analysis.hypothesis} of a {analysis.measure}"]
    else:
        missing = [words for words, lacking in _lacking(analysis, needs, study, method).items() if lacking]
    if analysis.also and not needs.also:
        missing.append("several outcomes that must each show it")
    if missing:
        lacks["method-not-built"] = f"Not built yet: {join(missing, 'and')}."
    return not missing


def _lacking(analysis, needs, study, method):
    """Words for a part of the analysis -> whether the method cannot do it."""
    rule = matching.missing_rule(analysis)
    said = "shares of responders under missing at random" if (analysis.method, rule) == ("responder", "mar") else (
        f"{method} with missing outcomes as {MISSING[rule]}")
    return {
        "a slope without a modifier": analysis.measure == "slope" and not (analysis.modifier or needs.lone_slope),
        f"{method} with a modifier": bool(analysis.modifier) and needs.modifier is None,
        f"handling intercurrent events as '{analysis.intercurrent}'": analysis.intercurrent not in needs.intercurrent,
        f"{method} for {study.design} studies": study.design not in needs.designs,
        said: rule not in needs.missing,
        "rescue apart in several outcomes": bool(analysis.also) and analysis.intercurrent != needs.intercurrent[0],
    }


def _match_size(question, dataset, lacks):
    counts = matching.observed_counts(question, dataset)
    poor = [arm for arm, count in counts.items() if count < FEWEST]
    if poor:
        arms = dataset.study.arms
        found = join([f"{counts[arm]} in {arms[arm].label}" for arm in counts], "and")
        lacks["too-few-patients"] = (
            f"An analysis needs at least {FEWEST} patients in each arm with "
            f"{question.instrument.name} {_when(question)}; there are {found}."
        )


def _when(question):
    return f"at {question.visit.name}" if question.visit else f"on days {question.window[0]} to {question.window[1]}"


def _match_margin(question, lacks):
    if question.analysis.hypothesis in ("non-inferiority", "equivalence") and question.margin is None:
        lacks["no-margin"] = (
            f"{question.analysis.hypothesis.capitalize()} needs a margin, and neither the codebook nor "
            f"this study has one for {question.instrument.name}."
        )


def _question(claim, dataset, pair, outcome, who):
    analysis, (arm, reference, comparator_class, notes) = claim.analysis, pair
    model = choose_model(analysis, outcome.follow_ups)
    margin, source = find_margin(analysis, outcome.instrument, dataset)
    compared = who.patients & (dataset.of_arm(arm) | dataset.of_arm(reference))
    return Question(
        claim=claim,
        arm=arm,
        reference=reference,
        comparator_class=comparator_class,
        instrument=outcome.instrument,
        visit=outcome.visit,
        follow_ups=outcome.follow_ups,
        window=outcome.window,
        patients=tuple(each for each in dataset.patients["patient"] if each in compared),
        population=who.words,
        model=model,
        direction=resolve(analysis.direction, outcome.instrument),
        margin=margin,
        margin_source=source,
        estimand=name_estimand(analysis, pair, outcome, who, model),
        observed=outcome.observed,
        notes=notes + who.notes,
    )


def resolve(direction, instrument):
    """Return `higher` or `lower` on the instrument's own scale; `better` and `worse` go by its better side."""
    other = {"higher": "lower", "lower": "higher"}
    return {"better": instrument.better, "worse": other[instrument.better]}.get(direction, direction)
