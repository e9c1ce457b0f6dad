"""Covariances of a patient's visits: Sigma(theta), its first and second derivatives, and theta to start from.

`us` is linear in its entries. The others follow R mmrm's parametrisation: log standard deviations, then correlations
rho = t / sqrt(1 + t^2), but for compound symmetry rho = -a + (1 + a) / (1 + exp(-t)), a = 1 / (T - 1). Second
derivatives are taken from the analytic first ones by complex step, exact to rounding.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

NAMES = {
    "us": "unstructured",
    "toeph": "heterogeneous Toeplitz",
    "ar1h": "heterogeneous AR(1)",
    "csh": "heterogeneous compound symmetry",
    "toep": "Toeplitz",
    "ar1": "AR(1)",
    "cs": "compound symmetry",
    "adh": "heterogeneous antedependence",
    "ad": "antedependence",
    "ri": "random intercept",
    "ris": "random intercept and slope",
}
FALLBACK = ("toeph", "ar1h", "csh", "ar1", "cs")
STEP = 1e-30  # complex step: no subtraction, so it may be as small as one likes


@dataclass(frozen=True, eq=False)
class Structure:
    """One patient's covariance over T visits. times (T,) are the visits' times, for `ris` only."""

    code: str
    T: int
    times: tuple = ()

    @property
    def heterogeneous(self):
        return self.code in ("toeph", "ar1h", "csh", "adh")

    @property
    def linear(self):
        return self.code in ("us", "ri", "ris")

    @property
    def size(self):
        T, correlations = self.T, self._correlations()
        fixed = {"us": T * (T + 1) // 2, "ri": 2, "ris": 4}
        return fixed.get(self.code, (T if self.heterogeneous else 1) + correlations)

    def _correlations(self):
        if self.T == 1:
            return 0
        return self.T - 1 if self.code in ("toeph", "toep", "adh", "ad") else 1

    @cached_property
    def basis(self):
        """(k, T, T): the derivatives of a linear structure."""
        T = self.T
        if self.code == "us":
            out = np.zeros((self.size, T, T))
            a, b = np.tril_indices(T)
            out[np.arange(self.size), a, b] = out[np.arange(self.size), b, a] = 1.0
            return out
        one, time = np.ones(T), np.asarray(self.times or range(T), dtype=float)
        if self.code == "ri":
            return np.array([np.outer(one, one), np.eye(T)])
        cross = np.outer(one, time)
        return np.array([np.outer(one, one), cross + cross.T, np.outer(time, time), np.eye(T)])

    def sigma(self, theta):
        """(T, T); theta real or complex."""
        if self.linear:
            return np.tensordot(theta, self.basis, axes=1)
        deviations, rho = self._split(theta)
        return np.outer(deviations, deviations) * self._correlation(rho)

    def slopes(self, theta):
        """(k, T, T): first derivatives; theta real or complex."""
        if self.linear:
            return self.basis
        deviations, rho = self._split(theta)
        corr = self._correlation(rho)
        whole = np.outer(deviations, deviations)
        sigma, spreads = whole * corr, len(theta) - len(rho)
        out = np.empty((len(theta), self.T, self.T), dtype=sigma.dtype)
        if self.heterogeneous:
            for a in range(self.T):
                hit = np.zeros(self.T)
                hit[a] = 1.0
                out[a] = sigma * (hit[:, None] + hit[None, :])
        else:
            out[0] = 2 * sigma
        bend = self._link(theta[spreads:])[1]
        for at, slope in enumerate(self._correlation_slopes(rho)):
            out[spreads + at] = whole * slope * bend[at]
        return out

    def bends(self, theta):
        """(k, k, T, T): second derivatives; None for a linear structure."""
        if self.linear:
            return None
        out = np.empty((len(theta), len(theta), self.T, self.T))
        for at in range(len(theta)):
            moved = theta.astype(complex)
            moved[at] += 1j * STEP
            out[at] = self.slopes(moved).imag / STEP
        return out

    def _split(self, theta):
        spreads = self.T if self.heterogeneous else 1
        deviations = np.exp(theta[:spreads]) * np.ones(self.T)
        return deviations, self._link(theta[spreads:])[0]

    def _link(self, t):
        """Return (rho, d rho / d t)."""
        if self.code not in ("cs", "csh") or self.T == 1:
            return t / np.sqrt(1 + t**2), (1 + t**2) ** -1.5
        a, share = 1 / (self.T - 1), 1 / (1 + np.exp(-t))
        return (1 + a) * share - a, (1 + a) * share * (1 - share)

    def unlink(self, rho):
        """Return t with rho = link(t)."""
        if self.code not in ("cs", "csh") or self.T == 1:
            return rho / np.sqrt(1 - rho**2)
        a = 1 / (self.T - 1)
        share = (rho + a) / (1 + a)
        return np.log(share / (1 - share))

    def _lags(self):
        return np.abs(np.subtract.outer(np.arange(self.T), np.arange(self.T)))

    def _powers(self, rho):
        return np.cumprod(np.append(1.0, np.repeat(rho, self.T - 1)))  # not rho ** lags: complex, and rho may be 0

    def _correlation(self, rho):
        lags = self._lags()
        kind = self.code.removesuffix("h")
        if self.T == 1:
            return np.ones((1, 1))
        if kind == "ar1":
            return self._powers(rho[0])[lags]
        if kind == "cs":
            return np.where(lags == 0, 1.0, rho[0])
        if kind == "toep":
            return np.append(1.0, rho)[lags]
        a, b = np.indices(lags.shape)  # antedependence: the product of the steps between two visits
        return self._products(rho, np.minimum(a, b), np.maximum(a, b))

    def _products(self, rho, low, high, without=None):
        out = np.ones(low.shape, dtype=rho.dtype)
        for step in range(len(rho)):
            inside = (low <= step) & (step < high)
            out = np.where(inside, out * (1.0 if step == without else rho[step]), out)
        return out if without is None else np.where((low <= without) & (without < high), out, 0.0)

    def _correlation_slopes(self, rho):
        lags, kind = self._lags(), self.code.removesuffix("h")
        if self.T == 1:
            return []
        if kind == "ar1":
            return [lags * self._powers(rho[0])[np.maximum(lags - 1, 0)]]
        if kind == "cs":
            return [np.where(lags == 0, 0.0, 1.0)]
        if kind == "toep":
            return [np.where(lags == at + 1, 1.0, 0.0) for at in range(len(rho))]
        a, b = np.indices(lags.shape)
        low, high = np.minimum(a, b), np.maximum(a, b)
        return [self._products(rho, low, high, without=step) for step in range(len(rho))]


@dataclass(frozen=True, eq=False)
class Covariance:
    """A structure for each covariance group (one group, or one an arm), the parameters one after the other."""

    structure: Structure
    groups: int = 1

    @property
    def size(self):
        return self.structure.size * self.groups

    def _parts(self, theta):
        return np.reshape(theta, (self.groups, -1))

    def sigma(self, theta):
        """(H, T, T)."""
        return np.array([self.structure.sigma(part) for part in self._parts(theta)])

    def slopes(self, theta):
        """(k, H, T, T): zero in the groups a parameter does not belong to."""
        if self.structure.linear:
            return self._linear
        return self._spread([self.structure.slopes(part) for part in self._parts(theta)])

    @cached_property
    def _linear(self):
        return self._spread([self.structure.basis] * self.groups)

    def bends(self, theta):
        """(k, k, H, T, T), or None where all are zero."""
        if self.structure.linear:
            return None
        return self._spread(
            [self._spread_second(h, self.structure.bends(part)) for h, part in enumerate(self._parts(theta))]
        )

    def _spread_second(self, h, bends):
        k, size = len(bends), self.size
        out = np.zeros((k, size, *bends.shape[2:]))
        out[:, h * k : (h + 1) * k] = bends
        return out

    def _spread(self, parts):
        k = len(parts[0])
        out = np.zeros((k * self.groups, *parts[0].shape[1:-2], self.groups, *parts[0].shape[-2:]))
        for h, part in enumerate(parts):
            out[h * k : (h + 1) * k, ..., h, :, :] = part
        return out

    def near(self, sigmas):
        """Return theta whose Sigma is close to the given ones (H, T, T)."""
        from mmresearch.models.mmrm.starting import nearest_theta

        return np.concatenate([nearest_theta(self.structure, sigma) for sigma in sigmas])
