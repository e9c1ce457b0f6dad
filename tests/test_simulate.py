"""Simulated studies: the same bytes from the same seed, and believable ones."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmresearch.claims import read_registry
from mmresearch.errors import RegistryError, UsageError
from mmresearch.simulate import design, designs, run_trial, simulate_study, true_effects, whole_truth
from mmresearch.simulate.folder import dumps
from mmresearch.simulate.settings import read_settings
from mmresearch.study import read_study

DEMO = Path(__file__).parents[1] / "data" / "demo" / "three-arm"


@pytest.fixture(scope="module")
def settings():
    return design("three-arm")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study of another seed than the committed demo's, as the clinic's files give it."""
    return read_study(simulate_study(tmp_path_factory.mktemp("simulated") / "study", seed=7, truth=False))


@pytest.fixture(scope="module")
def crowd(settings):
    """Many patients of the same design, to look at what one study is too small to show."""
    return run_trial(settings.changed(patients=20000, therapists_per_site=100), 7)


# --- the same bytes ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", designs())
def test_the_committed_demo_is_what_its_seed_gives(tmp_path, name):
    assert design(name).seed == 20261121, "fixed before results were seen, never changed in view of them"
    made, folder = simulate_study(tmp_path / "again", settings=design(name), truth=False), DEMO.parent / name
    names = sorted(path.name for path in made.iterdir())
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "truth.json"])
    for file in names:
        assert (made / file).read_bytes() == (folder / file).read_bytes(), f"{file} is not what the seed gives"


def test_every_folder_of_the_demo_is_a_design_of_the_package():
    assert sorted(path.name for path in DEMO.parent.iterdir() if path.is_dir()) == list(designs())


def test_the_demo_stays_small():
    files = {path: path.stat().st_size for path in DEMO.parent.rglob("*") if path.is_file()}
    assert sum(files.values()) < 2.5e6
    for folder in (path for path in DEMO.parent.iterdir() if path.is_dir() and path != DEMO):
        assert sum(size for path, size in files.items() if path.parent == folder and path.suffix == ".csv") < 250e3


LONG = ("three-arm", "massage-plus")


@pytest.mark.parametrize("name", [each for each in designs() if each not in LONG] + [
    pytest.param(each, marks=pytest.mark.slow) for each in LONG])
def test_the_committed_truth_is_what_the_settings_give(name):
    kept = json.loads((DEMO.parent / name / "truth.json").read_text(encoding="utf-8"))
    assert same(json.loads(dumps(whole_truth(design(name)))), kept)


def same(made, kept):
    """True where words are equal and numbers too, but for the last digit kept: processors round differently there."""
    if isinstance(kept, dict):
        return made.keys() == kept.keys() and all(same(made[key], kept[key]) for key in kept)
    if isinstance(kept, list):
        return len(made) == len(kept) and all(map(same, made, kept))
    return made == pytest.approx(kept, rel=1e-5, abs=2e-6) if isinstance(kept, float) else made == kept


@pytest.mark.parametrize("name", designs())
def test_every_study_of_the_demo_reads_without_a_finding(name):
    study, settings = read_study(DEMO.parent / name), design(name)
    assert study.study.simulated and study.study.design == settings.design
    assert len(study.patients) == settings.patients and study.exclusions == {}
    assert list(study.study.arms) == list(settings.arms)
    measured = {each.instrument for each in (*settings.measures, *settings.within, *settings.waits)}
    assert measured <= set(study.outcomes["instrument"])


def test_the_committed_truth_agrees_with_a_smaller_simulation(settings):
    """Two independent simulations of one number differ by chance alone: below 5.5 standard errors in 1,400 numbers."""
    table = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))["effects"]
    stored = pd.DataFrame(table["rows"], columns=table["columns"])
    fresh = true_effects(settings, patients=8000, seed=99).effects
    both = stored.merge(fresh, on=["instrument", "visit", "arm", "reference", "population"], suffixes=("", "_fresh"))
    assert len(both) == len(stored)
    gap = (both["mean_difference"] - both["mean_difference_fresh"]).abs()
    error = np.hypot(both["se"], both["se_fresh"])
    assert (gap[error == 0] == 0).all(), "without chance there is no difference"
    assert (gap[error > 0] / error[error > 0]).max() < 5.5


