"""Times until something happens: when it would under each arm, and what of it the study sees."""

import numpy as np

from mmresearch.simulate.chance import stream

ENDINGS = ("censored", "event", "competing")
NEVER = 1e9


def times_in(wait, arm, chance):
    """Return (n,) days until it happens in `arm`: Weibull, with `chance` (n,) the share of patients not yet there."""
    return wait.medians[arm] * (-np.log(chance) / np.log(2)) ** (1 / wait.shape)


def forestalled_in(wait, chance):
    """Return (n,) days until something else makes it impossible: exponential, the same in every arm."""
    return -np.log(chance) / wait.forestalled if wait.forestalled else np.full(len(chance), NEVER)


def seen_times(trial, wait):
    """Return (days (n,), ending (n,)) of every patient in the arm they were in: whole days from 1 on."""
    random, n = trial.stream(f"wait {wait.instrument}"), len(trial.cohort)
    happens, other, leaves = random.random((3, n))
    day = np.empty(n)
    for name in trial.settings.arms:
        here = trial.arm == name
        day[here] = times_in(wait, name, happens[here])
    stop = np.where(leaves < wait.lost, wait.follow_up * leaves / max(wait.lost, 1e-9), wait.follow_up)
    all_three = np.column_stack([stop, day, forestalled_in(wait, other)])
    first = all_three.argmin(axis=1)
    return np.maximum(np.ceil(all_three.min(axis=1)), 1).astype(int), np.array(ENDINGS)[first]


def chances(seed, patients):
    """Return (2, patients) uniforms behind a large population's times: it happens, something else does."""
    return stream(seed, "truth waits").random((2, patients))
