#!/bin/sh
# Solves pyproject.toml into requirements.lock (versions and hashes, no addresses) and environment.yml. Usage: lock.sh PYTHON
# Solved for the oldest Python we promise (3.11.0), so that it installs on Debian's 3.11 too.
set -eu
python=$1
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
"$python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > "$tools/build.in"
"$tools/venv/bin/uv" pip compile --quiet --python-version 3.11.0 --generate-hashes --extra test --upgrade \
    --no-header --no-annotate --output-file requirements.lock pyproject.toml "$tools/build.in"
"$python" tools/environment.py
