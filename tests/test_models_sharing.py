"""Claims that ask the same share one fit; a failure is nobody else's."""

import pytest
from model_studies import make_claim, make_dataset

from mmresearch import models
from mmresearch.models import change


@pytest.fixture
def fits(monkeypatch):
    """The ids of claims whose analysis really ran."""
    ran, real = [], change.fit

    def counted(claim, dataset):
        ran.append(claim.id)
        return real(claim, dataset)

    monkeypatch.setattr(change, "fit", counted)
    return ran


def test_claims_with_the_same_question_share_one_fit_under_their_own_names(fits):
    dataset = make_dataset()
    wide = make_claim("wide", population={"words": "x", "conditions": ["pain"]}, magnitude="large")
    narrow = make_claim("narrow", population={"words": "y", "conditions": ["low-back-pain"]})
    first, second = models.fit(wide, dataset), models.fit(narrow, dataset)
    assert fits == ["wide"]
    assert (first.claim, second.claim) == ("wide", "narrow")
    assert (first.point, first.low, first.robustness) == (second.point, second.low, second.robustness)


@pytest.mark.parametrize(
    "other",
    [{"windows": [[30, 60]]}, {"hypothesis": "non-inferiority"}, {"direction": "higher"}, {"null": -1.0}],
)
def test_another_question_is_another_fit(fits, other):
    dataset = make_dataset()
    models.fit(make_claim("one"), dataset)
    models.fit(make_claim("other", **other), dataset)
    assert fits == ["one", "other"]


def test_another_dataset_is_another_fit(fits):
    models.fit(make_claim(), make_dataset())
    models.fit(make_claim(), make_dataset())
    assert len(fits) == 2


def test_a_failure_is_raised_again_and_not_remembered(monkeypatch):
    dataset, real = make_dataset(), change.fit
    monkeypatch.setattr(change, "fit", lambda claim, dataset: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        models.fit(make_claim(), dataset)
    monkeypatch.setattr(change, "fit", real)
    assert models.fit(make_claim(), dataset).point is not None
