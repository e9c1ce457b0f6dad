"""The whole truth of a design: mean differences, shares and slopes, and all that its other methods estimate."""

from dataclasses import replace

import numpy as np
import pandas as pd

from mmresearch.codebook import codebook
from mmresearch.simulate.crowd import draw_crowd
from mmresearch.simulate.estimands import ALL, Statistic
from mmresearch.simulate.ratings import reached
from mmresearch.simulate.regressions import hazard_ratio
from mmresearch.simulate.treatment import session_rows
from mmresearch.simulate.trial import run_trial
from mmresearch.simulate.truth import groups, people, true_effects

COLUMNS = ["measure", "instrument", "visit", "arm", "reference", "population", "detail", "value", "se", "patients"]
BY_POPULATION = ("rate-ratio", "mean-ratio", "rmst-difference")  # the others: of all patients
MOST = 40_000  # patients followed for these truths; TREATED: of a trial as large as one may be
TREATED = 20_000


def whole_truth(settings):
    """Return the Truth of a design with its further truths."""
    return replace(true_effects(settings), further=further_truths(settings))


def further_truths(settings, patients=None, seed=None, populations=None):
    """Return a frame, COLUMNS, of what is neither a mean difference at a visit, nor a share, nor a slope.

    populations: name -> function(people) giving True where a patient belongs, each with every truth; default: those of
    true_effects, with the truths of some patients only where they are ratios or restricted means.
    """
    patients, seed = patients or min(settings.truth_patients, MOST), settings.truth_seed if seed is None else seed
    crowd, chosen = draw_crowd(settings, patients, seed, people), populations or groups(settings)
    belongs = {name: np.asarray(test(crowd.people), bool) for name, test in chosen.items()}
    found = []
    for statistics in ALL:
        for one in statistics(crowd):
            wide = populations is not None or one.measure in BY_POPULATION
            found += [one.row(name, inside) for name, inside in belongs.items() if wide or name == "all"]
    rows = [row for row in found if row is not None]
    if settings.rated:
        rows += [row for one in reaching(settings, seed) if (row := one.row("all", one.about)) is not None]
    return pd.DataFrame(rows, columns=COLUMNS)


def reaching(settings, seed):
    """Yield the hazard ratio, by pain at baseline, of reaching its responder threshold by a further session.

    From one trial of TREATED patients, as they leave it: what was felt before a session is the result of those before.
    """
    sites = settings.changed(patients=TREATED, therapists_per_site=TREATED // settings.sites // 20)
    trial = run_trial(sites, seed)
    rule, pain = codebook().instruments["NRS"].responder, settings.measures[0]
    log = session_rows(trial)
    row = log["id"].str.removeprefix("MMT-").astype(int).to_numpy() - 1
    step, start = log["session"].to_numpy() - 1, trial.values[row, 0, 0]
    hit = reached(pain, log["pain_before"].to_numpy(float), start, rule.rule, getattr(rule, rule.rule))
    frame = pd.DataFrame({"row": row, "step": step, "start": start, "hit": hit})[step >= 1]
    earlier = frame.groupby("row")["hit"].cumsum() - frame["hit"]
    frame = frame[earlier == 0]
    for arm in (name for name, group in settings.arms.items() if group.treated):
        def value(rows):
            here = frame[frame["row"].isin(rows)]
            return hazard_ratio(*(here[name].to_numpy(float) for name in ("hit", "step", "start")))

        yield Statistic("hazard-ratio", pain.instrument, None, arm, None, "by its baseline, sessions", trial.arm == arm,
                        value)
