"""The method `course`: relief from which session on, what each session adds, who needs more of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study
from scipy import stats

from mmresearch.claims import articles
from mmresearch.models import ask, fit
from mmresearch.models.course_rows import stack
from mmresearch.models.discrete_time import fit_hazards, pool_steps
from mmresearch.models.robustness import registered_alone
from mmresearch.models.simultaneous import critical_value
from mmresearch.models.table import Rows
from mmresearch.study.dataset import OUTCOMES
from mmresearch.verdict.findings import finding

FOLDER = Path(__file__).parent / "reference" / "course"
OUTPUT = json.loads((FOLDER / "output.json").read_text())
WAITING = {"label": "Waiting list", "technique": "none", "comparator_class": "waiting-list", "reference": True}
DAYS = {"baseline": 0, "week 1": 7, "week 2": 14, "week 4": 28, "week 8": 56}


def codes(estimate):
    return [each.code for each in estimate.troubles]


def named(estimate, name):
    return next(each for each in estimate.derived if each.name == name)


# Intervals that hold all together


@pytest.mark.parametrize(
    "size, df, expected",
    [(1, 20, 2.09), (2, 20, 2.38), (3, 20, 2.54), (4, 20, 2.65), (5, 20, 2.73), (2, None, 2.21), (5, None, 2.51)],
)
def test_critical_values_are_dunnett_s(size, df, expected):
    """Dunnett 1964, Biometrics 20:482, two-sided 5%, correlation 1/2; printed to 0.005, ours within 0.03 of it."""
    correlation = np.full((size, size), 0.5) + 0.5 * np.eye(size)
    assert critical_value(correlation, df, 0.95) == pytest.approx(expected, abs=0.03)


def test_one_statistic_repeated_needs_no_wider_interval():
    assert critical_value(np.ones((4, 4)), 12, 0.95) == pytest.approx(stats.t.ppf(0.975, 12), abs=0.03)


# Mixed models along the course


def dose_rows():
    rows = pd.read_csv(FOLDER / "doses.csv")
    values = rows.pivot(index="patient", columns="visit", values="value").set_axis(["v1", "v2", "v3"], axis=1)
    people = rows.drop_duplicates("patient").set_index("patient")[["planned", "start"]]
    return Rows(people.rename(columns={"start": "baseline"}).assign(therapist=None, arm="massage", treated=0.0), values)


@pytest.mark.parametrize("name", ["line", "curve", "knot"])
def test_slopes_curves_and_knots_are_those_of_a_general_linear_model(name):
    """Oracle: reference/course/output.json (nlme's gls, REML, unstructured); within 1e-4 of a standard error."""
    stacked, expected = stack(dose_rows(), make_study(), ["v1", "v2", "v3"]), OUTPUT[name]
    planned = stacked.rows.people["planned"].to_numpy()
    had = np.array([1, 2, 4])[stacked.at] * (planned > 1)[stacked.place]
    columns = {
        "line": lambda: stacked.by_visit(planned),
        "curve": lambda: np.column_stack([stacked.by_visit(planned == 4), stacked.by_visit(planned == 8)]),
        "knot": lambda: np.column_stack([np.minimum(had, 2), np.maximum(had - 2, 0)]),
    }[name]()
    found, _ = stacked.fit(columns.astype(float))
    count = columns.shape[1]
    theirs = slice(0, 2) if name == "knot" else slice(-count, None)
    errors = np.array(expected["plain_errors"][theirs])
    assert found.coefficients[:count] == pytest.approx(expected["estimates"][theirs], abs=1e-4 * errors.min())
    ours = [stacked.contrast(found, row, 0.95).standard_error for row in np.eye(count)]
    assert np.all(ours >= errors * (1 - 1e-5)), "Kenward-Roger adds a little"
    assert ours == pytest.approx(errors, rel=0.08)


# Relief by the second session


def relief_study(effects=(-0.5, -1.0, -1.2, -1.2), patients=120, seed=1, per_week=1, therapists=0, loss=0.0):
    """Weekly sessions, pain at weeks 1, 2, 4 and 8; massage lowers it by `effects`."""
    dice = np.random.default_rng(seed)
    people = make_patients(patients, seed=seed)
    treated = (people["arm"] == "massage").to_numpy()
    who = dice.integers(0, max(therapists, 1), patients)
    people["therapist"] = [f"T{each}" if therapists and arm else None for each, arm in zip(who, treated, strict=True)]
    own, start = dice.normal(0, 1, patients), dice.normal(6, 1.2, patients)
    skill = (dice.normal(0, 0.4, max(therapists, 1))[who] if therapists else 0) * treated
    rows = [people[["patient"]].assign(visit="baseline", day=0.0, value=start)]
    for (name, day), effect in zip(list(DAYS.items())[1:], effects, strict=True):
        value = 1.5 + 0.6 * start + own + effect * treated + skill + dice.normal(0, 1, patients)
        rows.append(people[["patient"]].assign(visit=name, day=float(day), value=value)[dice.random(patients) >= loss])
    outcomes = pd.concat(rows, ignore_index=True).assign(instrument="NRS", session=np.nan, moment=None)
    days = [3 + 7 / per_week * number for number in range(8 * per_week)]
    sessions = pd.concat([people.loc[treated, ["patient"]].assign(session=float(number + 1), day=day)
                          for number, day in enumerate(days)], ignore_index=True)
    study = make_study(arms={"massage": ARMS["massage"], "control": WAITING}, primary_visit="week 8",
                       visits=[{"name": name, "day": day} for name, day in DAYS.items()])
    return make_dataset(study, people, outcomes.reindex(columns=list(OUTCOMES)), sessions)


def relief(**analysis):
    registered = dict(method="course", measure="mean-difference", by_session=2, windows=[[1, 28]],
                      comparators=["waiting-list", "none", "usual-care"])
    return make_claim(**registered | analysis)


def test_the_judged_visit_is_the_last_by_which_so_many_sessions_were_had():
    dataset = relief_study()
    estimate = fit(relief(), dataset)
    assert estimate.visit == "week 2", "sessions on days 3 and 10"
    assert any("at least 2 sessions" in line for line in estimate.assumptions)
    assert fit(relief(), relief_study(per_week=2)).visit == "week 1"
    lack = ask(relief(by_session=1), relief_study(per_week=2))
    assert lack.code == "no-time" and "week 1 (2)" in lack.sentence
    assert fit(relief(windows=[[20, 60]], by_session=4), dataset).visit == "week 4"


def test_it_is_the_mixed_model_s_contrast_there():
    dataset = relief_study(loss=0.1, therapists=6)
    course = fit(relief(), dataset)
    change = fit(make_claim(model="mmrm", windows=[[14, 14]], comparators=["waiting-list"]), dataset)
    for name in ("point", "low", "high", "df", "p_value", "n", "clustered", "robustness"):
        assert getattr(course, name) == getattr(change, name)


def test_from_which_session_on_is_told_with_intervals_that_hold_all_together():
    estimate = fit(relief(), relief_study((0.0, -0.6, -2.0, -2.0), patients=300))
    single = named(estimate, "difference-at-week 2")
    assert single.point == pytest.approx(estimate.point) and single.low < estimate.low, "wider: four visits at once"
    assert named(estimate, "relief-from").point == 2 and "week 2" in named(estimate, "relief-from").sentence
    assert named(estimate, "worthwhile-relief-from").point == 4
    none = fit(relief(), relief_study((0.0, 0.0, 0.0, 0.0)))
    assert named(none, "relief-from").point is None and "At no visit" in named(none, "relief-from").sentence


def test_the_knot_tells_relief_a_session_before_and_after():
    """True course: a point a session up to the second, nothing further."""
    estimate = fit(relief(), relief_study((-1.0, -2.0, -2.0, -2.0), patients=400))
    before, after = named(estimate, "change-per-session-up-to-2"), named(estimate, "change-per-session-after-2")
    assert before.low < -1 < before.high and after.low < 0 < after.high and before.high < -0.7


def test_a_study_without_session_days_cannot_place_visits():
    dataset = relief_study()
    bare = make_dataset(dataset.study, dataset.patients, dataset.outcomes)
    lack = ask(relief(), bare)
    assert lack.code == "no-time" and "does not record on which days" in lack.sentence


# What each session adds


def dose_study(line=-0.15, bend=0.0, numbers=(1, 4, 8), patients=120, seed=1, said=True, therapists=0, **changes):
    """Arms with planned numbers of sessions; pain at weeks 4 and 8 falls by `line` a session."""
    dice = np.random.default_rng(seed)
    names = [f"arm{number}" for number in numbers]
    people = make_patients(patients, seed=seed, arms=names)
    planned = people["arm"].str[3:].astype(float).to_numpy()
    who = dice.integers(0, max(therapists, 1), patients)
    people["therapist"] = [f"T{each}" if therapists else None for each in who]
    own, start = dice.normal(0, 1, patients), dice.normal(6, 1.2, patients)
    own = own + (dice.normal(0, 0.5, max(therapists, 1))[who] if therapists else 0)
    rows = [people[["patient"]].assign(visit="baseline", day=0.0, value=start)]
    for name, day in (("week 4", 28.0), ("week 8", 56.0)):
        value = 2 + 0.5 * start + own + line * planned + bend * (planned == 4) + dice.normal(0, 0.8, patients)
        rows.append(people[["patient"]].assign(visit=name, day=day, value=value)[dice.random(patients) > 0.05])
    arms = {name: {"label": f"{number} sessions", "technique": "massage-course" if number > 1 else "massage",
                   **({"sessions": number} if said else {}),
                   **({} if number > 1 else {"comparator_class": "other-massage", "reference": True})}
            for name, number in zip(names, numbers, strict=True)}
    study = make_study(arms=arms, primary_visit="week 8", visits=[
        {"name": "baseline", "day": 0}, {"name": "week 4", "day": 28}, {"name": "week 8", "day": 56}])
    outcomes = pd.concat(rows, ignore_index=True).assign(instrument="NRS", session=np.nan, moment=None)
    return make_dataset(study, people, outcomes.reindex(columns=list(OUTCOMES)), **changes)


def slope(**analysis):
    registered = dict(method="course", measure="slope", techniques=["massage-course"], comparators=["other-massage"],
                      windows=[[14, 84]], designs=["randomised"])
    return make_claim(**registered | analysis)


def test_the_slope_uses_every_arm_with_a_planned_number():
    estimate = fit(slope(), dose_study(patients=300, seed=2))
    assert estimate.low < -0.15 < estimate.high and estimate.high - estimate.low < 0.12
    assert (estimate.visit, estimate.unit) == ("week 8", "points per session")
    assert set(estimate.n) == {"arm1", "arm4", "arm8"} == {arm.arm for arm in estimate.by_arm}
    assert any("1 sessions 1, 4 sessions 4 and 8 sessions 8" in line for line in estimate.assumptions)


def test_the_curve_stands_beside_and_a_bend_is_noticed():
    straight, bent = (fit(slope(), dose_study(bend=bend, patients=300, seed=2)) for bend in (0.0, -1.0))
    four, eight = named(straight, "difference-4-sessions"), named(straight, "difference-8-sessions")
    assert four.low < -0.45 < four.high and eight.low < -1.05 < eight.high
    assert named(straight, "departure-from-a-line").point > 0.01 > named(bent, "departure-from-a-line").point


def test_two_numbers_are_a_difference_by_the_sessions_between_them():
    estimate = fit(slope(), dose_study(numbers=(1, 6)))
    difference = named(estimate, "difference-6-sessions")
    assert estimate.point == pytest.approx(difference.point / 5) and estimate.low == pytest.approx(difference.low / 5)


def test_numbers_that_are_not_said_or_not_different_are_lacks():
    lack = ask(slope(), dose_study(said=False))
    assert lack.code == "no-comparator" and "does not say how many sessions" in lack.sentence
    assert "massage-course" not in ask(slope(), make_dataset()).sentence


def test_therapists_of_a_dose_trial_are_a_random_effect():
    estimate = fit(slope(), dose_study(patients=150, therapists=6))
    assert estimate.clustered and estimate.df > 100, "all treat in every arm, so arms are compared within therapists"
    dataset = dose_study(patients=150, therapists=6)
    patients = dataset.patients
    nested = patients.assign(therapist=patients["arm"] + patients["therapist"].str.replace("[45]", "1", regex=True))
    estimate = fit(slope(), make_dataset(dataset.study, nested, dataset.outcomes))
    assert estimate.clustered and estimate.df <= nested["therapist"].nunique() - 2
    assert "therapists-not-modelled" in codes(fit(slope(), dose_study(patients=150, therapists=2)))


# Who needs more sessions


def test_hazards_are_those_of_glm_and_errors_those_of_clubsandwich():
    """Oracle: reference/course/output.json (glm, complementary log-log; clubSandwich CR2 of its working regression)."""
    rows = pd.read_csv(FOLDER / "risks.csv")
    columns = np.column_stack([rows["step"] == step for step in range(1, 7)] + [rows["baseline"]]).astype(float)
    found, expected = fit_hazards(rows["reached"].to_numpy(float), columns), OUTPUT
    assert found.converged
    assert found.coefficients == pytest.approx(expected["hazards"]["estimates"], rel=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(expected["hazards"]["plain_errors"], rel=1e-6)
    for by, least in (("patient", 20), ("therapist", 3)):
        ratio, theirs = found.ratio(6, rows[by].to_numpy()), expected[f"by_{by}"]
        assert ratio.standard_error == pytest.approx(theirs["least_squares"]["standard_error"], rel=1e-6)
        assert ratio.standard_error == pytest.approx(theirs["glm"]["standard_error"], rel=1e-3)
        assert least < ratio.df <= theirs["least_squares"]["df"] + 1e-6, "ours allows for likeness within a cluster"
        assert np.log(ratio.point) == pytest.approx(expected["hazards"]["estimates"][-1], rel=1e-6)


def test_sessions_are_pooled_until_each_group_has_enough_who_reached_it():
    steps = np.repeat(np.arange(1, 7), 10)
    reached = np.zeros(60)
    for step, count in zip(range(1, 7), (2, 4, 6, 5, 0, 1), strict=True):
        reached[np.flatnonzero(steps == step)[:count]] = 1
    groups = pool_steps(steps, reached)
    assert [groups[steps == step][0] for step in range(1, 7)] == [0, 0, 1, 2, 2, 2]
    assert pool_steps(steps, reached * 0).max() == 0


def reaching_study(slope=-0.3, patients=120, seed=1, therapists=0, moment="before", ceiling=8, start_sd=1.4):
    """True hazard of a fall of two points after each session, by severity; who has fallen stays so."""
    dice = np.random.default_rng(seed)
    people = make_patients(patients, seed=seed, arms=("massage",))
    start = np.clip(np.round(dice.normal(6, start_sd, patients)), 3, 10)
    who = dice.integers(0, max(therapists, 1), patients)
    people["therapist"] = [f"T{each}" if therapists else None for each in who]
    skill = dice.normal(0, 0.3, max(therapists, 1))[who] if therapists else 0
    left, fallen, rows, sessions = dice.integers(3, ceiling + 1, patients), np.zeros(patients, bool), [], []
    rows.append(people[["patient"]].assign(visit="baseline", day=0.0, value=start))
    for number in range(1, ceiling + 1):
        here = left >= number
        before = start - 2.0 * fallen
        fallen = fallen | (dice.random(patients) < 1 - np.exp(-np.exp(-1.3 + slope * (start - 6) + skill)))
        after = start - 2.0 * fallen
        times = dict(session=float(number), day=3.0 + 7 * number)
        for word, value in (("before", before), ("after", after)):
            if word == moment or moment == "both":
                rows.append(people[["patient"]].assign(moment=word, value=value, **times)[here])
        sessions.append(people[["patient"]].assign(**times)[here])
    outcomes = pd.concat(rows, ignore_index=True).assign(instrument="NRS").reindex(columns=list(OUTCOMES))
    study = make_study(design="single-arm", arms={"massage": ARMS["massage"]}, primary_visit="baseline",
                       visits=[{"name": "baseline", "day": 0}])
    return make_dataset(study, people, outcomes, pd.concat(sessions, ignore_index=True))


def reaching(**analysis):
    registered = dict(method="course", measure="hazard-ratio", hypothesis="below", null=1, modifier="baseline",
                      comparators=[], windows=[[1, 182]], designs=["randomised", "cohort", "single-arm"])
    return make_claim(**registered | analysis)


def test_the_hazard_ratio_is_found_whichever_moment_was_recorded():
    found = [fit(reaching(), reaching_study(moment=moment, patients=400)) for moment in ("before", "after", "both")]
    for estimate in found:
        assert estimate.low < np.exp(-0.3) < estimate.high < 1 and estimate.reference is None
    assert "before each further session" in found[0].model and "after each session" in found[1].model
    assert found[2].point == found[0].point, "what was felt before stands first"
    arm, = found[1].by_arm
    assert arm.total == 400 and 0 < arm.events < 400 and found[1].n == {"massage": 400}


def test_nobody_is_at_risk_after_having_reached_it():
    from mmresearch.models.course_reaching import rows_at_risk
    from mmresearch.models.course_values import baselines, gather_values

    dataset = reaching_study(moment="after")
    question = ask(reaching(), dataset)
    values, origin = gather_values(question, dataset)
    risks = rows_at_risk(question.instrument, (2, "absolute"), values, baselines(question, dataset), dataset)
    last = risks.rows.groupby("patient")["reached"]
    assert origin == "after" and (last.sum() <= 1).all() and (last.last() == last.max()).all()


def test_who_cannot_fall_that_far_is_left_out_and_counted():
    dataset = reaching_study()
    outcomes = dataset.outcomes
    mild = dataset.patients["patient"].head(7)
    outcomes.loc[(outcomes["visit"] == "baseline") & outcomes["patient"].isin(mild), "value"] = 1.0
    estimate = fit(reaching(), make_dataset(dataset.study, dataset.patients, outcomes, dataset.sessions))
    assert any("7 patients started too near the scale's end" in line for line in estimate.assumptions)


def test_few_who_reach_it_are_said_and_none_leaves_no_ratio():
    dataset = reaching_study(moment="after")
    outcomes = dataset.outcomes
    start = outcomes[outcomes["visit"] == "baseline"].set_index("patient")["value"]
    still = outcomes.assign(value=outcomes["patient"].map(start))
    estimate = fit(reaching(), make_dataset(dataset.study, dataset.patients, still, dataset.sessions))
    assert estimate.point is None and codes(estimate) == ["not-estimable"]
    four = still.assign(value=still["value"] - 2.0 * (still["session"] >= 2) * still["patient"].isin(start.index[:4]))
    few = fit(reaching(), make_dataset(dataset.study, dataset.patients, four, dataset.sessions))
    assert "few-events" in codes(few)


def test_equal_starts_have_no_hazard_ratio():
    estimate = fit(reaching(), reaching_study(start_sd=0.0))
    assert estimate.point is None and "not-estimable" in codes(estimate)


def test_therapists_cluster_the_hazards():
    estimate = fit(reaching(), reaching_study(therapists=8, patients=200))
    assert estimate.clustered and estimate.df < 8 and "by therapist" in estimate.model


def test_the_other_threshold_stands_beside():
    beside, = fit(reaching(), reaching_study()).robustness
    assert beside.analysis == "reaching a fall of 30% instead" and beside.low < beside.point < beside.high


def test_findings_read_as_sentences():
    cases = [("early-relief", relief(), relief_study()), ("multiple-sessions-needed", slope(), dose_study()),
             ("sessions-by-severity", reaching(), reaching_study())]
    said = [finding(articles().claim(name), fit(claim, dataset)) for name, claim, dataset in cases]
    assert said[0].startswith("pain intensity (NRS) at week 2 was ") and "with waiting list" in said[0]
    assert "slope of pain intensity (NRS) over the number of sessions at week 8 with courses of 1, 4 or 8" in said[1]
    assert said[2].startswith("the hazard of reaching a fall of 2 points in pain intensity (NRS) by the next session, "
                              "for each point more at baseline, was ")


# Many trials


def covered(claim, make, truth, trials=200, **study):
    with registered_alone():
        found = [fit(claim, make(seed=seed, **study)) for seed in range(trials)]
    return sum(each.low <= truth <= each.high for each in found), np.array([each.point for each in found])


@pytest.mark.slow
@pytest.mark.parametrize("study", [{"patients": 80}, {"patients": 80, "therapists": 6}])
def test_slopes_cover_their_truth(study):
    """200 trials; with 95% coverage 178 or more cover with probability 0.9995 (179 its quantile)."""
    for line in (0.0, -0.15):
        count, points = covered(slope(), dose_study, line, line=line, **study)
        assert count >= 178 and abs(points.mean() - line) < 4 * points.std() / np.sqrt(200)


@pytest.mark.slow
@pytest.mark.parametrize("study", [{"patients": 60}, {"patients": 80, "therapists": 6}])
def test_hazard_ratios_cover_their_truth(study):
    """200 trials; bias of the log ratio below 0.05, the small-sample bias of maximum likelihood among 60."""
    for line in (0.0, -0.3):
        count, points = covered(reaching(), reaching_study, np.exp(line), slope=line, moment="after", **study)
        assert count >= 178 and abs(np.log(points).mean() - line) < 0.05


@pytest.mark.slow
def test_simultaneous_intervals_hold_all_together():
    """200 null trials: all four hold 0 in 178 or more, with probability 0.9995."""
    null = [fit(relief(), relief_study((0.0,) * 4, patients=60, seed=seed)) for seed in range(200)]
    assert sum(named(each, "relief-from").point is None for each in null) >= 178 - 5, "one-sided looks only at relief"
