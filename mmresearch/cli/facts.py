"""The content of run.json: hashes of data, claims and code, versions, parameters, times; no path of this machine."""

import json
import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import mmresearch
from mmresearch.cli.places import ROOT
from mmresearch.cli.sources import hash_bytes, hash_code, notebook_files
from mmresearch.workbench.opening import OWN

PACKAGES = ("ipykernel", "jinja2", "matplotlib", "nbformat", "numpy", "pandas", "papermill", "pingouin", "pydantic",
            "scipy", "statsmodels")


def gather_facts(job, started, seconds, arguments, snapshot):
    """Return what run.json says of one study's run.

    job: chain.Job; started: aware datetime; seconds: of the whole run; snapshot: of all files before anything was read
    """
    return identify(job) | {
        "claims_sha256": {registry.name: hash_registry(registry) for registry in job.registries},
        "code_sha256": hash_code(snapshot.hashes),
        "notebooks_sha256": {path.name: snapshot.hashes[path] for path in notebook_files() if path in snapshot.hashes},
        "git": read_commit(),
        "mmresearch": mmresearch.__version__,
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "parameters": {"claims": list(arguments.claims) if arguments.claims else None, "jobs": arguments.jobs,
                       "timeout": arguments.timeout, "by": list(arguments.by) if arguments.by else None},
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "pages": [{"page": result.page.name, "notebook": result.page.notebook.name, "seconds": result.seconds,
                   "from_cache": result.from_cache,
                   "failure": result.failure.sentence if result.failure else None} for result in job.results],
        "own_claims": [claim.model_dump(mode="json", exclude_defaults=True) for registry in job.registries
                       if registry.name == OWN for claim in registry],
    }


def identify(job):
    """Return what run.json says of which study it is."""
    return {"study": job.folder.name, "title": job.dataset.study.title, "data_sha256": job.dataset.sha256}


def hash_registry(registry):
    """Return the SHA-256 of a registry's records: comments and layout of the TOML do not count."""
    return hash_bytes(json.dumps([claim.model_dump(mode="json") for claim in registry], sort_keys=True).encode())


@cache
def read_commit():
    """Return the commit this code stands at and whether it was changed since; None outside a git clone."""
    if not (ROOT / ".git").exists():
        return None
    commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    return commit and {"commit": commit, "changed": bool(changes)}


def _git(*words):
    try:
        done = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
