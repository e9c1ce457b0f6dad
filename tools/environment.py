"""Writes environment.yml from requirements.lock, so that conda users get the same versions."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = """# The environment of requirements.lock for conda users; written by `make lock`.
#   conda env create -f environment.yml && conda activate mmresearch && pip install --no-deps -e .
name: mmresearch
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def pins(text):
    """Return the (name, version) pairs of a requirements file's text, in its order."""
    return re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE)


def environment(lock):
    return HEAD + "".join(f"      - {name}=={version}\n" for name, version in pins(lock))


if __name__ == "__main__":
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment(lock), encoding="utf-8")
