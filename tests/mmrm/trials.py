"""Invented trials for the mixed model's tests, and the same model written out with dense matrices."""

import numpy as np
import pandas as pd


def trial(n=60, T=4, seed=1, missing=0.2, effect=0.0, arms=("usual", "massage"), level=5.0, spread=2.0):
    """Return a long table: id, visit, arm, y, baseline, age, sex; the first visit is always seen."""
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % len(arms)
    baseline = rng.normal(6, 1.5, n)
    root = np.linalg.cholesky(
        spread**2
        * 0.6 ** np.abs(np.subtract.outer(range(T), range(T)))
        * np.outer(np.linspace(1, 1.4, T), np.linspace(1, 1.4, T))
    )
    y = level + 0.5 * baseline[:, None] + effect * arm[:, None] + rng.normal(size=(n, T)) @ root.T
    age, sex = rng.normal(45, 12, n), rng.choice(["f", "m", "x"], n)
    seen = rng.random((n, T)) >= missing
    seen[:, 0] = True
    i, a = np.nonzero(seen)
    return pd.DataFrame(
        {
            "id": i,
            "visit": a,
            "arm": np.array(arms)[arm[i]],
            "y": y[i, a],
            "baseline": baseline[i],
            "age": age[i],
            "sex": sex[i],
        }
    )


SETTINGS = dict(
    outcome="y",
    patient="id",
    visit="visit",
    arm="arm",
    reference="usual",
    baseline="baseline",
    covariates=("age", "sex"),
)


class Dense:
    """y = X b + e with V whole: what the sums must agree with. Columns as the frame door's coefficients, uncentred."""

    def __init__(self, y, X, V):
        self.y, self.X, self.V = y, X, V
        self.inverse = np.linalg.inv(V)
        self.phi = np.linalg.inv(X.T @ self.inverse @ X)
        self.beta = self.phi @ X.T @ self.inverse @ y
        self.residual = y - X @ self.beta

    def deviance(self, reml=True):
        N, p = self.X.shape
        value = np.linalg.slogdet(self.V)[1] + self.residual @ self.inverse @ self.residual
        if not reml:
            return value + N * np.log(2 * np.pi)
        return value - np.linalg.slogdet(self.phi)[1] + (N - p) * np.log(2 * np.pi)

    def cr2(self, clusters, row):
        """Return (standard error, df) of row @ beta by Bell and McCaffrey's formulas, clusters one by one."""
        projector = np.eye(len(self.y)) - self.X @ self.phi @ self.X.T @ self.inverse
        total, vectors = 0.0, []
        for label in np.unique(clusters):
            at = clusters == label
            W, X = self.inverse[np.ix_(at, at)], self.X[at]
            half = np.linalg.cholesky(W)
            inner = np.eye(at.sum()) - half.T @ X @ self.phi @ X.T @ half
            values, turn = np.linalg.eigh(inner)
            root = turn * np.where(values > 1e-10, values, np.inf) ** -0.5 @ turn.T
            weight = row @ self.phi @ X.T @ half @ root @ half.T
            total += (weight @ self.residual[at]) ** 2
            vectors.append(weight @ projector[at])
        G = np.array(vectors) @ self.V @ np.array(vectors).T
        return np.sqrt(total), np.trace(G) ** 2 / (G**2).sum()


def visits_covariance(sigma, patient, visit, group=None, weights=None):
    """Return V (N, N) of rows: sigma (H, T, T) within patients, 0 between them."""
    group = np.zeros(len(patient), dtype=int) if group is None else group
    same = patient[:, None] == patient[None, :]
    V = np.where(same, sigma[group[:, None], visit[:, None], visit[None, :]], 0.0)
    return V if weights is None else V / np.sqrt(np.outer(weights, weights))
