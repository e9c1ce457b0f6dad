"""What tests against known truths share: whom a claim is about among the generator's people, and coverage."""

from dataclasses import dataclass

import pandas as pd

from mmresearch.codebook import codebook

RARE = 0.001  # chance, over all the bounds of one test together, that it fails though nothing is wrong


@dataclass(frozen=True)
class Belongs:
    """A claim's population as a test on the generator's people; equal for equal claims."""

    conditions: tuple
    where: tuple
    instrument: str

    def __call__(self, people):
        kept = pd.Series(True, index=people.index)
        if self.conditions:
            kept &= people["condition"].map(
                lambda word: any(codebook().is_kind_of(word, each) for each in self.conditions))
        for rule in self.where:
            column = people[self.instrument if rule.column == "baseline" else rule.column]
            kept &= column.astype(str) == rule.equals if rule.equals is not None else True
            kept &= column >= rule.at_least if rule.at_least is not None else True
            kept &= column <= rule.at_most if rule.at_most is not None else True
        return kept


def who(claim, estimate):
    population = claim.analysis.population
    where = tuple(sorted(population.where, key=lambda rule: rule.column))
    narrowed = estimate.instrument if any(rule.column == "baseline" for rule in where) else ""
    return Belongs(tuple(sorted(population.conditions)), where, narrowed)


def threshold_of(claim, instrument):
    analysis, responder = claim.analysis, codebook().instruments[instrument].responder
    if analysis.threshold_value is not None:
        return analysis.threshold or "absolute", analysis.threshold_value
    rule = analysis.threshold or responder.rule
    return rule, getattr(responder, rule)


def covers(rows):
    """True where the interval holds the truth, give or take two Monte Carlo errors of the truth."""
    slack = 2 * rows["truth_se"]
    return (rows["low"] <= rows["truth"] + slack) & (rows["truth"] - slack <= rows["high"])
