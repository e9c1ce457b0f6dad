"""Everything that can change an executed notebook or an estimate, each by a hash of its own: names -> hashes.

What a page really reads decides (tests/test_ingredients.py): one claim's record, not the registry; of an instrument the
claim does not use, what Table 1 shows and how its values are read; not what the report adds around the notebook.
"""

import json

from mmresearch.cli.sources import LOCK, PACKAGE, hash_bytes, hash_code, hash_notebook, installed, study_files
from mmresearch.codebook import codebook

# No notebook reads or imports these, but for the verdicts' (PUBLISHED): the report adds what they hold.
UNREAD = ("cli/", "report/", "simulate/", "disclosure", "exhibits/calibration.csv", "evidence/effects.csv")
PUBLISHED = ("evidence/effects.csv",)
ONE_BY_ONE = ("claims/registry/", "codebook/instruments/")  # read whole, but a page rests on single records of them
# What a page rests on of an instrument that is measured, but not the one its claim is about.
IN_TABLE_ONE = frozenset({"id", "name", "unit", "low", "high", "step", "kind", "converts"})
IN_COURSES = IN_TABLE_ONE | {"measures", "better"}
VERDICTS = "verdicts"
ELSEWHERE = "data from elsewhere"  # such as a database server


class Ingredients:
    """The ingredients of one run's pages and estimates. snapshot: the Snapshot taken before the studies were read."""

    def __init__(self, snapshot):
        self._hashes = snapshot.hashes
        self._always = _code(snapshot.hashes) | installed()
        self._notebooks, self._instruments, self._data = {}, {}, {}

    def of_page(self, job, page):
        """Return those of a page of a study: its notebook and parameters, and what its estimate rests on."""
        asked = page.parameters.get("claim")
        own = {"notebook": self._notebook(page.notebook), "parameters": _digest(page.parameters)}
        if page.name == VERDICTS:
            return own | self._always | self._of_verdicts(job)
        return own | (self.of_estimate(job, asked) if asked else self._of_study(job, IN_COURSES))

    def of_estimate(self, job, name):
        """Return those of the estimate of the claim with id `name` in a study."""
        claim = job.claims[name]
        return {"claim": _digest(claim.model_dump(mode="json"))} | self._of_study(
            job, IN_TABLE_ONE, named(claim.analysis))

    def _of_study(self, job, seen, used=()):
        if job.folder not in self._data:
            self._data[job.folder] = _data(job, self._hashes)
        found = self._always | self._data[job.folder]
        for name in sorted({*job.measured, *used}):
            found[f"instrument {name}"] = self._instrument(name, None if name in used else seen)
        return found

    def _of_verdicts(self, job):
        """The verdicts' notebook shows what the run has written, and both registries' words."""
        files = [job.stage / "verdicts.json", *sorted((job.stage / "estimates").glob("*.json"))]
        written = [(path.name, hash_bytes(path.read_bytes())) for path in files if path.is_file()]
        claims = [claim.model_dump(mode="json") for claim in job.claims.values()]
        apart = {str(path): digest for path, digest in self._hashes.items() if _starts(path, ONE_BY_ONE)}
        published = [digest for path, digest in self._hashes.items() if _starts(path, PUBLISHED)]
        return {"verdicts and estimates": _digest(written), "claims": _digest([claims, sorted(apart.items())]),
                "published effects": _digest(published)}

    def _instrument(self, name, seen):
        if (name, seen) not in self._instruments:
            known = codebook().instruments.get(name)  # the study's own stand in study.toml
            self._instruments[name, seen] = _digest(known and known.model_dump(mode="json", include=seen))
        return self._instruments[name, seen]

    def _notebook(self, path):
        if path not in self._notebooks:
            self._notebooks[path] = hash_notebook(path)
        return self._notebooks[path]


def named(analysis):
    """Return the instruments an analysis may use."""
    return {*analysis.instruments, *analysis.also, *filter(None, [analysis.mediator])}


def _data(job, hashes):
    """The bytes of the study's files, but claims.toml: there a claim's own record counts, and no other claim."""
    files, whole = study_files(job.folder)
    found = {f"data {name}": hashes[path] for name, path in files.items() if hashes.get(path) and name != "claims.toml"}
    return found if whole else found | {ELSEWHERE: job.dataset.sha256}


def _code(hashes):
    """The package's own source, a hash a room, so that a change can be named."""
    rooms = {}
    for path, digest in hashes.items():
        if path.is_relative_to(PACKAGE) and not _starts(path, UNREAD + ONE_BY_ONE):
            rooms.setdefault(path.relative_to(PACKAGE).parts[0], {})[path] = digest
    return {f"code {room}": hash_code(files) for room, files in rooms.items()}


def _starts(path, beginnings):
    return path.is_relative_to(PACKAGE) and path.relative_to(PACKAGE).as_posix().startswith(beginnings)


def _digest(record):
    return hash_bytes(json.dumps(record, sort_keys=True).encode())


def explain(names):
    """Return in words which ingredients changed. names: of Ingredients, in any order."""
    kinds = {"data": [], "instrument": [], "code": []}
    plain = []
    for name in names:
        kind, _, rest = name.partition(" ")
        kinds[kind].append(rest) if kind in kinds and name not in WORDS else plain.append(WORDS[name])
    told = {"data": "the study's files", "instrument": "what is known of the instrument",
            "code": "mmresearch's own source"}
    return " and ".join([*plain, *(f"{told[kind]} ({', '.join(rest)})" for kind, rest in kinds.items() if rest)])


WORDS = {"notebook": "the notebook", "parameters": "the parameters", "claim": "the claim's record",
         "claims": "a claim's record", "verdicts and estimates": "a verdict or an estimate",
         "published effects": "the published effects", ELSEWHERE: "what the study's database holds",
         LOCK.name: LOCK.name, "packages": "the installed packages", "python": "Python or the machine"}
