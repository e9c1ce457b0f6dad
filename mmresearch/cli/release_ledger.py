"""The ledger's folder: a key, the ledger, a promise while a release moves in, and the counts that stay inside."""

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path

from mmresearch.cli.places import make_folder, writing
from mmresearch.disclosure import add_entry, read_ledger
from mmresearch.errors import MMResearchError, PrivacyError, SetupError, UsageError
from mmresearch.runner.lock import held

KEY, LEDGER, PROMISE = "key", "ledger.jsonl", "promised.jsonl"


class LedgerFolder:
    """Opened for one release at a time; `entries` are what left before.

    A promise is written before a release is moved in, and becomes an entry after. One found on opening is of a command
    that was killed between: it is kept if the release it promised stands where it was to go, and else dropped.
    Raises UsageError where the folder lies within what leaves, PrivacyError where ledger or key are damaged.
    """

    def __init__(self, place, target):
        self.place, self._target = Path(place).absolute(), Path(target)
        if self.place.resolve().is_relative_to(self._target.resolve()):
            raise UsageError(self.place, "the ledger would lie within the release, and leave with it",
                             remedy="Choose a folder that stays in the clinic with --ledger.")
        self.entries, self.key = (), b""

    def __repr__(self):
        return f"LedgerFolder({len(self.entries)} releases)"

    def __enter__(self):
        self._make()
        self._lock = held(self.place, "ledger", wait=True)
        self._lock.__enter__()
        try:
            with writing(self.place):
                self._replace(".gitignore", "*\n")
                self.key = self._read_key()
                self._settle()
            self.entries = read_ledger(self._text(), self.place / LEDGER)
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise
        return self

    def _make(self):
        try:
            make_folder(self.place, mode=0o700, exist_ok=True)
        except SetupError as error:
            raise SetupError(self.place, error.what, remedy=(
                "Choose with --ledger a folder of the clinic that you may write to.")) from None

    def __exit__(self, *error):
        self._lock.__exit__(*error)

    def fingerprint(self, sha256):
        """Return what stands for a data hash in a release: the clinic can tell the data by it, and nobody else."""
        return hmac.new(self.key, f"data\0{sha256}".encode(), hashlib.sha256).hexdigest()[:16]

    def next_name(self):
        """Return the next release's name: a number, and letters by which one is not taken for another."""
        return f"{len(self.entries) + 1:03d}-{secrets.token_hex(3)}"

    def promise(self, entry):
        self._replace(PROMISE, json.dumps({"target": str(self._target), "release": entry.release}) + "\n"
                      + add_entry("", entry))

    def keep(self, entry, underlying):
        """Turn the promise into an entry, and write the counts that stay inside."""
        self._replace(f"{entry.release}-counts-internal.json", json.dumps(underlying, indent=1) + "\n")
        self._replace(LEDGER, add_entry(self._text(), entry))
        (self.place / PROMISE).unlink(missing_ok=True)

    def _text(self):
        path = self.place / LEDGER
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _read_key(self):
        path = self.place / KEY
        if not path.exists():
            if self._text():
                raise PrivacyError(path, "the ledger's key is gone", remedy=(
                    "Nothing was released. Put the key back from a copy: without it patients of earlier releases "
                    "cannot be told."))
            self._replace(KEY, secrets.token_hex(32) + "\n")
        return path.read_text(encoding="utf-8").strip().encode()

    def _settle(self):
        path = self.place / PROMISE
        if not path.exists():
            return
        try:
            promised, line = path.read_text(encoding="utf-8").split("\n", 1)
            promised, [entry] = json.loads(promised), read_ledger(line, path)
            stands = json.loads((Path(promised["target"]) / "run.json").read_text(encoding="utf-8"))["release"]
        except (OSError, ValueError, KeyError, MMResearchError):
            stands, entry = None, None
        if entry and stands == entry.release:
            self._replace(LEDGER, add_entry(self._text(), entry))
        path.unlink(missing_ok=True)

    def _replace(self, name, text):
        """Write a file in whole or not at all, readable by its owner alone."""
        handle, made = tempfile.mkstemp(dir=self.place, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(made, 0o600)
            os.replace(made, self.place / name)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
