"""The fixed set of other analyses beside an estimate of change: which, in which order, and what each of them is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, TWO, make_claim, make_dataset, make_patients, make_study, make_values, study_with

from mmresearch.models import ask, change, fit
from mmresearch.models.least_squares import Fitted
from mmresearch.models.protocol import kept_to_protocol
from mmresearch.models.robustness import ORDER, registered_alone
from mmresearch.models.table import gather
from mmresearch.models.troubles import missing_outcomes
from mmresearch.study.dataset import SESSIONS

STUDY = make_study(covariates=["age"], strata=["site"])
DEFAULT = {"model": None}  # with several follow-ups, the mixed model


def trial(loss=0.2, effect=-1.5, n=120, study=STUDY, attended=None, **columns):
    patients = make_patients(n, **columns)
    dataset = make_dataset(study, patients, make_values(patients, loss=loss, effect=effect))
    return dataset if attended is None else replace(dataset, _sessions=sessions_of(patients, attended))


def sessions_of(patients, attended):
    """Sessions of the massage arm: patient i had attended[i % len(attended)] of them."""
    treated = patients.loc[patients["arm"] == "massage", "patient"]
    rows = [(patient, float(number + 1)) for place, patient in enumerate(treated)
            for number in range(attended[place % len(attended)])]
    return pd.DataFrame(rows, columns=["patient", "session"]).reindex(columns=list(SESSIONS))


def named(estimate, start):
    return next(each for each in estimate.robustness if each.analysis.startswith(start))


def ends(each):
    return each.point, each.low, each.high


@pytest.fixture(scope="module")
def whole():
    """A trial in which every analysis of the set can be done."""
    dataset = trial(attended=(10, 10, 9, 4))
    return dataset, fit(make_claim(**DEFAULT), dataset)


def test_the_whole_set_stands_in_its_order(whole):
    estimate = whole[1]
    starts = ["complete cases", "multiple imputation", "patients who left", "jump to reference", "without covariates",
              "per protocol", "permutation"]
    assert [next(start for start in ORDER if each.analysis.startswith(start)) for each in estimate.robustness] == starts
    assert all(each.low < each.point < each.high for each in estimate.robustness)


def test_the_words_name_the_arms_the_margin_and_the_rule(whole):
    said = " / ".join(each.analysis for each in whole[1].robustness)
    for words in ("patients who left medical massage worse by the margin (1 point) than assumed", "as if in usual care",
                  "at least 80% of 10 sessions in Medical massage", "within site (2,000 allocations"):
        assert words in said


def test_without_covariates_is_the_registered_model_in_a_study_without_them(whole):
    plain = fit(make_claim(**DEFAULT), trial(study=make_study()))
    assert ends(named(whole[1], "without covariates")) == pytest.approx(ends(plain))


def test_per_protocol_is_the_registered_model_of_those_who_kept_to_it(whole):
    dataset = whole[0]
    counts = dataset.sessions.groupby("patient").size().reindex(dataset.patients["patient"], fill_value=0).to_numpy()
    kept = (dataset.patients["arm"] == "control").to_numpy() | (counts >= 8)
    assert kept.sum() == 60 + 45
    patients = dataset.patients[kept]
    outcomes = dataset.outcomes[dataset.outcomes["patient"].isin(patients["patient"])]
    alone = fit(make_claim(**DEFAULT), make_dataset(STUDY, patients, outcomes))
    assert ends(named(whole[1], "per protocol")) == pytest.approx(ends(alone))


def test_complete_cases_are_the_analysis_of_covariance(whole):
    plain = fit(make_claim(model="ancova"), whole[0])
    assert ends(named(whole[1], "complete cases")) == pytest.approx(ends(plain))
    assert ends(named(plain, "mixed model")) == pytest.approx(ends(whole[1]))


def test_imputation_is_near_the_mixed_model_which_assumes_the_same(whole):
    estimate = whole[1]
    assert named(estimate, "multiple").point == pytest.approx(estimate.point, abs=0.2 * estimate.standard_error)


def test_worse_and_reference_based_assumptions_take_from_the_effect(whole):
    """By the margin times the share who left (roughly: covariates are balanced), and by that share of the effect."""
    dataset, estimate = whole
    assumed, gone = named(estimate, "multiple imputation").point, dataset.wide("NRS")["week 12"].isna()
    share = gone[(dataset.patients["arm"] == "massage").to_numpy()].mean()
    assert 0.1 < share < 0.3
    assert named(estimate, "patients who left").point - assumed == pytest.approx(share, abs=0.02)
    assert named(estimate, "jump").point - assumed == pytest.approx(share * -assumed, rel=0.25)


@pytest.mark.parametrize("better, side", [("lower", 1), ("higher", -1)])
def test_worse_is_worse_on_the_instruments_own_scale(better, side):
    own = {"OWN": {"name": "Own", "measures": "pain", "unit": "points", "better": better, "self_reported": True,
                   "margin": {"value": 1, "status": "convention", "source": "a test's"}}}
    patients = make_patients()
    dataset = make_dataset(make_study(instruments=own), patients, make_values(patients, instrument="OWN", loss=0.3))
    estimate = fit(make_claim(instruments=["OWN"], direction="better"), dataset)
    moved = named(estimate, "patients who left").point - named(estimate, "multiple imputation").point
    assert np.sign(moved) == side


def test_the_tipping_point_is_told_in_a_sentence(whole):
    tipping = next(each for each in whole[1].derived if each.name == "tipping-point")
    gone = whole[0].wide("NRS")["week 12"].isna() & (whole[0].patients["arm"] == "massage").to_numpy()
    assert tipping.point > 1 and tipping.unit == "points"
    assert tipping.sentence.startswith(
        f"After imputation, the interval would reach zero if the {gone.sum()} patients who left medical massage had ")
    assert tipping.sentence.endswith(" points worse than assumed.")


def test_no_assumption_within_the_scale_is_said_so():
    """A large effect and few who left: they would have to leave the scale to change it."""
    estimate = fit(make_claim(), trial(loss=0.05, effect=-4.0, n=200))
    tipping = next(each for each in estimate.derived if each.name == "tipping-point")
    assert tipping.point > 10 and "no outcome on the scale is bad enough" in tipping.sentence


def test_an_open_estimate_has_no_tipping_point():
    estimate = fit(make_claim(), trial(effect=0.0))
    assert estimate.low < 0 < estimate.high
    assert not [each for each in estimate.derived if each.name == "tipping-point"]


def test_where_nobody_is_missing_nothing_is_imputed():
    names = [each.analysis for each in fit(make_claim(), trial(loss=0.0)).robustness]
    assert not [name for name in names if "imputation" in name or "who left" in name]
    assert [name for name in names if name.startswith("permutation")]


def test_a_study_without_covariates_sessions_or_chance_has_the_rest():
    patients = make_patients()
    dataset = make_dataset(study_with(design="cohort"), patients, make_values(patients, loss=0.2, visits=TWO))
    names = [each.analysis.split(",")[0] for each in fit(make_claim(), dataset).robustness]
    assert [name.split(":")[0] for name in names] == [
        "multiple imputation", "patients who left medical massage worse by the margin (1 point) than assumed",
        "jump to reference"]


def test_an_interaction_is_not_permuted_and_has_the_other_model_beside_it():
    claim = make_claim(model=None, modifier="age", measure="slope")
    names = [each.analysis for each in fit(claim, trial(study=make_study(strata=["site"]))).robustness]
    assert not [name for name in names if name.startswith(("permutation", "mixed"))]
    assert len([name for name in names if name.startswith("complete cases: analysis of covariance")]) == 1
    assert [name for name in names if name.startswith("multiple imputation")]


def test_therapists_widen_the_imputed_interval_as_they_do_the_registered_one():
    """Outcomes that go up and down with the therapist: an interval that ignored them would be far narrower."""
    codes = pd.Series([f"t{number // 2 % 6}" if number % 2 == 0 else pd.NA for number in range(120)], dtype="object")
    patients = make_patients(120, therapist=codes)
    outcomes = make_values(patients, loss=0.15)
    shift = pd.to_numeric(codes.str[1:], errors="coerce").fillna(2.5).sub(2.5).mul(0.8)
    after = outcomes["visit"] != "baseline"
    shift.index = patients["patient"]
    outcomes.loc[after, "value"] += outcomes.loc[after, "patient"].map(shift)
    with_them = fit(make_claim(), make_dataset(make_study(), patients, outcomes))
    ignored = fit(make_claim(), make_dataset(make_study(), patients.assign(therapist=pd.NA), outcomes))
    widths = [line.high - line.low for line in (named(each, "multiple") for each in (with_them, ignored))]
    assert with_them.clustered and widths[0] > 1.3 * widths[1]
    assert widths[0] == pytest.approx(with_them.high - with_them.low, rel=0.2)


def test_an_analysis_that_cannot_be_fitted_is_a_note(monkeypatch):
    broken = Fitted(None, "broken", {})
    monkeypatch.setitem(change.FITS, "mmrm", lambda question, rows, study: broken)
    estimate = fit(make_claim(model="ancova"), trial())
    note = next(each for each in estimate.troubles if each.code == "robustness-not-fitted")
    assert note.severity == "note" and "mixed model over all follow-ups" in note.sentence
    assert not [each for each in estimate.robustness if each.analysis.startswith("mixed")]


def test_simulations_may_ask_for_the_registered_analysis_alone():
    dataset = trial()
    with registered_alone():
        alone = change.fit(make_claim(), dataset)
    assert alone.robustness == () and change.fit(make_claim(), dataset).robustness


def test_the_set_repeats_to_the_last_digit():
    first, second = (fit(make_claim(), trial()) for _ in range(2))
    assert first.robustness == second.robustness and first.derived == second.derived


@pytest.mark.parametrize("attended, kept", [((10, 10, 8, 7), 45), ((6, 6, 5, 4), 45), ((3,), 60), ((0, 5, 5, 5), 45)])
def test_per_protocol_is_four_fifths_of_what_most_had(attended, kept):
    dataset = trial(attended=attended)
    question = ask(make_claim(), dataset)
    mask, words = kept_to_protocol(question, dataset)
    treated = (dataset.patients["arm"] == "massage").to_numpy()
    assert (int(mask[treated].sum()), int(mask[~treated].sum())) == (kept, 60)
    assert words.startswith("per protocol: at least 80% of ")


def test_a_study_that_plans_a_number_of_sessions_is_taken_by_its_word():
    planned = {"massage": {**ARMS["massage"], "sessions": 12}, "control": ARMS["control"]}
    dataset = trial(study=make_study(arms=planned), attended=(10, 10, 8, 7))
    mask, words = kept_to_protocol(ask(make_claim(), dataset), dataset)
    assert int(mask.sum()) == 60 + 30 and "12 sessions in Medical massage" in words


def test_without_recorded_sessions_nobody_knows_the_protocol():
    dataset = trial()
    assert kept_to_protocol(ask(make_claim(), dataset), dataset) is None


@pytest.mark.parametrize("observed, codes", [
    ((70, 70), []), ((69, 84), ["missing-outcomes"]), ((84, 100), ["missing-unequal"]), ((85, 100), []),
    ((60, 90), ["missing-outcomes", "missing-unequal"])])
def test_much_missing_and_unequally_missing_are_notes(observed, codes):
    found = missing_outcomes(dict(zip("ab", observed, strict=True)), {"a": 100, "b": 100}, {"a": "A", "b": "B"}, None)
    assert [each.code for each in found] == codes and {each.severity for each in found} <= {"note"}


def test_an_estimate_without_a_number_has_nothing_beside_it():
    dataset = trial()
    question = ask(make_claim(), dataset)
    found = change.set_beside(question, dataset, gather(question, dataset), Fitted(None, "broken", {}), change.FITS)
    assert (found.lines, found.derived, found.troubles) == ((), (), ())
