"""What a plan assumes where nobody says otherwise: each number with where it comes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumption:
    """One number a plan rests on. text: it as a reader reads it; source: where it comes from."""

    name: str
    value: float
    text: str
    source: str


DROPOUT = Assumption("Drop-out", 0.10, "10%", "22 of 222 did not complete the trial of E059 (Perlman 2019)")
ICC = Assumption(
    "Correlation within therapists", 0.05, "0.05",
    "customary in primary care; a trial of physiotherapists saw one close to zero and planned with 0.01 (Patel S "
    "et al. BMC Musculoskelet Disord 2013;14:158)")
PER_THERAPIST = Assumption("Patients per therapist", 10, "10",
                           "27 therapists treated 268 patients in the trial of E001 (Cherkin 2011)")
CORRELATION = Assumption(
    "Correlation of baseline and follow-up", 0.5, "0.5",
    "about the middle of what 20 trials found; of back pain it was half that (Walters SJ et al. Trials 2019;20:566, "
    "Table 5). The analysis adjusts for baseline")
SHARE = Assumption("Responders in the other arm", 0.5, "50%",
                   "nothing known: near one half shares vary most, so that a given difference of shares asks for "
                   "the most patients")
DEFAULTS = {"dropout": DROPOUT.value, "icc": ICC.value, "per_therapist": PER_THERAPIST.value,
            "correlation": CORRELATION.value, "share": SHARE.value}


def amount(value, unit, digits=3):
    """Return `1.61 points`, and of one alone `1 point`."""
    text = f"{value:.{digits}g}"
    return f"{text} {unit.replace('points', 'point') if text == '1' else unit}".strip()


def choose(default, given, show="{:g}", factor=1):
    """Return the default Assumption where nothing else was given, or one that says the number was."""
    if given in (None, default.value):
        return default
    return Assumption(default.name, given, show.format(factor * given), "as given")
