"""A claim made concrete in one study: who, which arms, instrument and visit. Words alone decide; nothing is guessed."""

from dataclasses import dataclass, field

from mmresearch.claims import Claim
from mmresearch.codebook import Instrument, codebook
from mmresearch.estimate import Lack
from mmresearch.models import matching, population
from mmresearch.models.modifiers import match_modifier
from mmresearch.models.wording import join, plain
from mmresearch.study import Visit

FEWEST = 5  # analysed patients an arm must have; the smallest published analysis we reproduce has 8 and 9
BUILT = {  # method: the (hypothesis, measure) pairs it answers
    "change": {(h, "mean-difference") for h in ("superiority", "non-inferiority", "equivalence")}
    | {("superiority", "slope")},
    "responder": {(h, "risk-difference") for h in ("superiority", "non-inferiority", "equivalence")},
}
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

    patients  pseudonyms of the population's patients in the two arms, in the study's order
    visit     the judged visit; `follow_ups` are all visits after baseline with this instrument in both arms
    model     `ancova` or `mmrm` for the method change, None otherwise
    direction the side the claim names, on the instrument's own scale
    estimand  canonical words without magnitude or direction: equal words, equal estimate
    """

    claim: Claim
    arm: str
    reference: str
    comparator_class: str
    instrument: Instrument
    visit: Visit
    follow_ups: tuple
    patients: tuple = field(repr=False)
    population: str
    model: str | None
    direction: str
    margin: float | None
    margin_source: str | None
    estimand: str
    notes: tuple = ()

    @property
    def analysis(self):
        return self.claim.analysis


def ask(claim, dataset):
    """Return the Question the claim poses in this study, or the Lack that keeps it from being posed.

    A Lack's code is the first thing missing, in the order of ORDER; its sentence names all of them, by label.
    A claim that session outcomes cannot test gives the Lack `needs-laboratory`, `needs-cohort` or `not-testable`.
    """
    if claim.analysis is None:
        return Lack(claim.id, ELSEWHERE[claim.testability], claim.why_not)
    lacks = {}
    pair = matching.match_arms(claim.analysis, dataset.study, lacks)
    who = population.match_population(claim.analysis, dataset, lacks)
    match_modifier(claim.analysis, dataset, lacks)
    _match_design(claim.analysis, dataset.study, lacks)
    outcome = None
    if _match_method(claim.analysis, dataset.study, lacks):
        outcome = matching.match_outcome(claim.analysis, dataset, pair, who, lacks)
    if not lacks:
        who = population.match_measured(dataset, outcome, who)
        who = population.match_baseline(claim.analysis, dataset, outcome, who, lacks)
    question = None if lacks else _question(claim, dataset, pair, outcome, who)
    if question:
        _match_size(question, dataset, lacks)
        _match_margin(question, lacks)
    if lacks:
        codes = sorted(lacks, key=ORDER.index)
        return Lack(claim.id, codes[0], " ".join(lacks[code] for code in codes))
    return question


def _match_design(analysis, study, lacks):
    if study.design not in analysis.designs:
        lacks["design-does-not-fit"] = (
            f"The claim can be answered by a {join(analysis.designs, 'or')} study; this study is {study.design}."
        )


def _match_method(analysis, study, lacks):
    """True when the registered analysis is built; otherwise says which part of it is not."""
    missing = []
    if analysis.method not in BUILT:
        missing.append(f"the method '{analysis.method}'")
    elif (analysis.hypothesis, analysis.measure) not in BUILT[analysis.method]:
        missing.append(f"the method '{analysis.method}' for {analysis.hypothesis} of a {analysis.measure}")
    if analysis.method in BUILT and analysis.measure == "slope" and not analysis.modifier:
        missing.append("a slope without a modifier")
    if analysis.also:
        missing.append("several outcomes that must each show it")
    if analysis.modifier and analysis.model == "mmrm":
        missing.append("an interaction within the mixed model")
    if analysis.method in BUILT and analysis.intercurrent != "treatment-policy":
        missing.append(f"handling intercurrent events as '{analysis.intercurrent}'")
    if analysis.method in BUILT and study.design == "crossover":
        missing.append(f"the method '{analysis.method}' for crossover studies")
    if analysis.method == "responder" and matching.missing_rule(analysis) == "mar":
        missing.append("shares of responders under missing at random")
    if missing:
        lacks["method-not-built"] = f"Not built yet: {join(missing, 'and')}."
    return not missing


def _match_size(question, dataset, lacks):
    counts = matching.observed_counts(question, dataset)
    poor = [arm for arm, count in counts.items() if count < FEWEST]
    if poor:
        arms = dataset.study.arms
        found = join([f"{counts[arm]} in {arms[arm].label}" for arm in counts], "and")
        lacks["too-few-patients"] = (
            f"An analysis needs at least {FEWEST} patients in each arm with "
            f"{question.instrument.name} at {question.visit.name}; there are {found}."
        )


def _match_margin(question, lacks):
    if question.analysis.hypothesis in ("non-inferiority", "equivalence") and question.margin is None:
        lacks["no-margin"] = (
            f"{question.analysis.hypothesis.capitalize()} needs a margin, and neither the codebook nor "
            f"this study has one for {question.instrument.name}."
        )


def _question(claim, dataset, pair, outcome, who):
    analysis, (arm, reference, comparator_class, notes) = claim.analysis, pair
    instrument, visit, follow_ups = outcome
    model = _model(analysis, follow_ups)
    margin, source = _margin(analysis, instrument, dataset)
    table = dataset.patients
    kept = table["patient"].isin(who.patients) & table["arm"].isin((arm, reference))
    return Question(
        claim=claim,
        arm=arm,
        reference=reference,
        comparator_class=comparator_class,
        instrument=instrument,
        visit=visit,
        follow_ups=follow_ups,
        patients=tuple(table.loc[kept, "patient"]),
        population=who.words,
        model=model,
        direction=resolve(analysis.direction, instrument),
        margin=margin,
        margin_source=source,
        estimand=_estimand(analysis, pair, outcome, who, model),
        notes=notes + who.notes,
    )


def resolve(direction, instrument):
    """Return `higher` or `lower` on the instrument's own scale; `better` and `worse` go by its better side."""
    other = {"higher": "lower", "lower": "higher"}
    return {"better": instrument.better, "worse": other[instrument.better]}.get(direction, direction)


