#!/bin/sh
# Solves pyproject.toml into requirements.lock (versions and hashes, no addresses) and environment.yml. Usage: lock.sh PYTHON
set -eu
python=$1
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/venv"
"$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip-tools
"$tools/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --all-build-deps --extra test \
    --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
    --output-file requirements.lock pyproject.toml
"$python" tools/environment.py
