"""Standard errors of a maximum likelihood fit when patients share a therapist: CR2 and its degrees of freedom.

`clusters.py` does this for least squares. Here the same is written in what every likelihood has, the rows' scores and
their information; for least squares both give the same numbers. Kauermann and Carroll 2001, J Am Stat Assoc 96:1387
(the correction); Bell and McCaffrey 2002, Survey Methodology 28:169 (degrees of freedom).
"""

import numpy as np

TINY = 1e-8  # an eigenvalue of I - M below this is a direction the cluster alone determines


def cluster_sums(scores, informations, labels):
    """Return (scores (G, p), information (G, p, p)) summed by cluster; informations: rows -> (p, p), a function."""
    groups = [labels == label for label in np.unique(labels)]
    return np.array([scores[rows].sum(axis=0) for rows in groups]), np.array([informations(rows) for rows in groups])


def score_cr2(sums, informations, weights, shift, shared):
    """Return (variance, df) of the combination `weights` (p,) of the parameters.

    sums (G, p), informations (G, p, p)  of the clusters, as `cluster_sums` gives them
    shift (p,)  the direction in parameters in which a therapist moves all of a cluster's patients (the intercept's)
    shared      the variance of that movement between therapists, for the degrees of freedom only (`shared_variance`)
    """
    bread = np.linalg.inv(informations.sum(axis=0))
    values, vectors = np.linalg.eigh(bread)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    pulls = np.array(
        [root @ _root_inverse(np.eye(len(bread)) - root @ info @ root) @ root @ weights for info in informations]
    )
    variance = float(np.sum(np.einsum("gp,gp->g", pulls, sums) ** 2))
    return variance, _satterthwaite(pulls, informations, bread, shift, shared)


def shared_variance(residuals, spreads, labels):
    """Return the variance between therapists by moments, not below 0; rows' scores and information along the shift."""
    groups = [labels == label for label in np.unique(labels)]
    found = sum(residuals[rows].sum() ** 2 - np.sum(residuals[rows] ** 2) for rows in groups)
    expected = sum(spreads[rows].sum() ** 2 - np.sum(spreads[rows] ** 2) for rows in groups)
    return max(float(found / expected), 0.0) if expected > 0 else 0.0


def _satterthwaite(pulls, informations, bread, shift, shared):
    """trace(P)^2 / trace(P P), P the covariance of the clusters' parts under the working model."""
    moves = informations @ shift
    own = np.einsum("gpq,gq->gp", informations, pulls)
    working = own + shared * moves * np.einsum("gp,gp->g", moves, pulls)[:, None]
    total = informations.sum(axis=0) + shared * moves.T @ moves
    crossed = working @ bread @ own.T
    parts = np.diag(np.einsum("gp,gp->g", pulls, working)) - crossed - crossed.T
    parts += own @ bread @ total @ bread @ own.T
    return float(np.trace(parts) ** 2 / np.sum(parts**2))


def _root_inverse(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.where(values > TINY, 1 / np.sqrt(np.clip(values, TINY, None)), 0.0)) @ vectors.T
