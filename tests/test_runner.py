"""The runner: refuses before it runs, keeps pages apart, and lets one failing page fail no other."""

import json
import sys
import time
from pathlib import Path

import nbformat
import pytest
import throwaway
from papermill.exceptions import PapermillExecutionError

from mmresearch.errors import RegistryError, UsageError
from mmresearch.runner import Page, execute, handed_over
from mmresearch.runner.parameters import check, declare
from mmresearch.runner.worker import explain

MIME = "application/vnd.test+json"
PARAMETERS = 'word = "x"  # any word\ncount = 1\nshare = 0.5\nloud = False'


def write_notebook(path, *cells, parameters=PARAMETERS):
    return throwaway.write_notebook(path, *cells, parameters=parameters)


@pytest.fixture
def plain(tmp_path):
    return write_notebook(tmp_path / "plain.ipynb", "word * count")


def page(notebook, folder, name="one", **parameters):
    return Page(name, notebook, folder, parameters)


def test_a_notebook_declares_names_types_and_what_must_be_given(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", parameters='word = "x"\nseed: int = None\nany = None')
    assert declare(notebook) == {"word": (str, False), "seed": (int, True), "any": (None, True)}


def test_every_misfit_is_named_at_once_with_the_nearest_name(plain, tmp_path):
    pages = [page(plain, tmp_path / "a", wrod="y"), page(plain, tmp_path / "b", name="two", count="3", share=True)]
    with pytest.raises(UsageError) as refused:
        execute(pages, progress=False)
    assert refused.value.findings == (
        "one: plain.ipynb has no parameter 'wrod'. Did you mean 'word'?",
        "two: plain.ipynb takes count as int, not str",
        "two: plain.ipynb takes share as float, not bool",
    )
    assert not (tmp_path / "a").exists(), "nothing may run when anything is refused"


@pytest.mark.parametrize("value", [Path("x"), None, ["x"], {"x": 1}], ids=lambda value: type(value).__name__)
def test_only_plain_values_are_parameters(plain, tmp_path, value):
    with pytest.raises(UsageError, match=f"takes word as str, not {type(value).__name__}"):
        check([page(plain, tmp_path, word=value)])


def test_a_whole_number_is_a_float_and_a_bool_is_no_number(plain, tmp_path):
    check([page(plain, tmp_path, share=1)])
    with pytest.raises(UsageError, match="takes count as int, not bool"):
        check([page(plain, tmp_path, count=True)])


def test_a_required_parameter_must_be_given(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", parameters="seed: int = None")
    with pytest.raises(UsageError, match="one: n.ipynb must be given seed"):
        check([page(notebook, tmp_path)])


@pytest.mark.parametrize("content, said", [
    (None, "no such notebook"), ("{", "not a notebook"), (b"\xff", "not a notebook")])
def test_a_notebook_that_cannot_be_read_is_refused(tmp_path, content, said):
    path = tmp_path / "n.ipynb"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=said):
        check([page(path, tmp_path)])


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), tmp_path / "n.ipynb")
    with pytest.raises(UsageError, match="a cell tagged `parameters`"):
        check([page(tmp_path / "n.ipynb", tmp_path)])


def test_two_pages_may_not_be_left_in_one_file(plain, tmp_path):
    with pytest.raises(UsageError, match="two pages would be left in one file"):
        check([page(plain, tmp_path), page(plain, tmp_path, word="y")])


