"""How strongly an unmeasured common cause would have to tie mediator and outcome to undo what was found."""

import numpy as np
from scipy import optimize

from mmresearch.estimate import Derived
from mmresearch.models.indirect import Bootstrap, Product
from mmresearch.models.inference import Contrast


def hidden_causes(found):
    """Return Derived correlations (Imai, Keele and Yamamoto's rho) at which the effect, or its interval, reaches 0.

    found: what `mediation` found: paths, resampled or product, level.
    """
    link = float(found.paths.link[0])
    one, other = found.mediator.id, found.question.instrument.id
    text = f"Unmeasured reasons that correlate {one} and {other} by {link:.2f} would explain all of it away."
    lines = [Derived("rho-no-effect", link, None, None, "correlation", text)]
    low, high = found.indirect.interval(found.level)
    if low > 0 or high < 0:
        edge = _edge(found, link)
        text = f"The interval of the indirect effect leaves out 0 until that correlation is {edge:.2f}."
        lines.append(Derived("rho-interval-reaches-0", edge, None, None, "correlation", text))
    return tuple(lines)


def _edge(found, link):
    """The rho between 0 and `link` at which p of no indirect effect is alpha."""

    def left(rho):
        return _under(found, rho).p_value() - (1 - found.level)

    most = link * (1 - 1e-6)
    return 0.0 if left(0.0) >= 0 else float(optimize.brentq(left, 0.0, most, xtol=1e-3)) if left(most) > 0 else most


def _under(found, rho):
    """The indirect effect's distribution if errors correlate by rho."""
    if found.resampled is not None:
        return Bootstrap(found.resampled.indirect_if(rho), found.indirect.n, found.indirect.df)
    whole, second = found.paths, found.product.second
    lost = float((rho * whole.outcome_sd / whole.mediator_sd * np.sqrt((1 - whole.link**2) / (1 - rho**2)))[0])
    return Product(found.product.first, Contrast(second.point - lost, second.standard_error, second.df))
