"""Standard errors when patients share a therapist: bias-reduced linearisation (CR2), Satterthwaite degrees of freedom.

Bell and McCaffrey 2002, Survey Methodology 28:169 (the variance, unbiased when errors are independent);
Imbens and Kolesar 2016, Rev Econ Stat 98:701 (degrees of freedom under a working model in which patients of one
therapist are correlated, as the residuals say; without that they come out too large where few therapists treat many).
"""

import numpy as np

TINY = 1e-8  # an eigenvalue of I - H below this is a direction the cluster alone determines


def cr2(design, residuals, labels, weights):
    """Return (variance, df) of the linear combination `weights` of ordinary least squares coefficients.

    design     array (n, k), full rank; residuals (n,); labels (n,), one a cluster; weights (k,)
    With one row a cluster the variance is HC2 and df are those of Bell and McCaffrey.
    """
    bread = np.linalg.inv(design.T @ design)
    scores, lengths, sums, leverage, totals = _parts(design, residuals, labels, bread, weights)
    own, common = moulton(residuals, labels)
    diagonal = own * lengths + common * sums**2
    low_rank = np.hstack([leverage, sums[:, None] * totals])
    middle = _middle(own, common, bread, totals)
    return float(np.sum(np.square(scores))), _df(diagonal, low_rank, middle)


def influence(design, labels, weights):
    """Return (n,) what each residual counts for in its cluster's score: CR2's variance is the sum of squared scores.

    design (n, k), full rank; labels (n,); weights (k,). A cluster's score is the sum of influence times residual.
    """
    bread, counts = np.linalg.inv(design.T @ design), np.empty(len(design))
    for label in np.unique(labels):
        rows = design[labels == label]
        counts[labels == label] = _root_inverse(np.eye(len(rows)) - rows @ bread @ rows.T) @ (rows @ (bread @ weights))
    return counts


def _middle(own, common, bread, totals):
    """Return M of the working covariance of the clusters' scores, diag(d) + P M P' with P = [leverage, sums x totals].

    It is own (diag(lengths) - L B L') + common (diag(s) - T B L')' (diag(s) - T B L'), never made: it is clusters wide.
    """
    inner = common * bread @ totals.T @ totals @ bread - own * bread
    return np.block([[inner, -common * bread], [-common * bread, np.zeros_like(bread)]])


def _df(diagonal, low_rank, middle):
    """Satterthwaite: squared trace over the trace of the square."""
    shared_part = middle @ (low_rank.T @ low_rank)
    along = np.einsum("ij,jk,ik->i", low_rank, middle, low_rank)
    trace = np.sum(diagonal) + np.trace(shared_part)
    squares = np.sum(diagonal**2) + 2 * np.sum(diagonal * along) + np.trace(shared_part @ shared_part)
    return float(trace**2 / squares)


def _parts(design, residuals, labels, bread, weights):
    """Stack the parts of all clusters: those of one row at once, the others one by one."""
    _, places, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    alone = sizes[places] == 1
    parts = [
        [np.array([part]) for part in _cluster(design[places == each], residuals[places == each], bread, weights)]
        for each in np.flatnonzero(sizes > 1)
    ]
    parts.append(_single_rows(design[alone], residuals[alone], bread, weights))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _single_rows(rows, residuals, bread, weights):
    """The parts of clusters of one row each, a row a cluster: HC2."""
    left = 1 - np.einsum("ij,jk,ik->i", rows, bread, rows)
    adjusted = np.where(left > TINY, 1 / np.sqrt(np.clip(left, TINY, None)), 0.0) * (rows @ (bread @ weights))
    return adjusted * residuals, adjusted**2, adjusted, rows * adjusted[:, None], rows


def _cluster(rows, residuals, bread, weights):
    """One cluster's part: its score, and what the degrees of freedom need of it."""
    adjusted = _root_inverse(np.eye(len(rows)) - rows @ bread @ rows.T) @ (rows @ (bread @ weights))
    return adjusted @ residuals, adjusted @ adjusted, adjusted.sum(), rows.T @ adjusted, rows.sum(axis=0)


def _root_inverse(matrix):
    values, vectors = np.linalg.eigh(matrix)
    roots = np.where(values > TINY, 1 / np.sqrt(np.clip(values, TINY, None)), 0.0)
    return (vectors * roots) @ vectors.T


def moulton(residuals, labels):
    """Return (own variance, variance shared within a cluster) by the method of moments, neither below 0.

    Where everything is shared or no cluster has two rows, one of them is 0. Both 0 leave no working model: then 1, 0.
    """
    _, places, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    squares, pairs = float(residuals @ residuals), float(np.sum(sizes**2) - len(labels))
    sums = np.bincount(places, weights=residuals)
    common = max((float(sums @ sums) - squares) / pairs, 0.0) if pairs else 0.0
    own = max(squares / len(labels) - common, 0.0)
    return (own, common) if own or common else (1.0, 0.0)


def therapist_labels(therapists):
    """Return one cluster label a patient: the therapist's, or the patient's own where no therapist treats."""
    codes = therapists.astype("object").where(therapists.notna(), None)
    known = {name: number for number, name in enumerate(dict.fromkeys(name for name in codes if name is not None))}
    own = iter(range(len(known), len(known) + len(codes)))
    return np.array([known[name] if name is not None else next(own) for name in codes])


def ignoring(therapists, how=""):
    """Return what stands behind the name of an analysis that takes patients of one therapist as independent.

    Empty where no two share one. how: where it does so, if not everywhere.
    """
    return f", therapists ignored{how}" if shared(therapists) else ""


def shared(therapists):
    """True when two patients have the same therapist: then their outcomes are not independent."""
    return bool(therapists.dropna().duplicated().any())