def test_another_seed_is_another_study_and_the_same_seed_the_same(tmp_path):
    one, again, other = (simulate_study(tmp_path / name, seed=seed, truth=False)
                         for name, seed in (("one", 1), ("again", 1), ("other", 2)))
    for name in ("patients.csv", "scores.csv", "sessions.csv", "medications.csv"):
        assert (one / name).read_bytes() == (again / name).read_bytes()
        assert (one / name).read_bytes() != (other / name).read_bytes()


# --- believable -------------------------------------------------------------------------------------------------------

def test_the_study_reads_without_a_finding(study, settings):
    assert study.study.simulated and study.study.design == "randomised"
    assert len(study.patients) == settings.patients >= 400
    assert study.exclusions == {}
    assert study.unread["patients.csv"] == ["crf_version"]
    assert len(study.sessions) > 2000 and len(study.medications) > 1000
    assert study.patients["site"].nunique() == 6 and study.patients["condition"].nunique() == 5
    assert len(study.study.visits) == 6


def test_its_own_claims_are_registered_before_the_data_were_locked(study):
    claims = read_registry("own", {"claims.toml": study.own_claims})
    assert [claim.rank for claim in claims].count("primary") == 1
    assert all(claim.registered <= study.study.data_locked for claim in claims)


def test_values_keep_their_instruments_range_and_step(study, settings):
    for measure in settings.measures:
        low, high, step = measure.scale
        values = study.measured(measure.instrument)["value"]
        assert values.between(low, high).all()
        steps = (values - low) / step
        assert np.allclose(steps, steps.round(), atol=1e-6), f"{measure.instrument} has values between its steps"
        assert values.nunique() >= 3


def test_means_and_spreads_at_baseline_are_near_the_settings(crowd, settings):
    """Eligibility, conditions and bounds move them a little: within a quarter of an SD, and 30% of the SD."""
    for place, measure in enumerate(settings.measures):
        if measure.only or not measure.at_baseline or measure.scale[0] > measure.mean - 2 * measure.sd:
            continue
        values = crowd.values[:, 0, place]
        assert abs(values.mean() - measure.mean) < 0.25 * measure.sd, measure.instrument
        assert 0.7 < values.std() / measure.sd < 1.3, measure.instrument


def test_visits_of_one_patient_resemble_each_other_the_more_the_nearer(study):
    for name in ("NRS", "PSFS", "PHQ9", "EQ5D"):
        together = study.wide(name).corr()
        assert together.min().min() > 0.15
        assert together.loc["week 8", "week 12"] > 0.45
        assert together.loc["baseline", "week 2"] > together.loc["baseline", "week 26"]


def test_instruments_resemble_each_other_within_their_kind(study):
    names = ("NRS", "PROMIS-PI", "GAD7", "PHQ9", "EQ5D")
    first = pd.DataFrame({name: study.wide(name)["baseline"] for name in names}).corr()
    assert first.loc["GAD7", "PHQ9"] > 0.4 and first.loc["NRS", "PROMIS-PI"] > 0.35
    assert first.loc["NRS", "EQ5D"] < -0.25
    assert first.loc["NRS", "GAD7"] < first.loc["GAD7", "PHQ9"]


def test_pain_lessens_in_every_arm(study):
    arm = study.patients.set_index("patient")["arm"]
    course = study.wide("NRS").groupby(arm).mean()
    assert (course["week 12"] < course["baseline"] - 0.5).all()


def test_arms_are_balanced_within_sites(study):
    counts = study.patients.groupby(["site", "arm"]).size().unstack()
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 2, "one block of six may be unfinished"


def test_therapists_treat_many_patients_and_only_in_the_massage_arms(study):
    patients = study.patients
    assert patients.loc[patients["arm"] == "usual", "therapist"].isna().all()
    massaged = patients[patients["arm"] != "usual"]
    assert massaged["therapist"].notna().all()
    assert massaged["therapist"].nunique() == 24 and massaged["therapist"].value_counts().median() >= 8
    assert (massaged.groupby("therapist")["site"].nunique() == 1).all()
    arms = dict(zip(patients["patient"], patients["arm"]))
    assert {arms[patient] for patient in study.sessions["patient"]} == {"medical", "relaxation"}


