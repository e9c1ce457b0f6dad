#!/bin/sh
# Makes the virtual environment from the hash-pinned lock. Usage: setup.sh PYTHON VENV
set -eu
python=$1
venv=$2

"$python" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || {
    echo "set-up: Python 3.11 or newer is needed; $("$python" --version) was found. Try: make PYTHON=python3.11" >&2
    exit 4
}
# Debian keeps what `venv` needs in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv
    else
        echo "set-up: this Python has no venv. On Debian: sudo apt-get install python3-venv, then the same command again." >&2
        exit 4
    fi
fi
echo "set-up: making $venv from requirements.lock (once; a few minutes)" >&2
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
