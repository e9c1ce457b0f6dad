"""Invented patients: who they are and every chance that will befall them, drawn before any arm is given.

Because all chance is drawn here, the same patient can be followed in every arm: potential outcomes differ only by
what the arm truly does. A study follows each patient in one arm, `truth` follows them in all.
"""

from dataclasses import dataclass, fields

import numpy as np

from mmresearch.simulate.ratings import rate


@dataclass(frozen=True, eq=False)
class Cohort:
    """n patients, T visits, K instruments; arrays hold one row a patient. Prints as counts.

    site, therapist   numbers from 0; `therapist` is whom the patient would meet in a treated arm
    diagnosis         place in settings.diagnoses
    traits            (n, traits) place among the words of each of settings.traits
    age, sex, months, employed   years; 1 = female; duration of complaint; 1 = employed
    noise             (n, T, K) deviations from the instrument's mean, in SDs at baseline
    skill             the therapist's effect, standard normal
    leave, miss, skip uniforms behind drop-out (n, T), missed visits (n, T) and skipped instruments (n, T, K)
    """

    site: np.ndarray
    therapist: np.ndarray
    diagnosis: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    months: np.ndarray
    employed: np.ndarray
    noise: np.ndarray
    skill: np.ndarray
    leave: np.ndarray
    miss: np.ndarray
    skip: np.ndarray
    traits: np.ndarray

    def __len__(self):
        return len(self.site)

    def __repr__(self):
        return f"Cohort({len(self)} patients, {self.noise.shape[1]} visits, {self.noise.shape[2]} instruments)"

    def take(self, chosen):
        """Return the Cohort of the chosen rows (a mask or positions)."""
        return Cohort(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


def draw_cohort(settings, patients, random, *, independent=False):
    """Return a Cohort of `patients` eligible patients.

    independent: every patient has a site and a therapist of their own, as in the population that sites and
    therapists are drawn from; otherwise they share `settings.sites` sites of a few therapists each.
    """
    sites = patients * 2 if independent else settings.sites
    crew = 1 if independent else settings.therapists_per_site
    site_means = random.standard_normal((sites, len(settings.measures)))
    skills = random.standard_normal(sites * crew)
    screened = _screen(settings, patients * 2, random, site_means, skills, independent)
    eligible = np.flatnonzero(_eligible(settings, screened))
    if len(eligible) < patients:
        raise ValueError(f"half of all screened patients must be eligible: {len(eligible)} of {patients * 2} are")
    return screened.take(eligible[:patients])


def _screen(settings, patients, random, site_means, skills, independent):
    visits, measures = len(settings.visits), len(settings.measures)
    site = np.arange(patients) if independent else random.integers(settings.sites, size=patients)
    crew = len(skills) // len(site_means)
    therapist = site * crew + random.integers(crew, size=patients)
    diagnosis = random.choice(len(settings.diagnoses), size=patients, p=[each.share for each in settings.diagnoses])
    about = _characteristics(settings, diagnosis, random)
    noise = _deviations(settings, diagnosis, about, random) + settings.site_sd * site_means[site][:, None, :]
    return Cohort(site, therapist, diagnosis, **about, noise=noise, skill=skills[therapist],
                  leave=random.random((patients, visits)), miss=random.random((patients, visits)),
                  skip=random.random((patients, visits, measures)), traits=_traits(settings, diagnosis, random))


def _traits(settings, diagnosis, random):
    """(n, traits): which of its words each trait has."""
    words = np.array([each.condition for each in settings.diagnoses])[diagnosis]
    columns = [random.choice(len(each.words), size=len(words), p=list(each.levels.values())) if each.levels
               else np.isin(words, each.conditions).astype(int) for each in settings.traits]
    return np.column_stack(columns) if columns else np.zeros((len(words), 0), int)


def _characteristics(settings, diagnosis, random):
    """Age about 49 (20 to 80), two thirds women, a skewed duration of complaint; the employed are under 67."""
    n = len(diagnosis)
    older = np.array([each.condition == "osteoarthritis" for each in settings.diagnoses])[diagnosis]
    age = np.clip(np.rint(random.normal(47 + 13 * older, 11.5)), 20, 80)
    sex = (random.random(n) < 0.66).astype(int)
    median = np.array([each.months for each in settings.diagnoses])[diagnosis]
    months = np.clip(np.round(np.exp(random.normal(np.log(median), 1.1)) * 2) / 2, 0.5, 60)
    employed = ((random.random(n) < (settings.employed or 0)) & (age < 67)).astype(int)
    return {"age": age, "sex": sex, "months": months, "employed": employed}


def _deviations(settings, diagnosis, about, random):
    """(n, T, K): three factors (pain, function, mood) shared by the instruments, and each instrument's own part."""
    n, visits, measures = len(diagnosis), len(settings.visits), len(settings.measures)
    loadings = np.array([each.loadings for each in settings.measures]).reshape(measures, 3)
    factors = _remembered(random.standard_normal((n, visits, 3)), settings.factors, settings.visits)
    severity = np.array([each.severity for each in settings.diagnoses])[diagnosis]
    worse = 0.12 * (np.log(about["months"]) - np.log(14)) + 0.15 * (about["sex"] - 0.66)
    factors += (severity + worse[:, None])[:, None, :]
    own = _remembered(random.standard_normal((n, visits, measures)), settings.own, settings.visits)
    signs = np.array([-each.better for each in settings.measures])  # factors count as burden: more is worse
    return signs * (factors @ loadings.T) + own * np.sqrt(1 - (loadings**2).sum(axis=1))


def _remembered(noise, memory, visits):
    """Return `noise` (n, T, anything) with the visits correlated as `memory` says."""
    days = np.array([visit.day for visit in visits], dtype=float)
    apart = np.abs(days[:, None] - days[None, :])
    correlation = memory.kept * (memory.lasting + (1 - memory.lasting) * np.exp(-apart / memory.fade))
    np.fill_diagonal(correlation, 1.0)
    return np.einsum("ts,nsk->ntk", np.linalg.cholesky(correlation), noise)


def _eligible(settings, cohort):
    """True where the first instrument at baseline reaches what the study asks for."""
    if settings.eligible is None:
        return np.ones(len(cohort), bool)
    first = settings.measures[0]
    return rate(first, first.mean + first.sd * cohort.noise[:, 0, 0]) >= settings.eligible