def test_patients_of_one_therapist_resemble_each_other_as_much_as_the_settings_say(crowd, settings):
    """One-way analysis of variance of pain at week 12 within the medical arm, 600 therapists; its SD is about 0.009."""
    chosen = crowd.arm == "medical"
    frame = pd.DataFrame({"pain": crowd.values[chosen, 4, 0], "site": crowd.cohort.site[chosen],
                          "therapist": crowd.cohort.therapist[chosen]})
    frame["pain"] -= frame.groupby("site")["pain"].transform("mean")
    groups = frame.groupby("therapist")["pain"]
    size, total, count = groups.size(), len(frame), groups.ngroups
    between = (size * groups.mean() ** 2).sum() / (count - 1)
    within = (frame["pain"] - groups.transform("mean")).pow(2).sum() / (total - count)
    typical = (total - (size**2).sum() / total) / (count - 1)
    icc = (between - within) / (between + (typical - 1) * within)
    assert icc == pytest.approx(settings.measure("NRS").therapists, abs=0.03)


def test_some_leave_and_more_of_those_in_pain_and_under_usual_care(study, crowd):
    last = study.wide("NRS")["week 26"].isna().groupby(study.patients.set_index("patient")["arm"]).mean()
    assert 0.05 < last.mean() < 0.35
    left = ~crowd.there[:, 1:].any(axis=1)
    assert crowd.values[left, 0, 0].mean() > crowd.values[~left, 0, 0].mean() + 0.2
    gone = {name: 1 - crowd.there[crowd.arm == name, 5].mean() for name in ("medical", "relaxation", "usual")}
    assert gone["usual"] > gone["relaxation"] + 0.04 and gone["usual"] > gone["medical"] + 0.04


def test_nobody_is_measured_for_what_they_were_not_asked(study):
    condition = study.patients.set_index("patient")["condition"]
    asked_of = {"ODI": "low-back-pain", "NDI": "neck-pain", "WOMAC": "osteoarthritis", "FIQR": "fibromyalgia"}
    for name, word in asked_of.items():
        assert set(condition[study.measured(name)["patient"]]) == {word}
    employed = study.patients.set_index("patient")["employed"]
    assert set(employed[study.measured("WORKDAYS")["patient"]]) == {"yes"}
    assert (study.wide("NRS")["baseline"] >= 3).all(), "who hurts less is not eligible"


def test_a_session_relaxes_and_eases_and_sometimes_harms(study):
    inside = study.outcomes[study.outcomes["session"].notna()]
    change = inside.pivot_table(index=["patient", "session"], columns=["instrument", "moment"], values="value")
    assert (change["RELAX"]["after"] - change["RELAX"]["before"]).mean() > 0.5
    assert (change["NRS"]["after"] - change["NRS"]["before"]).mean() < -0.5
    harmed = (study.sessions["adverse_event"] != "none").groupby(study.sessions["technique"]).mean()
    assert 0.01 < harmed["relaxation-massage"] < harmed["medical-massage"] < 0.15


# --- what is refused --------------------------------------------------------------------------------------------------

def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds no simulated study; nothing was written"):
        simulate_study(tmp_path, truth=False)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(UsageError, match="is a file"):
        simulate_study(tmp_path / "letter.txt", truth=False)


def test_an_earlier_simulated_study_is_written_over(tmp_path):
    folder = simulate_study(tmp_path / "study", seed=1, truth=False)
    first = (folder / "scores.csv").read_bytes()
    assert (simulate_study(folder, seed=2, truth=False) / "scores.csv").read_bytes() != first


def test_an_unknown_design_names_the_nearest():
    with pytest.raises(UsageError, match="no such design. Did you mean 'three-arm'"):
        design("three-arms")


def test_settings_that_do_not_fit_are_refused_with_every_reason(settings):
    raw = settings.model_dump()
    with pytest.raises(RegistryError) as caught:
        read_settings("broken", {**raw, "block": 5, "diagnoses": raw["diagnoses"][:2]})
    assert "shares of diagnoses sum to 1" in str(caught.value) and "a block holds every arm" in str(caught.value)
    with pytest.raises(RegistryError, match="the codebook has no 'NRZ'"):
        read_settings("broken", {**raw, "measures": [{**raw["measures"][0], "instrument": "NRZ"}]})
    with pytest.raises(RegistryError, match="colour"):
        read_settings("broken", {**raw, "colour": "red"})


def test_records_print_as_counts(settings, crowd):
    assert repr(crowd) == "Trial(three-arm, seed 7: 20000 patients in 3 arms)"
    assert repr(crowd.cohort) == f"Cohort(20000 patients, 6 visits, {len(settings.measures)} instruments)"
