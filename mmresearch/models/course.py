"""Method `course`: from which session on, how many sessions, and for whom. One file a measure.

mean-difference  is there relief by the session the claim names, and from which on                  course_relief
slope            what each further session adds, of the number that chance gave                     course_doses
hazard-ratio     who needs more sessions to reach the responder threshold                           course_reaching
"""

from mmresearch.estimate import Lack
from mmresearch.models.course_doses import fit_doses, gather_doses
from mmresearch.models.course_reaching import fit_reaching, gather_course
from mmresearch.models.course_relief import fit_relief, place_judged
from mmresearch.models.question import ask

FITS = {"mean-difference": fit_relief, "slope": fit_doses, "hazard-ratio": fit_reaching}
GATHERS = {"mean-difference": place_judged, "slope": gather_doses, "hazard-ratio": gather_course}


def fit(claim, dataset):
    """Return the Estimate of the claim's measure along a course of sessions, or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    return FITS[question.analysis.measure](question, dataset)


def lacking(question, dataset):
    """Return the Lack that keeps a Question about a course from being answered, or None."""
    found = GATHERS[question.analysis.measure](question, dataset)
    return found if isinstance(found, Lack) else None
