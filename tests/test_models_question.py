"""What a claim means in a study: the words that match, the order of preference, and what each lack says."""

import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values

from mmresearch.claims import Claim
from mmresearch.estimate import Lack
from mmresearch.models import Question, ask, fit
from mmresearch.models.question import ORDER

THREE = ("massage", "relaxation", "control")


def three_arms(**changes):
    return make_dataset(make_study(arms=ARMS, **changes), make_patients(90, arms=THREE))


def lack_of(dataset=None, **analysis):
    lack = ask(make_claim(**analysis), dataset or make_dataset())
    assert isinstance(lack, Lack)
    return lack


def test_a_claim_that_fits_names_arms_instrument_visit_and_patients():
    question = ask(make_claim(), make_dataset())
    assert isinstance(question, Question)
    assert (question.arm, question.reference, question.comparator_class) == ("massage", "control", "usual-care")
    assert (question.instrument.id, question.visit.name, len(question.patients)) == ("NRS", "week 12", 80)
    assert "p000" not in repr(question)


@pytest.mark.parametrize(
    "comparators, reference",
    [
        (["relaxation-massage", "usual-care"], "relaxation"),
        (["usual-care", "relaxation-massage"], "control"),
        (["sham", "usual-care"], "control"),
    ],
)
def test_comparators_are_taken_in_the_claims_order(comparators, reference):
    assert ask(make_claim(comparators=comparators), three_arms()).reference == reference


def test_techniques_are_taken_in_the_claims_order():
    claim = make_claim(techniques=["relaxation-massage", "medical-massage"], comparators=["usual-care"])
    assert ask(claim, three_arms()).arm == "relaxation"


def test_an_arm_is_never_compared_with_itself():
    claim = make_claim(techniques=["relaxation-massage"], comparators=["relaxation-massage"])
    assert ask(claim, three_arms()).code == "no-comparator"


@pytest.mark.parametrize(
    "windows, visit",
    [
        ([[70, 98]], "week 12"),
        ([[30, 60]], "week 6"),
        ([[30, 60], [70, 98]], "week 6"),
        ([[1, 20], [70, 98]], "week 12"),
        ([[30, 98]], "week 12"),
    ],
)
def test_windows_are_taken_in_order_and_the_primary_visit_first(windows, visit):
    assert ask(make_claim(windows=windows), make_dataset()).visit.name == visit


def test_without_the_primary_visit_in_the_window_the_latest_counts():
    dataset = make_dataset(make_study(primary_visit="baseline"))
    assert ask(make_claim(windows=[[1, 98]]), dataset).visit.name == "week 12"


def test_a_primary_visit_within_the_window_wins_over_a_later_one():
    dataset = make_dataset(make_study(primary_visit="week 6"))
    assert ask(make_claim(windows=[[1, 98]]), dataset).visit.name == "week 6"


def test_an_instrument_measured_in_one_arm_only_gives_way_to_the_next():
    patients = make_patients()
    treated = patients[patients["arm"] == "massage"]
    outcomes = pd.concat([make_values(treated, instrument="NRS"), make_values(patients, instrument="VAS")])
    question = ask(make_claim(instruments=["NRS", "VAS"]), make_dataset(patients=patients, outcomes=outcomes))
    assert question.instrument.id == "VAS"


def test_a_broader_condition_is_answered_by_its_kinds():
    dataset = make_dataset(patients=make_patients(condition=["low-back-pain", "migraine"] * 20 + ["neck-pain"] * 40))
    question = ask(make_claim(population={"words": "x", "conditions": ["musculoskeletal-pain"]}), dataset)
    assert len(question.patients) == 60
    assert question.population == "patients with low back pain and neck pain"


def test_a_narrower_condition_is_not_answered_by_a_broader_one():
    lack = lack_of(
        make_dataset(patients=make_patients(condition="pain")),
        population={"words": "x", "conditions": ["low-back-pain"]},
    )
    assert lack.code == "no-population"
    assert "low back pain" in lack.sentence and "patients have pain" in lack.sentence


