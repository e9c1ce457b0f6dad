"""requirements.lock, environment.yml and pyproject.toml name one environment, with hashes and without addresses."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from environment import pins  # noqa: E402

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")


def test_conda_users_get_the_versions_of_the_lock():
    conda = re.findall(r"^ {6}- ([A-Za-z0-9._-]+)==(\S+)$", CONDA, flags=re.MULTILINE)
    assert len(conda) > 50
    assert conda == pins(LOCK)


def test_every_pin_carries_a_hash():
    blocks = re.split(r"^(?=[A-Za-z0-9._-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(pins(LOCK))
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_no_address_stands_in_the_lock_or_the_environment():
    assert "://" not in LOCK and "://" not in CONDA
    assert "--index" not in LOCK and "--find-links" not in LOCK


def test_every_declared_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["test"]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in declared}
    assert names <= {name.lower() for name, _ in pins(LOCK)}
