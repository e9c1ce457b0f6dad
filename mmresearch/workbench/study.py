"""What arrived: one exhibit a method, from counts alone."""

from mmresearch import describe, exhibits
from mmresearch.workbench.opening import read
from mmresearch.workbench.shown import Shown, note


class StudyPage:
    """A study to look at before any claim is asked. Made by `open_study`; prints as counts."""

    def __init__(self, dataset):
        self._description = describe.describe_study(dataset)
        self._words = repr(dataset)

    def __repr__(self):
        return self._words

    def outline(self):
        """What the study is: design, arms, visits, and what was read and left unread."""
        return exhibits.show_outline(self._description.outline)

    def table_one(self):
        """Who took part, by arm."""
        return exhibits.show_table_one(self._description.table_one)

    def flow(self):
        """From allocation to each visit, by arm."""
        return exhibits.show_flow(self._description.flow)

    def missing(self):
        """Which values are missing, by instrument, visit and arm."""
        return exhibits.show_missing(self._description.missing)

    def dropouts(self):
        """Those observed at the primary visit beside those who were not."""
        if self._description.dropouts is None:
            return note("dropouts", "Did those who left differ?",
                        "No instrument was measured both at baseline and at the primary visit.")
        return exhibits.show_dropouts(self._description.dropouts)

    def courses(self):
        """Means over time by arm, one figure an instrument."""
        if not self._description.courses:
            return note("courses", "Outcomes over time", "No instrument was measured at a planned visit.")
        return Shown(tuple(exhibits.show_course(course) for course in self._description.courses))


def open_study(study):
    """Return the StudyPage of the study in folder `study`. Raises DataError with everything that is wrong."""
    return StudyPage(read(study))