def test_filters_narrow_and_those_without_a_value_are_left_out_and_said():
    ages = [70.0] * 30 + [40.0] * 48 + [None] * 2
    dataset = make_dataset(patients=make_patients(age=pd.Series(ages)))
    question = ask(make_claim(population={"words": "x", "where": [{"column": "age", "at_least": 65}]}), dataset)
    assert len(question.patients) == 30
    assert question.population == "patients with age at least 65"
    assert "2 patients without a recorded age left out." in question.notes


def test_patients_an_instrument_was_never_given_to_do_not_count():
    """A questionnaire on backs, given to 30 patients with back pain: the other 50 have not failed to respond."""
    patients = make_patients(condition=["low-back-pain"] * 30 + ["neck-pain"] * 50)
    outcomes = make_values(patients[patients["condition"] == "low-back-pain"], instrument="ODI")
    estimate = fit(
        make_claim(method="responder", instruments=["ODI"]), make_dataset(patients=patients, outcomes=outcomes)
    )
    assert sum(estimate.n.values()) == sum(estimate.n_randomised.values()) == 30
    assert estimate.population == "patients with low back pain"
    assert "50 patients without any value of ODI left out." in estimate.assumptions


def test_better_and_worse_follow_the_instrument():
    assert ask(make_claim(direction="better"), make_dataset()).direction == "lower"
    assert ask(make_claim(direction="worse"), make_dataset()).direction == "higher"


def test_a_filter_on_the_outcomes_own_baseline():
    dataset = make_dataset()
    question = ask(make_claim(population={"words": "x", "where": [{"column": "baseline", "at_least": 6}]}), dataset)
    start = dataset.wide("NRS")["baseline"]
    assert len(question.patients) == int((start >= 6).sum()) < 80
    assert question.population == "patients with NRS at baseline at least 6"


def test_equal_patients_by_other_words_are_one_estimand():
    """A claim about pain and one about low back pain ask the same of a study of low back pain."""
    wide = make_claim(population={"words": "x", "conditions": ["pain"]}, magnitude="large", direction="higher")
    narrow = make_claim(population={"words": "y", "conditions": ["low-back-pain"]}, magnitude="any")
    assert ask(wide, make_dataset()).estimand == ask(narrow, make_dataset()).estimand


@pytest.mark.parametrize(
    "change",
    [
        {"windows": [[30, 60]]},
        {"model": "mmrm"},
        {"measure": "slope", "modifier": "age"},
        {"observed_at": ["week 6"]},
        {"population": {"words": "x", "where": [{"column": "age", "at_least": 50}]}},
        {"method": "responder"},
    ],
)
def test_another_visit_model_measure_or_population_is_another_estimand(change):
    assert ask(make_claim(**change), make_dataset()).estimand != ask(make_claim(), make_dataset()).estimand


