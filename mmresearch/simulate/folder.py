"""Writes a simulated study as a folder: study.toml, the clinic's files, the study's own claims, and the truth."""

import json
from importlib.resources import files
from pathlib import Path

from mmresearch.errors import UsageError
from mmresearch.simulate.declaration import declare
from mmresearch.simulate.exports import export
from mmresearch.simulate.further import whole_truth
from mmresearch.simulate.settings import design
from mmresearch.simulate.trial import run_trial
from mmresearch.simulate.truth import CONVENTIONS

DIGITS = 6  # significant digits of truth.json: beyond its Monte Carlo error


def simulate_study(folder, seed=None, settings=None, truth=True):
    """Write a study into `folder` (made if absent) and return its Path.

    seed      of this study's patients; default: the design's, which the committed demo is made with
    settings  a Settings (default: design("three-arm"))
    truth     True: also truth.json, by following settings.truth_patients patients in every arm (some seconds)

    The same settings and seed give the same bytes. Raises UsageError when the folder holds anything else than an
    earlier simulated study.
    """
    settings = settings or design()
    folder = Path(folder)
    _refuse_foreign(folder)
    texts = {"study.toml": declare(settings), **export(run_trial(settings, settings.seed if seed is None else seed))}
    claims = files("mmresearch.simulate") / "designs" / f"{settings.name.replace('-', '_')}_claims.toml"
    if claims.is_file():
        texts["claims.toml"] = claims.read_text(encoding="utf-8")
    if truth:
        texts["truth.json"] = dumps(whole_truth(settings))
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder


def dumps(truth):
    """Return a Truth as JSON text: what the numbers mean, then one list a row, with the slopes of all patients only."""
    head = {"simulated": True, "design": truth.design, "seed": truth.seed,
            "patients_followed_in_every_arm": truth.patients, "meaning": CONVENTIONS}
    slopes = truth.slopes[truth.slopes["population"] == "all"]
    tables = {"effects": truth.effects, "responders": truth.responders, "slopes": slopes}
    if truth.further is not None:
        tables["further"] = truth.further.replace({float("nan"): None})
    parts = [json.dumps(head, indent=1)[:-2], *(f' "{name}": {_rows(table)}' for name, table in tables.items())]
    return ",\n".join(parts) + "\n}\n"


def _rows(table):
    rows = [json.dumps([_short(value) for value in row]) for row in table.itertuples(index=False)]
    return '{"columns": ' + json.dumps(list(table.columns)) + ', "rows": [\n  ' + ",\n  ".join(rows) + "]}"


def _short(value):
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _refuse_foreign(folder):
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(folder, "is a file; a simulated study is a folder", remedy="Give another name.")
    study = folder / "study.toml"
    ours = study.is_file() and "simulated = true" in study.read_text(encoding="utf-8", errors="replace")
    if any(folder.iterdir()) and not ours:
        raise UsageError(folder, "is not empty and holds no simulated study; nothing was written",
                         remedy="Give the name of a new or empty folder.")
