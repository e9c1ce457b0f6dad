"""What is never opened, and what a file is whatever its name says."""

import gzip
import os
import pickle

import pytest
from studies import small_tables, write_study
from test_study_csv import as_text

from mmresearch.errors import DataError
from mmresearch.formats.kinds import READERS
from mmresearch.study import read_study


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    assert len(str(caught.value).splitlines()) <= 20
    return str(caught.value)


def study(folder, name, raw=None):
    return write_study(folder, tables={} if raw is None else {name: raw}, files={"pain": {"path": name}})


class Touching:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("name", ["pain.pkl", "pain.csv", "pain.xlsx", "pain.sav", "pain.joblib", "pain.npy"])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_pickles_are_never_opened(tmp_path, name, protocol):
    mark = tmp_path / "touched"
    message = refused(study(tmp_path / "study", name, pickle.dumps(Touching(mark), protocol)))
    assert f"{name}: " in message and not mark.exists()


@pytest.mark.parametrize(("start", "said"), [
    (b"\x93NUMPY\x01\x00v", "is a NumPy file, which can run code"),
    (gzip.compress(b"id,nrs_0\n", mtime=0), "is a gzip file; unpack it"),
    (b"\x89PNG\r\n\x1a\n", "is a picture, whatever its name says"),
    (b"%PDF-1.7", "is a PDF"),
    (b"X\n\x00\x00\x00\x03", "is an R object, which can run code"),
    (b"$FL2@(#) SPSS DATA FILE", "is an SPSS file, whatever its name says: name it .sav or .zsav"),
    (b"PAR1\x15\x04", "is a Parquet file, whatever its name says"),
    (b"SQLite format 3\x00", "is an SQLite database, whatever its name says"),
    (b"HEADER RECORD*******LIBRARY HEADER", "is a SAS transport file"),
    (b"<stata_dta><header>", "is a Stata file"),
    (b"<?xml version='1.0'?><Workbook>", "is a web page or XML"),
])
def test_a_file_of_another_kind_is_named(tmp_path, start, said):
    assert f"pain.csv: {said}" in refused(study(tmp_path, "pain.csv", start + b"\0" * 600))


@pytest.mark.parametrize("name", [f"pain{suffix}" for suffix in READERS if READERS[suffix] != "text"])
def test_text_by_another_name_is_named(tmp_path, name):
    message = refused(study(tmp_path, name, as_text(small_tables()["pain.csv"])))
    assert f"{name}: is delimited text, whatever its name says: name it .csv or .tsv or .txt" in message


def test_links_lead_nowhere_but_within_the_study(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text(as_text(small_tables()["pain.csv"]), encoding="utf-8")
    folder = study(tmp_path / "study", "linked.csv")
    (folder / "linked.csv").symlink_to(outside)
    assert "linked.csv: is a link that leads outside the study's folder" in refused(folder)
    (folder / "linked.csv").unlink()
    (folder / "linked.csv").symlink_to("linked.csv")
    assert "linked.csv: is a link that leads nowhere" in refused(folder)
    (folder / "linked.csv").unlink()
    (folder / "linked.csv").symlink_to("pain.csv")
    assert len(read_study(folder).outcomes)


def test_only_regular_files_are_opened(tmp_path):
    folder = study(tmp_path, "pipe.csv")
    os.mkfifo(folder / "pipe.csv")
    assert "pipe.csv: is a device or pipe and not a file" in refused(folder)
    folder = study(tmp_path, "folder.csv")
    (folder / "folder.csv").mkdir()
    assert "folder.csv: is a folder and not a file" in refused(folder)
    folder = study(tmp_path, "zero.csv")
    (folder / "zero.csv").symlink_to("/dev/zero")
    assert "zero.csv: is a link that leads outside" in refused(folder)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_leave_to_read_is_told(tmp_path):
    folder = study(tmp_path, "pain.csv")
    (folder / "pain.csv").chmod(0)
    assert "pain.csv: cannot be opened (Permission denied)" in refused(folder)


@pytest.mark.parametrize("name", ["pain.csv", "pain.xlsx", "pain.sav"])
def test_a_file_too_large_is_refused_before_it_is_read(tmp_path, name):
    folder = study(tmp_path, name)
    with (folder / name).open("wb") as file:
        file.truncate(10 * 2**30)
    assert f"{name}: has {10 * 2**30} bytes; the limit is" in refused(folder)


STRANGE = ["-rf.csv", "$(touch x).csv", "`touch x`.csv", "pa in;.csv", "päin.csv", "a" * 200 + ".csv"]


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_name_is_only_a_name(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dataset = read_study(study(tmp_path / "study", name, as_text(small_tables()["pain.csv"])))
    assert len(dataset.outcomes) and os.listdir(tmp_path) == ["study"]


def test_a_name_with_a_line_break_is_refused(tmp_path):
    message = refused(study(tmp_path, "pa\nin\x1b[31m.csv"))
    assert "a sign that cannot be printed" in message and "\x1b" not in message


@pytest.mark.parametrize("name", ["../pain.csv", "/etc/passwd.csv", "C:\\pain.csv", "~/pain.csv", "a/../../pain.csv"])
def test_no_name_leads_out_of_the_study(tmp_path, name):
    assert "lies outside the study's folder" in refused(study(tmp_path, name))
