"""The true effects of a design, by following the same large population in every arm.

Never typed: the same code that writes a study measures each of many patients in each arm, with rounding and bounds
and common chance, and the differences are averaged. Sites and therapists are those of the population they are drawn
from: every patient has their own. Monte Carlo standard errors stand beside every number.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmresearch.codebook import codebook
from mmresearch.errors import UsageError
from mmresearch.simulate.chance import stream
from mmresearch.simulate.cohort import draw_cohort
from mmresearch.simulate.ratings import asked, attended, first_of, measured, reached, seen

CHUNK = 8192  # patients followed at a time: keeps memory near 100 MB however many there are
MODIFIERS = ("baseline", "duration_months")
KEYS = ["instrument", "visit", "arm", "reference", "population"]
COLUMNS = (["mean_difference", "se", "patients"],
           ["rule", "threshold", "risk_difference", "se", "risk_difference_all_seen", "se_all_seen"],
           ["modifier", "slope", "se"])
CONVENTIONS = {
    "mean_difference": "arm minus reference had every patient stayed and been measured (treatment policy), in the "
                       "instrument's unit; what an analysis valid under missing at random estimates",
    "risk_difference": "arm minus reference share of patients who reach the responder threshold; a patient not "
                       "measured at the visit (left, missed it or skipped the instrument) counts as not reaching it",
    "risk_difference_all_seen": "the same had every patient stayed and been measured",
    "slope": "change of the individual difference per unit of the modifier: covariance over the modifier's variance",
    "further": "rate-ratio and mean-ratio: ratio of means; odds-ratio: what proportional odds tend to in a large "
               "trial; rmst-difference: mean days until it happened, up to the horizon, all of it where it never does; "
               "variance by therapist: covariance of patients who share one; by condition or trait: variance between "
               "their means or mean differences; contrast: mean difference in those named (or yes) minus that in the "
               "others; slope: line through the arms' means; indirect-effect: product of two linear models' "
               "slopes in a large trial, and the mean-difference not through it; hazard-ratio: complementary log-log "
               "by session in a large trial",
    "se": "Monte Carlo standard error of the number before it",
    "patients": "simulated patients followed in both arms, of that population, who are asked this instrument",
}


@dataclass(frozen=True, eq=False)
class Truth:
    """True effects as three tables keyed by instrument, visit, arm, reference and population. Prints as counts.

    effects      mean_difference, se, patients
    responders   rule, threshold, risk_difference, se, risk_difference_all_seen, se_all_seen
    slopes       modifier, slope, se
    further      measure, detail, value, se, patients (further.py); None where only the others were asked for
    """

    design: str
    seed: int
    patients: int
    effects: pd.DataFrame
    responders: pd.DataFrame
    slopes: pd.DataFrame
    further: pd.DataFrame | None = None

    def __repr__(self):
        return f"Truth({self.design}: {len(self.effects)} mean differences, {len(self.responders)} risk differences)"

    def find(self, table, **keys):
        """Return the one row (a Series) of `effects`, `responders` or `slopes` with these keys. Raises UsageError."""
        rows = getattr(self, table)
        for name, value in {"population": "all", **keys}.items():
            rows = rows[rows[name] == value]
        if len(rows) != 1:
            raise UsageError(f"truth of '{self.design}'", f"{len(rows)} rows of {table} match {sorted(keys)}, not 1")
        return rows.iloc[0]


def true_effects(settings, patients=None, seed=None, populations=None, thresholds=()):
    """Return the Truth of a design.

    patients      followed in every arm (default: the settings'); seed: default the settings'
    populations   name -> function(people) giving True where a patient belongs; people: see `people`.
                  Default: all, each condition, chronic and recent
    thresholds    further (instrument, "absolute" or "percent", value), beside the codebook's
    """
    patients, seed = patients or settings.truth_patients, settings.truth_seed if seed is None else seed
    populations, rules = populations or groups(settings), {**_rules(settings), **{each: None for each in thresholds}}
    total = {}
    for start in range(0, patients, CHUNK):
        random = stream(seed, f"truth {start}")
        cohort = draw_cohort(settings, min(CHUNK, patients - start), random, independent=True)
        for key, value in _sums(settings, cohort, populations, rules).items():
            total[key] = total.get(key, 0) + value
    made = _tables(settings, total, populations, rules)
    tables = [pd.DataFrame(rows, columns=[*KEYS, *names]) for rows, names in zip(made, COLUMNS, strict=True)]
    return Truth(settings.name, seed, patients, *tables)


def people(settings, cohort, baseline):
    """Return what populations are defined by, one row a patient: condition, age, sex, duration_months and employed in
    the words a Dataset uses, and the baseline value under each instrument's id, NaN where it was not asked.
    """
    asked_of = np.where(asked(settings, cohort), baseline, np.nan)
    words = np.array([each.condition for each in settings.diagnoses])
    traits = {each.name: np.array(each.words)[cohort.traits[:, place]] for place, each in enumerate(settings.traits)}
    return pd.DataFrame({"condition": words[cohort.diagnosis], "age": cohort.age,
                         "sex": np.where(cohort.sex == 1, "female", "male"), "duration_months": cohort.months,
                         "employed": np.where(cohort.employed == 1, "yes", "no"), **traits,
                         **{each.instrument: asked_of[:, k] for k, each in enumerate(settings.measures)}})


def groups(settings):
    """Return the default populations: all, each condition by its codebook word, chronic (3 months and over), recent,
    and each word of each trait as "trait: word".
    """
    conditions = {each.condition: lambda frame, word=each.condition: frame["condition"] == word
                  for each in settings.diagnoses}
    return {"all": lambda frame: frame["age"] > 0, **conditions,
            "chronic": lambda frame: frame["duration_months"] >= 3,
            "recent": lambda frame: frame["duration_months"] < 3,
            **{f"{each.name}: {word}": lambda frame, name=each.name, word=word: frame[name] == word
               for each in settings.traits for word in each.words}}


def _rules(settings):
    """(instrument, rule, threshold) of every responder threshold the codebook gives these instruments."""
    found = {}
    for measure in settings.measures:
        responder = codebook().instruments[measure.instrument].responder
        for rule in ("absolute", "percent"):
            if responder is not None and getattr(responder, rule) is not None:
                found[measure.instrument, rule, getattr(responder, rule)] = None
    return found


def _sums(settings, cohort, populations, rules):
    """Additive sums of one chunk by pair of arms; each (populations, follow-ups, instruments) or without follow-ups."""
    values = {arm: measured(settings, cohort, arm) for arm in settings.arms}
    shown = {arm: seen(settings, cohort, attended(settings, cohort, arm, first_of(table)))
             for arm, table in values.items()}
    baseline = next(iter(values.values()))[:, 0, :]  # the same in every arm
    meant = asked(settings, cohort)
    frame = people(settings, cohort, baseline)
    belongs = np.array([np.asarray(test(frame), float) for test in populations.values()])
    months = np.repeat(cohort.months[:, None], baseline.shape[1], axis=1)
    modifiers = dict(zip(MODIFIERS, (baseline, months), strict=True))
    sums = {("n",): belongs @ meant}
    for name, modifier in modifiers.items():
        sums |= {("m", name): belongs @ (meant * modifier), ("mm", name): belongs @ (meant * modifier**2)}
    for pair in settings.pairs:
        gain = (values[pair[0]] - values[pair[1]])[:, 1:] * meant[:, None, :]
        sums |= {(*pair, "d"): _over(belongs, gain), (*pair, "dd"): _over(belongs, gain**2)}
        sums |= {(*pair, "dm", name): _over(belongs, gain * each[:, None, :]) for name, each in modifiers.items()}
    for rule in rules:
        sums |= _responses(settings, values, shown, meant, belongs, rule)
    return sums


def _responses(settings, values, shown, meant, belongs, rule):
    instrument, kind, threshold = rule
    place = [each.instrument for each in settings.measures].index(instrument)
    success = {arm: reached(settings.measures[place], table[:, 1:, place], table[:, :1, place], kind, threshold)
               & meant[:, place, None] for arm, table in values.items()}
    counted = {arm: success[arm] & shown[arm][:, 1:, place] for arm in values}
    sums = {}
    for pair in settings.pairs:
        for name, table in (("counted", counted), ("all", success)):
            difference = table[pair[0]].astype(float) - table[pair[1]]
            sums |= {(*pair, name, rule): belongs @ difference, (*pair, name, rule, "2"): belongs @ difference**2}
    return sums


def _over(belongs, table):
    return (belongs @ table.reshape(len(table), -1)).reshape(len(belongs), *table.shape[1:])


def _tables(settings, total, populations, rules):
    effects, responders, slopes = [], [], []
    visits = [visit.name for visit in settings.visits[1:]]
    for k, measure in enumerate(settings.measures):
        for t, visit in ((t, visit) for t, visit in enumerate(visits) if not measure.visits or visit in measure.visits):
            for pair in settings.pairs:
                for p, population in enumerate(populations):
                    n = total["n",][p, k]
                    if n < 2:
                        continue
                    key = dict(zip(KEYS, (measure.instrument, visit, *pair, population), strict=True))
                    mean, se = _mean(total[*pair, "d"][p, t, k], total[*pair, "dd"][p, t, k], n)
                    effects.append({**key, "mean_difference": mean, "se": se, "patients": int(n)})
                    slopes += [{**key, **_slope(total, pair, (p, t, k), name)} for name in MODIFIERS
                               if measure.at_baseline or name != "baseline"]
                    responders += [{**key, **_risk(total, pair, (p, t), rule, n)} for rule in rules
                                   if rule[0] == measure.instrument]
    return effects, responders, slopes


def _mean(first, second, n):
    mean = first / n
    return mean, np.sqrt(max(second / n - mean**2, 0.0) / n)


def _risk(total, pair, at, rule, n):
    risk, se = _mean(total[*pair, "counted", rule][at], total[*pair, "counted", rule, "2"][at], n)
    all_seen, se_all = _mean(total[*pair, "all", rule][at], total[*pair, "all", rule, "2"][at], n)
    return {"rule": rule[1], "threshold": rule[2], "risk_difference": risk, "se": se,
            "risk_difference_all_seen": all_seen, "se_all_seen": se_all}


def _slope(total, pair, at, name):
    p, t, k = at
    n, m = total["n",][p, k], total["m", name][p, k]
    mean, mean_d = m / n, total[*pair, "d"][at] / n
    variance = total["mm", name][p, k] / n - mean**2
    if variance <= 0:
        return {"modifier": name, "slope": np.nan, "se": np.nan}
    left = max(total[*pair, "dd"][at] / n - mean_d**2, 0.0)
    return {"modifier": name, "slope": (total[*pair, "dm", name][at] / n - mean * mean_d) / variance,
            "se": np.sqrt(left / n / variance)}
