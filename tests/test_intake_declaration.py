"""A study.toml or claims.toml that is no such thing: pipes, giants, nests, and signs that terminals obey."""

import os

import pytest
from studies import write_study

from mmresearch.claims import read_registry
from mmresearch.errors import DataError, RegistryError
from mmresearch.study import read_study

NEST = "x = " + "[" * 20_000 + "]" * 20_000 + "\n"


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return str(caught.value)


def added(folder, text):
    folder = write_study(folder)
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return folder


@pytest.mark.parametrize(("text", "said"), [
    (NEST, "too deeply"),
    (f"x = {'9' * 10_000}\n", "thousands of digits"),
    ('title = "again"\n', "a key stands once"),
    ('x = "!!python/object/apply:os.system [touch X]"\n', "unknown key 'x'"),
])
def test_a_study_toml_that_cannot_be_is_refused(tmp_path, text, said):
    assert said in refused(added(tmp_path, text))


def test_words_are_no_truth_values(tmp_path):
    assert "simulated: must be true or false" in refused(write_study(tmp_path, simulated="no"))


def test_no_terminal_obeys_a_message(tmp_path):
    message = refused(added(tmp_path, '"\\u001b[31mred\\u202e" = 1\n'))
    assert "\x1b" not in message and "\u202e" not in message and "a sign that cannot be printed" in message


def test_no_line_of_a_message_is_without_end(tmp_path):
    assert max(map(len, refused(added(tmp_path, f'"{"a" * 300_000}" = 1\n')).splitlines())) < 2_100


@pytest.mark.parametrize("name", ["study.toml", "claims.toml"])
def test_giants_and_pipes_are_not_read(tmp_path, name):
    folder = write_study(tmp_path / "a")
    with (folder / name).open("ab") as file:
        file.truncate(10 * 2**30)
    assert f"{name}: has {10 * 2**30} bytes; the limit is" in refused(folder)
    folder = write_study(tmp_path / "b")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    message = refused(folder)
    assert "has no study.toml" in message or "claims.toml: is no regular file" in message


def test_a_nest_of_claims_is_refused():
    with pytest.raises(RegistryError, match="claims.toml: lists stand within one another too deeply"):
        read_registry("study", {"claims.toml": NEST})
