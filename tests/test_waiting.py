"""Times until something happened, described and drawn: the same curve as the models', at whole weeks only."""

import numpy as np
import pytest
from model_studies import make_dataset, make_patients
from times_until import invented_times, timed_rows, timed_study, until_claim

from mmresearch import describe, exhibits
from mmresearch.models import ask
from mmresearch.models.survival import curve
from mmresearch.workbench.claim import ClaimPage


def study(**how):
    days, endings, treated, _ = invented_times(np.random.default_rng(2), **how)
    return timed_study(days, endings, treated), days, endings, treated


def test_shares_are_those_of_the_curve_the_estimate_rests_on():
    """Oracle: models.survival, itself equal to R's survfit."""
    dataset, days, endings, treated = study(forestalled=0.004, lost=150)
    found = describe.waiting(dataset, "RETURN")
    for arm, code in (("massage", 1), ("control", 0)):
        expected = curve(days[treated == code], endings[treated == code])
        for point in found.of(arm):
            assert point.at_risk == (days[treated == code] >= point.day).sum()
            if point.share is not None:
                assert point.share == pytest.approx(expected.by(point.day)[0])
    assert all(point.day % 7 == 0 for point in found.points) and len(found.of("massage")) <= 14


def test_a_curve_ends_where_nobody_is_followed_any_more():
    dataset = timed_study([10.0, 20, 20, 30] * 5, [1, 1, 0, 0] * 5, [1] * 10 + [0] * 10)
    shares = {point.day: point.share for point in describe.waiting(dataset, "RETURN").of("massage")}
    assert shares[28] is not None and shares[35] is None


def test_arms_and_patients_may_be_chosen():
    dataset = study()[0]
    some = list(dataset.patients["patient"][:20])
    found = describe.waiting(dataset, "RETURN", arms=("massage",), patients=some)
    assert [arm.name for arm in found.arms] == ["massage"] and found.points[0].at_risk == 10


def test_the_figure_holds_both_arms_and_no_patient_s_own_day():
    dataset = study()[0]
    html = str(exhibits.show_waiting(describe.waiting(dataset, "RETURN"))._repr_html_())
    assert "Medical massage" in html and "Usual care" in html and "days since baseline" in html
    assert html == exhibits.show_waiting(describe.waiting(dataset, "RETURN"))._repr_html_()


def test_a_study_without_times_says_so():
    patients = make_patients(4)
    dataset = make_dataset(patients=patients, outcomes=timed_rows(patients, [1, 2, 3, 4], [0] * 4).iloc[:0])
    assert "No time was recorded" in exhibits.show_waiting(describe.waiting(dataset, "RETURN"))._repr_html_()


def test_the_page_of_a_claim_about_a_time_shows_it():
    dataset = study()[0]
    page = ClaimPage(dataset, ask(until_claim(), dataset))
    assert "To how many it has happened" in page.course()._repr_html_()
