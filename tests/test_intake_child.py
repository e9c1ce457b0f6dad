"""The child process that parses foreign formats: what it may use, and how it ends when it must not go on."""

import json
import os
import subprocess
import sys

import pytest

from mmresearch.formats import Refusal, Source, child, handover

RUN = [sys.executable, "-I", "-c", handover.START, handover.ROOT]
BROKEN = {
    "ended by a fault of C code": ("import ctypes; ctypes.string_at(0)", "broke down"),
    "all memory": ("x = bytearray(3 * 10**9)", "needed more memory than it may have"),
    "a file written": ("open(FILE, 'w').write('x' * 10)", "could not make sense of it|broke down"),
    "an error with a cell in it": ("raise KeyError('Zyzanska')", r"could not make sense of it \(KeyError\)"),
    "nothing at all": ("import os; os._exit(0)", "gave no answer"),
    "half an answer": ("import os; os.write(1, b'{\"sheet\": {'); os._exit(0)", "gave no answer"),
}


@pytest.fixture
def reader(tmp_path, monkeypatch):
    """Put code in the place of a reader: the child imports it as it would import a format's module."""

    def put(code):
        (tmp_path / "broken.py").write_text(
            f"FILE = {str(tmp_path / 'written')!r}\n\ndef read_sheet(kind, source):\n    {code}\n", encoding="utf-8"
        )
        start = handover.START.replace(
            "main()",
            f"sys.path.append({str(tmp_path)!r}); import mmresearch.formats.child as child; "
            "child.importlib = type('', (), {'import_module': staticmethod(lambda _: __import__('broken'))}); main()",
        )
        monkeypatch.setattr(handover, "START", start)
        return Source(tmp_path, "pain.sav", ("id",))

    return put


@pytest.mark.parametrize("how", BROKEN)
def test_however_a_child_ends_the_reader_is_told(tmp_path, reader, how):
    code, said = BROKEN[how]
    with pytest.raises(Refusal) as caught:
        handover.read_elsewhere("sav", "pain.sav", reader(code))
    (sentence,) = caught.value.sentences
    assert sentence.startswith("the program that reads such files") and "export it again" in sentence
    assert any(part in sentence for part in said.replace("\\", "").split("|")) and "Zyzanska" not in sentence
    assert not (tmp_path / "written").exists() or (tmp_path / "written").read_text(encoding="utf-8") == ""


def test_a_child_that_never_ends_is_ended(reader):
    with pytest.raises(Refusal) as caught:
        handover.read_elsewhere("sav", "pain.sav", reader("import time; time.sleep(60)"), seconds=1)
    assert "could not be read within 1 seconds" in caught.value.sentences[0]


def test_a_child_takes_no_module_from_where_it_stands(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit(7)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job = json.dumps({"kind": "sqlite", "folder": "", "path": "none", "columns": []}).encode()
    done = subprocess.run(RUN, input=job, capture_output=True, env=os.environ)
    assert done.returncode == 0 and "refused" in json.loads(done.stdout)


def test_a_child_imports_no_more_than_it_needs():
    code = handover.START.replace("main()", "import json; print(json.dumps(sorted(sys.modules)))")
    done = subprocess.run([*RUN[:3], code, handover.ROOT], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"pandas", "numpy", "pydantic", "duckdb", "pyreadstat"}
    assert "mmresearch.formats.child" in loaded


def test_every_format_has_a_reader():
    from mmresearch.formats.kinds import READERS

    assert set(READERS.values()) - {"text", "database"} <= set(child.READERS)
