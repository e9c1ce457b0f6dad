"""A standardised effect put back on the points of an instrument whose SD is known."""

from mmresearch.evidence.wording import number


def put_back(row, instrument, sd):
    """Return (point, low, high) of a standardised PublishedEffect on an Instrument's points, with its sign.

    sd: of patients on the instrument, in its unit, taken as known (Cochrane Handbook, 15.5.3.2).
    """
    factor = sd if row.benefit_direction == instrument.better else -sd
    point, *rest = (factor * end for end in (row.effect, row.low, row.high))
    return point, min(rest), max(rest)


def tell_points(row, instrument, sd, source):
    """Return the sentence that puts a standardised effect on points. source: where the SD stands."""
    point, low, high = put_back(row, instrument, sd)
    digits = 2 if high - low < 1 else 1
    ends = f"{number(point, digits)} ({number(low, digits)} to {number(high, digits)}) {instrument.unit}"
    return (f"Put back on {instrument.id} ({instrument.name}): {ends}, with an SD of {sd:.3g} {instrument.unit} taken "
            f"as known: {source}.")
