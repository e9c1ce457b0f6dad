"""Where the solver starts: the moments of ordinary least squares residuals, bent into the structure."""

import numpy as np


def residual_moments(moments, groups):
    """Return (H, T, T) positive definite: mean products of OLS residuals, per covariance group."""
    eye = np.where(moments.seen[:, :, None] & moments.seen[:, None, :], np.eye(moments.T), 0.0)
    A = moments.combine(eye[None])[0]
    beta = np.linalg.solve(A[:-1, :-1], A[:-1, -1])
    c = np.append(-beta, 1.0)
    products = moments.trace(np.outer(c, c))
    both = (moments.seen[:, :, None] & moments.seen[:, None, :]) * moments.counts[:, None, None]
    free = max(moments.N / max(moments.N - len(beta), 1), 1.0)
    out = []
    for h in range(groups):
        at = moments.groups == h
        n = both[at].sum(axis=0)
        mean = np.divide(products[at].sum(axis=0), n, out=np.zeros((moments.T, moments.T)), where=n > 0) * free
        out.append(_positive(mean))
    return np.array(out)


def _positive(matrix, floor=0.02):
    """Return the matrix with correlations shrunk until its smallest eigenvalue is a share of the mean one."""
    spread = np.diag(matrix).copy()
    typical = spread[spread > 0].mean() if (spread > 0).any() else 1.0
    spread = np.where(spread > 1e-8 * typical, spread, typical)
    root = np.sqrt(spread)
    corr = matrix / np.outer(root, root)
    np.fill_diagonal(corr, 1.0)
    lowest = np.linalg.eigvalsh(corr)[0]
    if lowest < floor:
        share = (1 - floor) / (1 - lowest)
        corr = corr * share + np.eye(len(corr)) * (1 - share)
    return corr * np.outer(root, root)


def nearest_theta(structure, sigma):
    """Return theta of one structure near sigma (T, T)."""
    T = structure.T
    if structure.code == "us":
        return sigma[np.tril_indices(T)]
    if structure.code == "us-cholesky":
        half = np.linalg.cholesky(sigma)
        diagonal = np.diag(half)
        return np.concatenate([np.log(diagonal), (half / diagonal[:, None])[np.tril_indices(T, -1)]])
    root = np.sqrt(np.diag(sigma))
    corr = sigma / np.outer(root, root)
    if structure.linear:
        return _linear(structure, sigma, corr)
    spread = np.log(root) if structure.heterogeneous else np.array([np.log(np.mean(root**2)) / 2])
    rho = np.clip(_lag_means(structure, corr), -0.9, 0.95)
    return np.concatenate([spread, structure.unlink(rho)])


def _lag_means(structure, corr):
    T, kind = structure.T, structure.code.removesuffix("h")
    if T == 1:
        return np.array([])
    lags = np.array([np.diagonal(corr, lag).mean() for lag in range(1, T)])
    if kind == "toep":
        return lags * 0.9 ** np.arange(1, T) if _indefinite(lags) else lags
    if kind == "ad":
        return np.diagonal(corr, 1)
    if kind == "ar1":
        return lags[:1]
    return np.array([max(corr[np.triu_indices(T, 1)].mean(), -0.5 / (T - 1))])


def _indefinite(lags):
    T = len(lags) + 1
    whole = np.append(1.0, lags)[np.abs(np.subtract.outer(np.arange(T), np.arange(T)))]
    return np.linalg.eigvalsh(whole)[0] < 0.02


def _linear(structure, sigma, corr):
    T = structure.T
    mean = np.diag(sigma).mean()
    share = float(np.clip(corr[np.triu_indices(T, 1)].mean() if T > 1 else 0.0, 0.05, 0.9))
    if structure.code == "ri":
        return np.array([share * mean, (1 - share) * mean])
    time = np.asarray(structure.times or range(T), dtype=float)
    return np.array([share * mean, 0.0, 0.05 * mean / max((time**2).mean(), 1e-12), (1 - share) * mean])