@pytest.mark.parametrize("name", ["", "a/b", "..", "../a"])
def test_a_page_is_named_like_a_file(plain, tmp_path, name):
    with pytest.raises(UsageError, match="not the name of a file"):
        Page(name, plain, tmp_path)


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_start_at_one(plain, tmp_path, jobs):
    with pytest.raises(UsageError, match="--jobs"):
        execute([page(plain, tmp_path)], jobs=jobs)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Five pages at once, two of them failing, one killing its kernel; in a folder with braces in its name."""
    folder = tmp_path_factory.mktemp("run") / "{word} {} of {study}"
    folder.mkdir()
    good = write_notebook(folder / "good.ipynb",
                          "import os, pathlib\npathlib.Path('left-here').write_text(word)",
                          "sorted(os.listdir())", "os.environ['OMP_NUM_THREADS'], os.environ['SECRET_OF_PAGE'] "
                          "if 'SECRET_OF_PAGE' in os.environ else 'none'",
                          "import ipykernel, json\nconnection = pathlib.Path(ipykernel.get_connection_file())\n"
                          "json.loads(connection.read_text())['transport']",
                          "os.environ['SECRET_OF_PAGE'] = word")
    ours = write_notebook(folder / "ours.ipynb", "from mmresearch.errors import DataError\n"
                          "raise DataError('march.csv', '2 rules are broken', ['arm: 4 rows'], 'Correct it.')")
    other = write_notebook(folder / "other.ipynb", "1", "raise ValueError('PATIENT-0007 is 93 years old')")
    dies = write_notebook(folder / "dies.ipynb", "import os\nos._exit(9)")
    pages = [page(good, folder / "p1", "slow-first", word="a"), page(ours, folder / "p2", "ours"),
             page(other, folder / "p3", "other"), page(dies, folder / "p4", "dies"),
             page(good, folder / "p5", "last", word="b")]
    return pages, execute(pages, jobs=2, progress=False, timeout=60)


def outputs(result):
    cells = json.loads(result.executed.read_text(encoding="utf-8"))["cells"]
    return ["".join(output["data"]["text/plain"]) for cell in cells for output in cell.get("outputs", ())
            if "data" in output]


def test_results_come_in_the_order_of_the_pages_and_failures_fail_no_other(mixed):
    pages, results = mixed
    assert [result.page for result in results] == pages
    assert [result.page.name for result in results if result.failure] == ["ours", "other", "dies"]
    assert all(result.seconds > 0 for result in results)


def test_an_error_of_ours_is_told_in_its_own_words(mixed):
    failure = mixed[1][1].failure
    assert failure.error == "DataError"
    assert failure.sentence == "march.csv: 2 rules are broken\n  arm: 4 rows\nCorrect it."


def test_any_other_error_is_told_by_type_and_cell_and_leaves_no_value_behind(mixed):
    pages, results = mixed
    assert results[2].failure.sentence == "ValueError in code cell 3"
    assert results[3].failure.sentence == "DeadKernelError because the kernel died (often: out of memory)"
    left = [path.read_text(encoding="utf-8", errors="replace") for each in pages[1:4] if each.folder.exists()
            for path in each.folder.rglob("*") if path.is_file()]
    assert not any("PATIENT-0007" in text for text in left)
    assert all(result.executed is None for result in results[1:4])


@pytest.mark.parametrize("name", ["DataError", "UsageError"])
def test_an_error_of_another_package_that_has_our_name_is_not_told(name):
    """pandas.errors has a DataError, IPython a UsageError."""
    traceback = ["-----", f"{name}: cell holds PATIENT-0007"]
    failure = explain(PapermillExecutionError(0, 3, "x", name, "cell holds PATIENT-0007", traceback))
    assert failure.sentence == f"{name} in code cell 3"


def test_each_page_runs_in_a_folder_and_a_process_of_its_own(mixed):
    first, last = mixed[1][0], mixed[1][4]
    assert outputs(first)[1:] == outputs(last)[1:] == ["['left-here']", "('1', 'none')", "'ipc'"]
    assert (last.page.folder / "left-here").read_text() == "b"


def test_an_executed_notebook_holds_no_path_of_this_machine(mixed):
    result = mixed[1][0]
    text = result.executed.read_text(encoding="utf-8")
    assert str(result.page.folder.parent) not in text and str(Path(sys.prefix)) not in text
    record = json.loads(text)["metadata"]["papermill"]
    assert (record["input_path"], record["output_path"]) == ("good.ipynb", "slow-first.ipynb")
    assert record["parameters"] == {"word": "a"}


def test_a_cell_past_its_timeout_fails_its_page(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "import time\ntime.sleep(600)")
    result, = execute([page(notebook, tmp_path / "p")], progress=False, timeout=1)
    assert result.failure.error == "CellTimeoutError"


def test_a_worker_that_dies_fails_its_own_page_only(tmp_path):
    murder = write_notebook(tmp_path / "n.ipynb", "import os, signal, time",
                            "os.kill(int(os.environ['JPY_PARENT_PID']), signal.SIGKILL) if word == 'kill' else None\n"
                            "time.sleep(1)\nword")
    pages = [page(murder, tmp_path / name, name, word=name) for name in ("a", "kill")]
    results = execute(pages, jobs=2, progress=False)
    assert [result.failure.error if result.failure else None for result in results] == [None, "WorkerDied"]


def test_progress_is_plain_lines_where_nobody_watches(plain, tmp_path, capsys):
    execute([page(plain, tmp_path / "p", "only")])
    assert capsys.readouterr().err.startswith("1/1 only: ")


def wait_until(true, seconds=120):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def test_what_is_handed_over_is_exactly_one_output(tmp_path):
    output = nbformat.v4.new_output("display_data", data={MIME: {"point": 1.5}, "text/html": "<p>"})
    cell, again = (nbformat.v4.new_code_cell("x", outputs=[output]) for _ in range(2))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "n.ipynb")
    assert handed_over(tmp_path / "n.ipynb", MIME) == {"point": 1.5}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell, again]), tmp_path / "n.ipynb")
    with pytest.raises(RegistryError, match="expected one output .*; found 2"):
        handed_over(tmp_path / "n.ipynb", MIME)
