"""A study read ahead is handed out only while its files hold the same bytes."""

import os
import shutil
from pathlib import Path

import pytest

from mmresearch.study import ahead, read_study
from mmresearch.workbench import opening

DEMO = Path(__file__).parents[1] / "data" / "demo" / "goals"


@pytest.fixture
def study(tmp_path):
    folder = shutil.copytree(DEMO, tmp_path / "study")
    yield folder
    ahead._kept.clear()


def data_file(folder):
    return next(path for path in sorted(folder.glob("*.csv")))


def test_what_was_read_ahead_is_what_would_be_read(study, tmp_path):
    kept = ahead.read_ahead(study)
    assert ahead.recall(study) is kept and kept.sha256 == read_study(study).sha256
    assert ahead.recall(shutil.copytree(study, tmp_path / "elsewhere")) is kept, "the bytes count, not the place"


@pytest.mark.parametrize("change", ["data", "study.toml", "claims.toml", "gone"])
def test_a_changed_byte_is_read_anew_though_the_time_stamp_is_the_old_one(study, change):
    ahead.read_ahead(study)
    path = data_file(study) if change in ("data", "gone") else study / change
    before = path.stat() if path.exists() else None
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes((path.read_bytes() if path.exists() else b"") + b"\n")
        if before:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert ahead.recall(study) is None


def test_a_page_takes_what_was_read_ahead(study, monkeypatch):
    opening.read_ahead(study)
    monkeypatch.setattr(opening, "read_study", lambda folder: pytest.fail("it was read again"))
    assert opening.read(study).sha256


def test_what_stands_in_a_database_is_never_read_ahead(study):
    text = (study / "study.toml").read_text(encoding="utf-8")
    assert ahead.fingerprint(study)
    (study / "study.toml").write_text(text + '\n[files.more]\ndatabase = "clinic.sqlite"\n', encoding="utf-8")
    assert ahead.fingerprint(study) is None
    opening.read_ahead(study)  # and nothing is read: the study is broken now
    assert ahead.recall(study) is None


def test_a_study_that_cannot_be_read_is_left_to_whoever_asks_for_it(study):
    ahead.read_ahead(study)
    (study / "study.toml").write_text("not toml", encoding="utf-8")
    assert ahead.recall(study) is None
