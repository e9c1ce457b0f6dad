"""Solving for the therapists' variance: second derivatives, and Newton steps that keep it at or above 0."""

from dataclasses import replace

import numpy as np

from mmresearch.models.mmrm.likelihood import NotPositive, Point
from mmresearch.models.mmrm.therapists import Nest, NestedPoint

START = 0.05  # share of the mean variance at which the therapists' variance starts


def second_derivatives(point):
    """Return (A_mn (k + 1, k + 1, q, q), L_mn (k + 1, k + 1)) of a NestedPoint; t is the last parameter."""
    e1, b1 = point._first
    e2, b2 = _second_of_sums(point)
    A0, L0 = _second_of_base(point)
    d, h, b, e, t = point.d, point.h, point.b, point.e, point.t
    k = e1.shape[1]
    d1 = np.concatenate([-(d[:, None] ** 2) * e1, h[:, None]], axis=1)
    d2 = np.empty((len(d), k + 1, k + 1))
    d2[:, :k, :k] = 2 * d[:, None, None] ** 3 * e1[:, :, None] * e1[:, None, :] - d[:, None, None] ** 2 * e2
    d2[:, :k, k] = d2[:, k, :k] = -2 * (d * h)[:, None] * e1
    d2[:, k, k] = -2 * e * h / (1 + t * e)
    B1 = np.concatenate([b1, np.zeros((len(d), 1, b.shape[1]))], axis=1)
    J, q = b.shape
    pairs = (b[:, :, None] * b[:, None, :]).reshape(J, q * q)
    half = (d2.reshape(J, -1).T @ pairs).reshape(k + 1, k + 1, q, q) / 2 + _outer(d[:, None, None] * B1, B1)
    part = _outer(d1[:, :, None] * b[:, None, :], B1)  # d_m b_q B_nr
    half += part.transpose(0, 1, 3, 2) + part.transpose(1, 0, 3, 2)
    half[:k, :k] += ((d[:, None] * b2.reshape(J, -1)).T @ b).reshape(k, k, q, q)
    A2 = -(half + half.transpose(0, 1, 3, 2))
    A2[:k, :k] += A0
    L2 = np.zeros((k + 1, k + 1))
    L2[:k, :k] = L0 + np.einsum("j,jmn->mn", d, e2) - np.einsum("j,jm,jn->mn", d**2, e1, e1)
    L2[:k, k] = L2[k, :k] = h @ e1
    L2[k, k] = -((e / (1 + t * e)) ** 2).sum()
    return A2, L2


def _outer(left, right):
    """Sum over j of left[j, m, q] right[j, n, r] -> (m, n, q, r)."""
    J, m, q = left.shape
    whole = left.reshape(J, -1).T @ right.reshape(J, -1)
    return whole.reshape(m, q, right.shape[1], right.shape[2]).transpose(0, 2, 1, 3)


def _second_of_sums(point):
    """e_kl (J, k, k), b_kl (J, k, k, q)."""
    base, nest = point.base, point.nest
    slopes = base.slopes[:, base.moments.groups]
    inner = np.einsum("kgab,glb->gkla", slopes, point._wv, optimize=True)  # V_k W V_l v
    inner = inner + inner.transpose(0, 2, 1, 3)
    bends = base.covariance.bends(base.theta)
    if bends is not None:
        inner = inner - np.einsum("klgab,gb->gkla", bends[:, :, base.moments.groups], base.W.sum(axis=2))
    turned = (inner @ base.W[:, None])[nest.pattern]
    return (
        nest.gather(nest.counts[:, None, None] * turned.sum(axis=3)),
        nest.gather(np.einsum("ekla,eaq->eklq", turned, nest.z)),
    )


def _second_of_base(point):
    """A0_kl and the second derivatives of log|V0|."""
    base, moments = point.base, point.moments
    slopes = base.slopes[:, moments.groups]
    k = len(slopes)
    bends = base.covariance.bends(base.theta)
    A0 = np.empty((k, k, moments.q, moments.q))
    for m in range(k):
        inner = slopes[m] @ base.W @ slopes[: m + 1]
        inner = inner + inner.transpose(0, 1, 3, 2)
        if bends is not None:
            inner = inner - bends[m, : m + 1][:, moments.groups]
        A0[m, : m + 1] = moments.combine(base.W @ inner @ base.W)
        A0[: m + 1, m] = A0[m, : m + 1]
    L0 = -base.plain
    if bends is not None:
        held = base._by_group(moments.counts[:, None, None] * base.W)
        L0 = L0 + np.einsum("hab,klhab->kl", held, bends)
    return A0, L0


def solve_nested(fit, sums, iterations=60):
    """Return (NestedPoint, Convergence) from a Fit without therapists and their TherapistSums."""
    nest = Nest(sums, fit.moments, fit.statistics)
    edge = NestedPoint(fit.point, nest, 0.0)
    if edge.gradient[-1] >= 0:  # at 0 the deviance rises with t: 0 is the estimate
        return edge, fit.convergence
    spread = np.trace(fit.point.covariance.sigma(fit.point.theta), axis1=1, axis2=2).mean() / fit.moments.T
    point = _at(edge, np.append(edge.theta, START * spread)) or edge
    if point.value > edge.value:
        point = _descended(edge, START * spread) or point
    used = 0
    for used in range(1, iterations + 1):  # noqa: B007  counted, and reported after the loop
        step, decrement = _direction(point)
        moved = _halved(point, step)
        if moved is None:
            break
        point = moved
        if decrement < 1e-9:
            break
    _, decrement = _direction(point)
    values = np.linalg.eigvalsh(point.observed)
    report = replace(
        fit.convergence,
        converged=bool(decrement < 1e-6),
        iterations=fit.convergence.iterations + used,
        decrement=decrement,
        identified=bool(values[0] > 0),
    )
    return point, report


def _at(point, values):
    try:
        return NestedPoint(Point(point.moments, point.covariance, values[:-1], point.reml), point.nest, values[-1])
    except NotPositive:
        return None


def _descended(edge, t):
    """Return the first of halved t at which the deviance is below that at 0."""
    for halving in range(1, 30):
        point = _at(edge, np.append(edge.theta, t * 0.5**halving))
        if point and point.value < edge.value:
            return point
    return None


def _direction(point):
    """Return (step (k + 1,), decrement) among the free parameters; t = 0 stays where the deviance rises with it."""
    free = np.ones(len(point.gradient), dtype=bool)
    free[-1] = point.t > 0 or point.gradient[-1] < 0
    H, g = point.hessian[np.ix_(free, free)], point.gradient[free]
    size = np.sqrt(np.maximum(np.abs(np.diag(H)), 1e-300))
    values, vectors = np.linalg.eigh(H / np.outer(size, size))
    values = np.maximum(np.abs(values), 1e-8)
    along = vectors.T @ (g / size)
    step = np.zeros(len(free))
    step[free] = -(vectors @ (along / values)) / size
    return step, float(along @ (along / values))


def _halved(point, step):
    here = np.append(point.theta, point.t)
    for halving in range(40):
        values = here + step * 0.5**halving
        values[-1] = max(values[-1], 0.0)
        moved = _at(point, values)
        if moved is not None and moved.value <= point.value + 1e-11 * (1 + abs(point.value)):
            return moved
    return None
