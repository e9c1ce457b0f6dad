"""Table 1, flow, missing data, means over time by arm: counted records from a Dataset, never rows."""

from mmresearch.describe.follow_up import course, flow, missing, session_course
from mmresearch.describe.outline import describe_study, outline_study
from mmresearch.describe.people import compare_dropouts, observed, table_one
from mmresearch.describe.records import (
    ArmCount,
    Cell,
    Characteristic,
    Course,
    CoursePoint,
    Description,
    DropoutRow,
    Dropouts,
    Flow,
    Missing,
    MissingShare,
    Outline,
    Step,
    TableOne,
    Waiting,
    WaitingPoint,
)
from mmresearch.describe.times import waiting

__all__ = [
    "ArmCount", "Cell", "Characteristic", "Course", "CoursePoint", "Description", "DropoutRow", "Dropouts", "Flow",
    "Missing", "MissingShare", "Outline", "Step", "TableOne", "Waiting", "WaitingPoint", "compare_dropouts",
    "course", "describe_study", "flow", "missing", "observed", "outline_study", "session_course", "table_one",
    "waiting",
]
