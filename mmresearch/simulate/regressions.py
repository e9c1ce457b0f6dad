"""What a regression tends to in a large population: odds and hazard ratios, and products of slopes, by numpy alone.

They share no code with the methods they are held against.
"""

import numpy as np
from scipy import optimize, special


def proportional_odds(codes, columns):
    """Return the log odds ratios (p,) of a higher grade: codes (n,) 0..K-1, columns (n, p), by maximum likelihood."""
    grades, many = int(codes.max()) + 1, columns.shape[1]
    shares = np.array([(codes >= grade).mean() for grade in range(1, grades)])
    start = np.concatenate([special.logit(np.clip(shares, 1e-6, 1 - 1e-6)), np.zeros(many)])

    def loss(parameters):
        cuts, slope = parameters[:grades - 1], parameters[grades - 1:]
        line = columns @ slope
        row, ends = np.arange(len(codes)), (np.ones(len(codes)), np.zeros(len(codes)))
        above = np.column_stack([ends[0], special.expit(cuts[None, :] + line[:, None]), ends[1]])
        chance = np.maximum(above[row, codes] - above[row, codes + 1], 1e-12)
        bend = above * (1 - above)
        gradient = np.zeros((len(codes), grades + 1))
        gradient[row, codes] += bend[row, codes] / chance
        gradient[row, codes + 1] -= bend[row, codes + 1] / chance
        by_cut = gradient[:, 1:grades].sum(axis=0)
        return -np.log(chance).sum() / len(codes), -np.concatenate(
            [by_cut, columns.T @ gradient.sum(axis=1)]) / len(codes)

    return optimize.minimize(loss, start, jac=True, method="BFGS").x[grades - 1:]


def hazard_ratio(reached, step, value):
    """Return the ratio of hazards for one unit more of `value`: complementary log-log, a free hazard a step.

    reached (n,) 0 or 1, step (n,) and value (n,), a row a patient and step at risk. Newton's method on the likelihood.
    """
    steps, place = np.unique(step, return_inverse=True)
    columns = np.column_stack([place[:, None] == np.arange(len(steps)), value - value.mean()]).astype(float)
    share = np.clip(np.bincount(place, reached) / np.bincount(place), 1e-4, 1 - 1e-4)
    beta = np.append(np.log(-np.log(1 - share)), 0.0)
    for _ in range(30):
        rate = np.exp(np.clip(columns @ beta, -30, 5))
        chance = np.clip(-np.expm1(-rate), 1e-12, 1 - 1e-12)
        slope = rate * np.exp(-rate)
        weight = slope**2 / (chance * (1 - chance))
        move = np.linalg.solve(columns.T @ (columns * weight[:, None]),
                               columns.T @ (slope * (reached - chance) / (chance * (1 - chance))))
        beta = beta + move
        if np.abs(move).max() < 1e-9:
            break
    return float(np.exp(beta[-1]))


def split(arm, mediator, outcome, others):
    """Return (indirect, direct): mediator on arm, outcome on arm and mediator, both on `others` (n, q)."""
    base = np.column_stack([np.ones(len(arm)), arm, others])
    on_mediator = np.linalg.lstsq(base, mediator, rcond=None)[0]
    on_outcome = np.linalg.lstsq(np.column_stack([base, mediator]), outcome, rcond=None)[0]
    return float(on_mediator[1] * on_outcome[-1]), float(on_outcome[1])