def _model(analysis, follow_ups):
    if analysis.method != "change":
        return None
    if analysis.model:
        return analysis.model
    several = len(follow_ups) > 1 and not analysis.modifier and analysis.missing != "complete-case"
    return "mmrm" if several else "ancova"


def _margin(analysis, instrument, dataset):
    """The margin on the measure's scale: the instrument's for means, our convention for shares, else none."""
    if analysis.modifier or analysis.measure == "slope":
        return None, None
    if analysis.measure == "risk-difference":
        return codebook().conventions["risk-difference-margin"].value, "convention"
    return dataset.margin(instrument.id)


def _estimand(analysis, pair, outcome, who, model):
    """Canonical words: everything that moves the estimate, and nothing else: no magnitude, direction, hypothesis."""
    instrument, visit, _ = outcome
    parts = [who.words, f"{pair[0]} v {pair[1]}", instrument.id, f"at {visit.name}", analysis.measure]
    if analysis.modifier:
        parts.append(plain(f"by {analysis.modifier}", analysis.modifier_at_least))
    if analysis.method == "responder":
        parts.append(plain(analysis.threshold_value, analysis.threshold or "instrument's threshold"))
    if analysis.observed_at:
        parts.append(f"observed at {join(analysis.observed_at, 'and')}")
    parts += [analysis.intercurrent, f"missing: {matching.missing_rule(analysis)}", model or analysis.method]
    return "; ".join(parts)
