"""Parameters of notebooks: lists beside plain values, checked before anything starts; and what may not be one."""

import json
import os
import socket
from pathlib import Path

import pytest
import throwaway

from mmresearch.errors import UsageError
from mmresearch.runner import Page, execute
from mmresearch.runner.parameters import check, declare

CELL = """\
words = ["a", "b"]  # some words
shares = [0.5, 1]  # a whole number may stand among them
flags: list[bool] = []  # annotated, as an empty list says nothing
free = []  # any plain values
counts = None  # type: List[int] must be given
loud = False  # one of a kind"""
GOOD = {"counts": [1, 2]}


def write_notebook(path, *cells, parameters=CELL):
    return throwaway.write_notebook(path, *cells, parameters=parameters)


@pytest.fixture
def listing(tmp_path):
    return write_notebook(tmp_path / "listing.ipynb")


def refused(notebook, folder, **parameters):
    with pytest.raises(UsageError) as error:
        check([Page("one", notebook, folder, GOOD | parameters)])
    return error.value.findings


def test_a_notebook_declares_its_lists(listing):
    assert declare(listing) == {
        "words": (list[str], False), "shares": (list[float], False), "flags": (list[bool], False),
        "free": (list, False), "counts": (list[int], True), "loud": (bool, False)}


def test_lists_of_plain_values_fit(listing, tmp_path):
    check([Page("one", listing, tmp_path, {"words": [], "shares": [1, 2.5], "flags": [True], "free": ["a", 1, 2.0],
                                           "counts": [3], "loud": True})])


@pytest.mark.parametrize("given, said", [
    ({"words": "a"}, "listing.ipynb takes words as list of str, not str"),
    ({"words": ["a", 1]}, "listing.ipynb takes words as list of str, not list of int and str"),
    ({"words": ("a", "b")}, "listing.ipynb takes words as list of str, not tuple"),
    ({"counts": [1.5]}, "listing.ipynb takes counts as list of int, not list of float"),
    ({"counts": [True]}, "listing.ipynb takes counts as list of int, not list of bool"),
    ({"flags": [1]}, "listing.ipynb takes flags as list of bool, not list of int"),
    ({"free": [["a"]]}, "listing.ipynb takes free as list of plain values, not list of list"),
    ({"free": [None]}, "listing.ipynb takes free as list of plain values, not list of NoneType"),
    ({"loud": [True]}, "listing.ipynb takes loud as bool, not list of bool"),
])
def test_a_list_of_other_things_is_refused_by_type_and_not_by_value(listing, tmp_path, given, said):
    assert refused(listing, tmp_path, **given) == (f"one: {said}",)


def test_everything_wrong_is_told_at_once(listing, tmp_path):
    pages = [Page("one", listing, tmp_path / "a", {"word": ["a"]}),
             Page("two", listing, tmp_path / "b", {"counts": ["x"], "shares": [float("nan")]})]
    with pytest.raises(UsageError) as error:
        execute(pages, progress=False)
    assert error.value.findings == (
        "one: listing.ipynb has no parameter 'word'. Did you mean 'words'?",
        "one: listing.ipynb must be given counts",
        "two: listing.ipynb takes counts as list of int, not list of str",
        "two: shares is not a finite number, which a notebook's metadata cannot hold")
    assert not (tmp_path / "a").exists(), "nothing may run when anything is refused"


@pytest.mark.parametrize("default", ["{'a': 1}", "(1, 2)"])
def test_a_default_that_is_no_parameter_is_refused(tmp_path, default):
    notebook = write_notebook(tmp_path / "n.ipynb", parameters=f"odd = {default}")
    with pytest.raises(UsageError, match="odd: (dict|tuple)"):
        declare(notebook)


@pytest.mark.parametrize("path", ["/srv/study", "~/study", "~someone/study", "C:\\study", "d:/study", "\\\\host\\study",
                                  "file:///srv"])
def test_an_absolute_path_does_not_come_in(listing, tmp_path, path):
    for given in ([path], ["fine", path]):
        finding, = refused(listing, tmp_path, words=given)
        assert "absolute path" in finding and "study" not in finding


def test_relative_paths_and_other_words_come_in(listing, tmp_path):
    check([Page("one", listing, tmp_path, GOOD | {"words": ["../study", "a/b", "site=/", "/", "12:30", ""]})])


def test_a_secret_does_not_come_in(tmp_path, listing):
    named = write_notebook(tmp_path / "n.ipynb", parameters='db_password = ""\napi_key = ""\nwords = [""]\n'
                           'token_count = 1')
    check([Page("one", named, tmp_path, {"token_count": 3})])
    with pytest.raises(UsageError) as error:
        check([Page("one", named, tmp_path, {"db_password": "hunter2", "api_key": "k",
                                             "words": ["postgresql://me:hunter2@host/db"]})])
    assert [finding.split(" ")[1] for finding in error.value.findings] == ["db_password", "api_key", "words"]
    assert "hunter2" not in str(error.value)


def test_nothing_of_the_machine_is_left_in_an_executed_notebook(tmp_path, monkeypatch):
    """Cells, outputs and papermill's metadata alike: no path, no name of the machine, nothing of the environment."""
    monkeypatch.setenv("CLINIC_PASSWORD", "hunter2-of-the-clinic")
    notebook = write_notebook(tmp_path / "listing.ipynb", "words, shares, counts, loud", "import pandas")
    page = Page("one", notebook, tmp_path / "out", {"words": ["\u00e4 \"b\"\n", "c"], "counts": [1], "loud": True})
    result, = execute([page], jobs=1, progress=False)
    left = Path(result.executed).read_text(encoding="utf-8")
    record = json.loads(left)
    shown = [output["data"]["text/plain"] for cell in record["cells"] for output in cell.get("outputs", ())]
    assert "".join(shown[0]) == "(['\u00e4 \"b\"\\n', 'c'], [0.5, 1], [1], True)"
    assert record["metadata"]["papermill"]["parameters"] == page.parameters, "as papermill keeps it"
    assert record["metadata"]["papermill"]["input_path"] == "listing.ipynb"
    assert record["metadata"]["papermill"]["environment_variables"] == {}
    ours = Path(__file__).resolve().parents[1]
    forbidden = {str(tmp_path), str(ours), str(Path.home()) + os.sep, os.getcwd(), "hunter2", socket.gethostname()}
    assert not [word for word in forbidden if word in left]
