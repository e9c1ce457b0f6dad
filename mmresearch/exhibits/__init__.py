"""Tables and figures from counted records, as self-contained HTML: the same in JupyterLab and on a page.

Every function returns an Exhibit and begins with `show_`. Markup is escaped by construction (markup.py).
"""

from mmresearch.exhibits.calibration import show_calibration
from mmresearch.exhibits.course import show_course
from mmresearch.exhibits.estimates import show_assumptions, show_estimate, show_robustness
from mmresearch.exhibits.forest import show_forest
from mmresearch.exhibits.literature import show_literature, show_readings, tell_readings
from mmresearch.exhibits.people import show_dropouts, show_flow, show_missing, show_outline, show_table_one
from mmresearch.exhibits.record import Exhibit, exhibit_style
from mmresearch.exhibits.registration import show_citations, show_quotes, show_registration
from mmresearch.exhibits.verdicts import (
    by_claim,
    count_verdicts,
    show_contradictions,
    show_counts,
    show_legend,
    show_verdicts,
    split_verdicts,
    summarise_verdicts,
)
from mmresearch.exhibits.waiting import show_waiting
from mmresearch.exhibits.words import badge

__all__ = [
    "Exhibit", "badge", "by_claim", "count_verdicts", "exhibit_style", "show_assumptions",
    "show_calibration", "show_citations", "show_contradictions", "show_counts", "show_course", "show_dropouts",
    "show_estimate", "show_flow", "show_forest", "show_legend", "show_literature", "show_missing", "show_outline",
    "show_quotes", "show_readings", "show_registration", "show_robustness", "show_table_one", "show_verdicts",
    "show_waiting", "split_verdicts", "summarise_verdicts", "tell_readings",
]
