"""Plans a trial of a claim: patients per arm for a power, with every assumption and where it comes from."""

from mmresearch.planning.plan import POWERS, Plan, Target, plan_claim
from mmresearch.planning.power import Design, count_patients, find_power
from mmresearch.planning.spreads import Spread, find_spread

__all__ = ["POWERS", "Design", "Plan", "Spread", "Target", "count_patients", "find_power", "find_spread", "plan_claim"]
