"""Bad input: each an error or a trouble in words, with counts, never a number and never a patient's value."""

import numpy as np
import pandas as pd
import pytest
from trials import SETTINGS, trial

from mmresearch.errors import DataError, UsageError
from mmresearch.models.mmrm import fit_mmrm, impute, mmrm


def codes(result):
    return {trouble.code: trouble.severity for trouble in result.troubles}


def refusal(rows, kind=DataError, **changed):
    with pytest.raises(kind) as caught:
        mmrm(rows, **{**SETTINGS, **changed})
    return str(caught.value)


def test_a_sound_table_has_no_troubles():
    assert mmrm(trial(), **SETTINGS).troubles == ()


def test_duplicate_visits_are_counted():
    rows = trial()
    assert "3 row(s) repeat a visit" in refusal(pd.concat([rows, rows.iloc[:3]]))


def test_an_infinite_outcome_is_counted_and_not_shown():
    rows = trial()
    rows.loc[5, "y"] = np.inf
    assert "1 value(s) are infinite" in refusal(rows)


def test_missing_outcomes_are_left_out():
    rows = trial()
    rows.loc[rows.index[4:9], "y"] = np.nan
    assert mmrm(rows, **SETTINGS).fit.moments.N == len(rows) - 5


def test_everything_wrong_with_covariates_is_said_at_once():
    rows = trial()
    rows.loc[rows["id"] == 3, "baseline"] = np.nan
    rows.loc[rows.index[0], "age"] += 1
    rows.loc[rows["id"] == 7, "sex"] = None
    message = refusal(rows)
    assert "baseline: missing in 1 patient(s)" in message and "age: changes within 1 patient(s)" in message
    assert "sex: missing in 1 patient(s)" in message


def test_a_patient_in_two_arms_is_counted():
    rows = trial(missing=0.0)
    rows.loc[rows.index[0], "arm"] = "massage"
    assert "arm: changes within 1 patient(s)" in refusal(rows)


def test_one_patient_is_refused():
    assert "1 patient(s) with an outcome" in refusal(trial(n=2)[lambda t: t["id"] == 0])


def test_no_outcome_at_all_is_refused():
    assert "no patient with an outcome" in refusal(trial().assign(y=np.nan), kind=UsageError)


def test_an_outcome_without_variance_is_refused():
    assert "one and the same value" in refusal(trial().assign(y=4.0))


def test_more_than_62_visits_are_refused():
    rows = pd.DataFrame(
        {
            "id": np.repeat([1, 2, 3], 63),
            "visit": np.tile(range(63), 3),
            "arm": np.repeat(["a", "b", "b"], 63),
            "y": np.random.default_rng(1).normal(size=189),
        }
    )
    with pytest.raises(DataError, match="63 visits; at most 62"):
        mmrm(rows, outcome="y", patient="id", visit="visit", arm="arm", reference="a")


def test_text_where_numbers_belong_is_refused():
    assert "where numbers are expected" in refusal(trial().assign(y="high"))


def test_columns_that_are_absent_are_named_with_the_nearest():
    message = refusal(trial(), kind=UsageError, baseline="basline")
    assert "basline" in message and "Did you mean 'baseline'" in message


def test_an_unknown_reference_names_the_arms():
    assert "arms are massage, usual" in refusal(trial(), kind=UsageError, reference="sham")


@pytest.mark.parametrize("changed", [{"covariance": "unstructured"}, {"df": "kenward"}])
def test_unknown_words_are_refused(changed):
    assert "it is one of" in refusal(trial(), kind=UsageError, **changed)


def test_a_visit_nobody_has_is_a_trouble_and_its_contrast_no_number():
    result = mmrm(trial(), **SETTINGS, visits=(0, 1, 2, 3, 9))
    assert codes(result)["visit-without-outcomes"] == "note" and codes(result)["not-estimable"] == "serious"
    lost = result.contrast("massage", 9)
    assert lost.estimate is lost.standard_error is lost.p_value is lost.low is None
    whole = mmrm(trial(), **SETTINGS)
    assert result.contrast("massage", 3).estimate == pytest.approx(whole.contrast("massage", 3).estimate, rel=1e-8)


def test_an_arm_without_outcomes_at_a_visit_is_serious_and_its_contrast_no_number():
    rows = trial()
    rows = rows[~((rows["arm"] == "massage") & (rows["visit"] == 2))]
    result = mmrm(rows, **SETTINGS)
    assert codes(result)["arm-without-outcomes"] == "serious"
    assert result.contrast("massage", 2).estimate is None and result.contrast("massage", 3).estimate is not None


