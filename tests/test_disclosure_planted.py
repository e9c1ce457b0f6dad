"""Reports with one planted violation each are stopped by the last check; clean ones pass it."""

from dataclasses import replace as changed
from functools import cache
from tempfile import TemporaryDirectory

import pytest
from outcomes import make_claim, make_estimate, make_registry
from plants import PAGES, RECORDS
from releasing import make_tables, open_release
from studies import write_rows

from mmresearch import exhibits, report
from mmresearch.disclosure import inspect_pages, write_tables
from mmresearch.estimate import ArmSummary
from mmresearch.verdict import judge
from mmresearch.workbench.opening import OWN, registries

STUDIES = {  # what may be withheld depends on the study: few lost, many lost, nobody of one sex
    "few lost": dict(patients=60, lost=12), "many lost": dict(patients=64, lost=50), "small": dict(patients=40, lost=4),
    "large": dict(patients=200, lost=60),
}
FACTS = {"mmresearch": "0", "git": None, "release": "001", "started": "2026-01-02"}


@cache
def prepared(kind, seed):
    with TemporaryDirectory() as folder:
        return open_release(folder, seed=seed, **STUDIES[kind])


@cache
def one_sex(seed):
    from releasing import Prepared, make_study

    from mmresearch.disclosure import Policy
    from mmresearch.study import read_study

    with TemporaryDirectory() as folder:
        study = make_study(folder, seed=seed)
        rows = make_tables(seed=seed)["patients.csv"]
        write_rows(study / "patients.csv", [row | {"sex": "f"} for row in rows])
        return Prepared(read_study(study), Policy())


def plant(name, seed):
    """The findings of one violation, in the first study that has a place for it."""
    for each in [*(prepared(kind, seed) for kind in STUDIES), one_sex(seed)]:
        found = RECORDS[name](each)
        if found is not None:
            return found
    return None


def render(release, folder):
    """The pages of a release's own claims: name -> bytes."""
    registry = next(each for each in registries(release.dataset) if each.name == OWN)
    family = report.Family(registry, release.gated.outcomes, release.gated.verdicts[OWN])
    report.write_report(report.RunRecord(release.gated.description, (family,), facts=FACTS, released="11"), folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", RECORDS)
def test_a_planted_violation_is_stopped(name):
    found = plant(name, 1)
    assert found, f"{name}: no study of this seed has a place for it, or nothing stopped it"


@pytest.mark.parametrize("kind", STUDIES)
def test_a_clean_report_passes(kind, tmp_path):
    release = prepared(kind, 1)
    assert release.inspect() == ()
    pages = render(release, tmp_path) | write_tables(release.gated.description, release.gated.outcomes)
    assert inspect_pages(pages, release.dataset.patients["patient"]) == ()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_may_not_leave_is_stopped(name, tmp_path):
    pages = render(prepared("few lost", 1), tmp_path)
    page = pages["claims/pain-less.html"]
    assert inspect_pages({"claims/pain-less.html": page}, ["pt-017"], ["Weber"]) == ()
    assert PAGES[name](page)


@pytest.mark.slow
def test_ninety_nine_of_a_hundred_planted_are_stopped():
    """At least 300 reports with one violation each."""
    found = {(name, seed): plant(name, seed) for name in RECORDS for seed in range(2, 18)}
    placed = {key: each for key, each in found.items() if each is not None}
    missed = [key for key, each in placed.items() if not each]
    assert len(placed) >= 300 and len({name for name, _ in placed}) >= 20
    assert len(missed) <= 0.01 * len(placed), missed


@pytest.mark.slow
def test_two_of_a_hundred_clean_ones_at_most_are_stopped():
    stopped = [(kind, seed) for kind in STUDIES for seed in range(20, 95) if prepared.__wrapped__(kind, seed).inspect()]
    assert len(stopped) <= 0.02 * 75 * len(STUDIES), stopped


def test_exhibits_show_an_estimate_without_its_counts():
    arms = tuple(ArmSummary(name, name, None, 6.0, 1.8, 3.2, None, 3.1) for name in ("massage", "usual"))
    claim = make_claim("own")
    estimate = make_estimate("own", by_arm=arms, n=dict.fromkeys(("massage", "usual")), margin=None,
                             margin_source=None, n_randomised=dict.fromkeys(("massage", "usual")))
    shown = exhibits.show_estimate(estimate).html
    assert "withheld of withheld" in shown and "None" not in shown
    registry = make_registry(claim)
    assert "standard deviations" in exhibits.show_forest(registry, {"own": estimate}, judge(
        registry, {"own": estimate})).html
    assert exhibits.show_calibration(claim, estimate).html


def test_a_count_told_in_another_place_is_no_excuse():
    """The same number may stand twice; a number of one patient more may not stand beside it."""
    release = prepared("large", 1)
    rows = release.gated.description.flow.steps
    last = changed(rows[-1], counts=tuple(None if count is None else count + 1 for count in rows[-1].counts))
    flow = changed(release.gated.description.flow, steps=(*rows[:-1], last))
    assert any("not that of its patients" in each for each in release.inspect(
        changed(release.gated.description, flow=flow)))