@pytest.mark.parametrize(
    "analysis, code, says",
    [
        ({"techniques": ["acupuncture"]}, "no-arm", ["acupuncture", "Medical massage and Usual care"]),
        ({"comparators": ["sham"]}, "no-comparator", ["sham", "Medical massage and Usual care"]),
        ({"instruments": ["PSQI"]}, "no-instrument", ["Pittsburgh", "it measured NRS"]),
        ({"population": {"words": "x", "conditions": ["migraine"]}}, "no-population", ["migraine", "low back pain"]),
        (
            {"population": {"words": "x", "where": [{"column": "severity", "at_least": 3}]}},
            "no-population",
            ["'severity'"],
        ),
        (
            {"population": {"words": "x", "where": [{"column": "age", "at_least": 120}]}},
            "no-population",
            ["80 patients"],
        ),
        ({"windows": [[300, 400]]}, "no-time", ["300 to 400", "week 12 (day 84)"]),
        ({"observed_at": ["week 52"]}, "no-time", ["week 52", "week 12"]),
        ({"designs": ["single-arm"]}, "design-does-not-fit", ["single-arm", "randomised"]),
        ({"modifier": "severity", "measure": "slope"}, "no-modifier", ["'severity'"]),
        ({"modifier": "condition", "measure": "slope"}, "no-modifier", ["same for all"]),
        ({"modifier": "site", "measure": "slope"}, "method-not-built", ["3 categories"]),
        ({"method": "responder", "missing": "mar"}, "method-not-built", ["missing at random"]),
        ({"method": "responder", "modifier": "site"}, "method-not-built", ["'responder' with a modifier"]),
        ({"also": ["GAD7"]}, "no-instrument", ["Generalized Anxiety", "it measured NRS"]),
        ({"modifier": "age", "modifier_at_least": 200}, "no-modifier", ["same for all"]),
        ({"intercurrent": "hypothetical"}, "no-instrument", ["rescue medication", "medicines"]),
        ({"intercurrent": "while-on-treatment"}, "method-not-built", ["while-on-treatment"]),
    ],
)
def test_each_lack_says_what_is_missing_and_what_is_there(analysis, code, says):
    lack = lack_of(**analysis)
    assert lack.code == code
    assert all(words in lack.sentence for words in says), lack.sentence


def test_too_few_patients_are_counted_by_arm():
    lack = lack_of(make_dataset(patients=make_patients(9)))
    assert lack.code == "too-few-patients"
    assert "5 in Medical massage and 4 in Usual care" in lack.sentence


def test_a_single_arm_study_has_no_comparison_group():
    study = make_study(design="single-arm", arms={"massage": ARMS["massage"]})
    dataset = make_dataset(study, make_patients(arms=("massage",)))
    assert lack_of(dataset, designs=["randomised", "single-arm"]).code == "no-comparison-group"


def test_non_inferiority_without_a_margin_is_a_lack():
    own = {"OWN": {"name": "Own scale", "measures": "pain", "unit": "points", "better": "lower", "self_reported": True}}
    patients = make_patients()
    dataset = make_dataset(make_study(instruments=own), patients, make_values(patients, instrument="OWN"))
    lack = lack_of(dataset, instruments=["OWN"], hypothesis="non-inferiority")
    assert (lack.code, "Own scale" in lack.sentence) == ("no-margin", True)


def test_several_lacks_give_the_first_code_and_all_sentences():
    who = {"words": "x", "conditions": ["migraine"]}
    lack = lack_of(techniques=["acupuncture"], population=who, intercurrent="composite")
    assert lack.code == "no-arm"
    assert all(words in lack.sentence for words in ("acupuncture", "migraine", "composite"))
    assert ORDER.index("no-arm") < ORDER.index("no-population") < ORDER.index("method-not-built")


@pytest.mark.parametrize(
    "testability, code",
    [("laboratory", "needs-laboratory"), ("cohort", "needs-cohort"), ("not-testable", "not-testable")],
)
def test_a_claim_without_analysis_says_why(testability, code):
    claim = Claim.model_validate(
        {
            "id": "toxins",
            "group": "other",
            "text": "It flushes toxins",
            "question": "Does it flush toxins?",
            "sources": [{"article": "a.txt", "line": 1, "quote": "flushes toxins"}],
            "testability": testability,
            "why_not": "No session outcome measures toxins.",
            "would_settle": "An assay.",
        }
    )
    expected = Lack("toxins", code, "No session outcome measures toxins.")
    assert ask(claim, make_dataset()) == expected == fit(claim, make_dataset())


def test_responders_need_a_baseline():
    outcomes = make_values(make_patients())
    lack = lack_of(make_dataset(outcomes=outcomes[outcomes["visit"] != "baseline"]), method="responder")
    assert (lack.code, "baseline" in lack.sentence) == ("no-instrument", True)