def test_aliased_columns_are_dropped_and_named():
    rows = trial().assign(twin=lambda t: 2 * t["age"] + 1)
    result = mmrm(rows, **{**SETTINGS, "covariates": ("age", "sex", "twin")})
    assert codes(result) == {"aliased-columns": "note"} and "twin" in result.troubles[0].sentence
    whole = mmrm(trial(), **SETTINGS).contrast("massage", 3)
    assert result.contrast("massage", 3).estimate == pytest.approx(whole.estimate, rel=1e-8)
    assert result.contrast("massage", 3).df == pytest.approx(whole.df, rel=1e-6)


def test_a_covariate_that_is_the_arm_leaves_no_contrast():
    rows = trial().assign(same=lambda t: (t["arm"] == "massage") * 1.0)
    result = mmrm(
        rows,
        **{**SETTINGS, "covariates": ("same",)},
    )
    assert codes(result)["not-estimable"] == "serious" and result.contrast("massage", 1).estimate is None


def test_patterns_seen_once_are_fitted():
    rows = trial(n=70, T=6, missing=0.5, seed=3)
    result = mmrm(rows, **SETTINGS)
    assert (result.fit.statistics.counts == 1).sum() > 5 and result.contrast("massage", 4).estimate is not None


def test_unstructured_that_is_not_identified_falls_back_and_says_so():
    """No patient is seen at both of the last two visits: their covariance cannot be known."""
    rows = trial(n=40, missing=0.0)
    rows = rows[~((rows["visit"] == 3) & (rows["id"] % 4 < 2)) & ~((rows["visit"] == 2) & (rows["id"] % 4 >= 2))]
    result = mmrm(rows, **SETTINGS)
    assert result.fit.structure == "toeph" and codes(result) == {"covariance-fallback": "note"}
    assert "CR2" in result.contrast("massage", 3).variant and "heterogeneous Toeplitz" in result.model


def test_fewer_patients_than_an_unstructured_covariance_needs_never_gives_a_bare_number():
    rows = trial(n=8, T=6, missing=0.2)
    result = mmrm(rows, outcome="y", patient="id", visit="visit", arm="arm", reference="usual")
    assert result.fit.structure == "us" or "covariance-fallback" in codes(result) or "not-converged" in codes(result)


def test_arrays_that_do_not_fit_together_or_are_not_finite_are_refused():
    with pytest.raises(DataError, match="do not fit together"):
        fit_mmrm(np.ones(4), np.ones((3, 1)), range(4), range(4))
    with pytest.raises(DataError, match="1 of 4 rows hold a value that is not finite"):
        fit_mmrm([1, 2, np.nan, 3], np.ones((4, 1)), [1, 1, 2, 2], [1, 2, 1, 2])
    with pytest.raises(DataError, match="not above 0"):
        fit_mmrm([1, 2, 4, 3.0], np.ones((4, 1)), [1, 1, 2, 2], [1, 2, 1, 2], weights=[1, 1, 0, 1])


def test_no_message_holds_a_value():
    rows = trial()
    rows.loc[5, "y"] = np.inf
    rows["id"] = "PSEUDONYM" + rows["id"].astype(str)
    message = refusal(pd.concat([rows, rows.iloc[:2]]))
    assert "PSEUDONYM" not in message and not any(f"{v:.4f}" in message for v in rows["baseline"])


@pytest.mark.parametrize("seed", range(25))
def test_tiny_tables_give_whole_numbers_or_none_and_then_a_serious_trouble(seed):
    """4 to 13 patients, a third of the visits missing: a contrast is finite in all its parts, or None in all of
    them."""
    rng = np.random.default_rng(seed)
    rows = trial(n=int(rng.integers(4, 14)), T=int(rng.integers(2, 6)), missing=0.35, seed=seed)
    for changed in ({}, {"covariates": ()}, {"covariates": (), "per_arm": True}):
        try:
            result = mmrm(rows, **{**SETTINGS, **changed})
        except DataError:
            continue
        for found in result.contrasts + result.means:
            numbers = [found.estimate, found.standard_error, found.df, found.low, found.high, found.p_value]
            if found.estimate is None:
                assert numbers == [None] * 6 and (found in result.means or "serious" in codes(result).values())
            else:
                assert np.isfinite(numbers).all() and found.standard_error > 0 and 0 <= found.p_value <= 1


def test_an_outcome_that_the_model_gives_exactly_is_refused():
    assert "no variance is left" in refusal(trial().assign(y=lambda t: t["baseline"] * 2 + t["visit"]))


def test_more_coefficients_than_outcomes_is_refused():
    assert "too few to estimate" in refusal(trial(n=2, missing=0.0))


@pytest.mark.parametrize("factor", [1e-150, 1e150])
def test_units_that_no_sum_of_squares_can_hold_are_refused(factor):
    assert "choose another unit" in refusal(trial().assign(y=lambda t: t["y"] * factor))


def test_patients_seen_once_each_leave_the_covariance_unknown_and_give_no_number():
    result = mmrm(trial(n=80).groupby("id").sample(1, random_state=1), **SETTINGS)
    assert codes(result)["not-converged"] == "serious" and all(c.estimate is None for c in result.contrasts)


def test_sums_in_which_a_visit_is_empty_are_refused():
    rows = trial()
    X = np.column_stack([rows["visit"] == v for v in range(4)]).astype(float)
    with pytest.raises(DataError, match="no patient has an outcome at 4"):
        fit_mmrm(rows["y"], X, rows["id"], rows["visit"], visits=range(5))


def test_an_arm_without_any_outcome_is_serious_and_its_contrasts_no_numbers():
    rows = trial(arms=("usual", "massage", "sham"))
    result = mmrm(rows.assign(y=rows["y"].where(rows["arm"] != "sham")), **SETTINGS)
    assert codes(result) == {"arm-without-outcomes": "serious", "not-estimable": "serious"}
    assert result.contrast("sham", 3).estimate is None and result.contrast("massage", 3).estimate is not None
    without = mmrm(rows[rows["arm"] != "sham"], **SETTINGS)
    assert without.troubles == () and result.contrast("massage", 3) == without.contrast("massage", 3)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"level": 95}, "level 95 is not between 0 and 1"),
        ({"by_visit": ("agee",)}, "by_visit 'agee' is not one of the covariates. Did you mean 'age'"),
        ({"visits": (0, 1, 1)}, "visits: some are named twice"),
        ({"covariance": "ris", "times": (0, 1, np.nan, 3)}, "times: some are not finite"),
    ],
)
def test_arguments_that_would_be_misread_are_refused(changed, said):
    assert said in refusal(trial(), kind=UsageError, **changed)


def test_a_single_name_counts_as_one():
    one = mmrm(trial(), **{**SETTINGS, "covariates": "age", "by_visit": "age"})
    assert "age:visit[2]" in one.fit.names


def test_what_is_not_a_table_or_holds_a_column_twice_is_refused():
    assert "pandas.DataFrame is expected" in refusal(trial().to_dict("list"), kind=UsageError)
    assert "more than once" in refusal(pd.concat([trial(), trial()[["y"]]], axis=1), kind=UsageError)


@pytest.mark.parametrize(
    "ask, said",
    [
        (lambda r: r.row("sham", 3), "no arm 'sham' at visit '3'"),
        (lambda r: r.robust("massage", 9), "no arm 'massage' at visit '9'"),
        (lambda r: r.joint("usual"), "'usual' is the reference arm"),
        (lambda r: impute(r, "usual", 3), "'usual' is the reference arm"),
        (lambda r: impute(r, "massage", 3, draws=1), "need at least 2"),
        (lambda r: r.average("massage", [1, 1, 1, 1]), "4 numbers that sum to 1"),
        (lambda r: r.average("massage", [0.5, 0.5]), "4 numbers that sum to 1"),
        (lambda r: r.fit.contrast([0, 1]), "2 numbers for 15 coefficients"),
        (lambda r: r.fit.contrast(r.row("massage", 3), level=95), "level 95 is not between 0 and 1"),
    ],
)
def test_questions_that_make_no_sense_are_refused(ask, said):
    with pytest.raises(UsageError, match=said):
        ask(mmrm(trial(), **SETTINGS))


def test_the_information_is_named_in_the_variant():
    rows = trial()
    X, setting = np.column_stack([np.ones(len(rows)), rows["baseline"]]), dict(df="satterthwaite")
    fit = fit_mmrm(rows["y"], X, rows["id"], rows["visit"], **setting, information="expected")
    assert fit.contrast([0, 1]).variant == "Satterthwaite (expected information)"
    with pytest.raises(UsageError, match="observed or expected"):
        fit_mmrm(rows["y"], X, rows["id"], rows["visit"], **setting, information="both").contrast([0, 1])


def test_a_visit_without_variance_is_refused_and_named():
    rows = trial()
    rows.loc[rows["visit"] == 2, "y"] = 5.0
    message = refusal(rows)
    assert "the outcome has one and the same value in all" in message and "at visit 2" in message


@pytest.mark.parametrize("labels", [[1, 1, "a", "a"], [1.0, 1.0, np.nan, np.nan], [1, 1, None, None]])
def test_labels_that_are_missing_or_mixed_are_refused(labels):
    with pytest.raises(DataError, match="labels of patients are missing"):
        fit_mmrm(np.arange(4.0), np.ones((4, 1)), np.array(labels, dtype=object), [1, 2, 1, 2])
