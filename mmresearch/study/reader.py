"""The door: a study's folder becomes a Dataset, or one error with everything wrong in it."""

import hashlib
from pathlib import Path

from mmresearch.errors import DataError, MMResearchError, SetupError
from mmresearch.formats import Refusal, Source, Unready, read
from mmresearch.study.dataset import Dataset
from mmresearch.study.decisions import note_idle
from mmresearch.study.declaration import read_declaration
from mmresearch.study.findings import Findings, counted
from mmresearch.study.medication import derive_outcomes, with_takers
from mmresearch.study.outcomes import gather_outcomes, with_rows
from mmresearch.study.patients import gather_patients, with_patients
from mmresearch.study.periods import gather_periods, with_first_arms
from mmresearch.study.redcap import REPEATS, as_exported
from mmresearch.study.rules import check_declaration
from mmresearch.study.sessions import gather_medications, gather_sessions
from mmresearch.study.suspicions import note_suspicions
from mmresearch.study.tables import read_table

MOST_WRITTEN = 1_000_000  # bytes of study.toml or claims.toml
NEVER_MEASURED = "no outcome at baseline or later"


def find_studies(path):
    """Return the study folders at `path`: itself when it has a study.toml, else its subfolders that do, sorted.

    Raises DataError when there is none.
    """
    path = Path(path)
    if path.name == "study.toml" and path.is_file():
        return [path.parent]
    if (path / "study.toml").is_file():
        return [path]
    found = sorted(each.parent for each in path.glob("*/study.toml")) if path.is_dir() else []
    if not found:
        what = "holds no study" if path.is_dir() else "is no folder"
        raise DataError(path, what, remedy="A study is a folder with a study.toml; README.md shows how to write one.")
    return found


def read_study(folder):
    """Return the Dataset of the study in `folder`: study.toml and the files it names, checked and reshaped.

    Analysis set: as randomised, every patient with an outcome at baseline or later; others are counted in `exclusions`.
    Raises DataError with everything wrong at once, PrivacyError when among it is something that identifies a person.
    No message, cause or context holds a patient's value.
    """
    try:
        return _read(Path(folder))
    except MMResearchError as error:
        problem = error.with_traceback(None)
    except Exception as error:  # an error's own text may quote a cell, so only its kind and place leave this room
        problem = _unforeseen(folder, error)
    raise problem from None


def _read(folder):
    raw = _declared(folder)
    study = read_declaration(raw, folder)
    findings = Findings(study.decisions)
    check_declaration(study, findings)
    digests, tables = {"study.toml": _hash(raw)}, []
    for name, file in study.files.items():
        sheet = read_sheet(folder, file, digests, findings)
        tables += [read_table(name, file, sheet, findings)] if sheet is not None else []
    tables = [with_patients(study, table, findings) for table in tables if table is not None]
    tables = [table for table in tables if table.patient is not None]
    own_claims = _own_claims(folder, findings)
    frames = _gather(study, tables, findings) if tables else None
    findings.raise_all(folder)
    note_idle(findings)
    digest = _digest({**digests, "claims.toml": _hash((own_claims or "").encode())})
    return _dataset(study, frames, findings, sha256=digest, own_claims=own_claims)


def read_sheet(folder, file, digests, findings):
    """Return the Sheet of one file, its digest noted; None, with findings, where it is not read."""
    keys = ("encoding", "separator", "sheet", "header_row", "hidden", "table", "query", "url_from")
    told = {key: getattr(file, key) for key in keys}
    wanted = dict.fromkeys((*file.columns, *((REPEATS,) if file.redcap else ())))
    source = Source(folder, file.path or file.database or "", tuple(wanted), **told)
    try:
        sheet, digests[file.label] = read(source)
        return sheet if file.redcap is None else as_exported(sheet, file, folder, digests, findings)
    except Unready as refusal:
        raise SetupError(file.label, *refusal.sentences, remedy="Nothing was read.") from None
    except Refusal as refusal:
        for sentence in refusal.sentences:
            findings.wrong(file.label, sentence)
        for sentence in refusal.identifying:
            findings.identifies(file.label, sentence)
    return None


def _declared(folder):
    if not (folder / "study.toml").is_file():
        raise DataError(
            folder,
            "has no study.toml",
            remedy="A study is a folder with a study.toml; README.md shows how to write one.",
        )
    return _small(folder, "study.toml")


def _small(folder, name):
    """Return the bytes of a file a person wrote. Raises DataError for what cannot be one, before it is read."""
    path = folder / name
    size = path.stat().st_size if path.is_file() else None
    if size is None or size > MOST_WRITTEN:
        what = "is no regular file" if size is None else f"has {size} bytes; the limit is {MOST_WRITTEN}"
        raise DataError(path, what, remedy=f"Write {name} as docs/formats.md shows.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(path, f"cannot be opened ({error.strerror})", remedy="Ask for leave to read it.") from None


def _own_claims(folder, findings):
    if not (folder / "claims.toml").exists():
        return None
    try:
        return _small(folder, "claims.toml").decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.wrong("claims.toml", "the file is not UTF-8 text; save it as UTF-8")
        return None


def _gather(study, tables, findings):
    patients, periods = gather_patients(study, tables, findings), gather_periods(study, tables, findings)
    if study.design == "crossover":
        patients = with_first_arms(patients, periods, findings)
    outcomes, medications = gather_outcomes(study, tables, findings), gather_medications(study, tables, findings)
    derived = derive_outcomes(study, medications, outcomes, findings)
    patients = with_takers(study, patients, medications, outcomes)
    return patients, with_rows(outcomes, derived), gather_sessions(study, tables, findings), medications, periods


def _dataset(study, frames, findings, **facts):
    patients, *others = frames
    kept = patients["patient"].isin(others[0]["patient"])
    lost = int((~kept).sum())
    if lost:
        findings.note("", f"{counted(lost, 'patient')} excluded: {NEVER_MEASURED}")
    note_suspicions(study, patients, others[0], findings)
    arms = frames[-1] if study.design == "crossover" else patients
    allocated = {name: int(arms.loc[arms["arm"] == name, "patient"].nunique()) for name in study.arms}
    *tables, periods = [
        frame[frame["patient"].isin(patients.loc[kept, "patient"])].reset_index(drop=True)
        for frame in (patients, *others)
    ]
    return Dataset(
        study,
        *tables,
        _periods=periods,
        notes=tuple(findings.notes),
        unread=dict(findings.unread),
        allocated=allocated,
        exclusions={NEVER_MEASURED: lost} if lost else {},
        **facts,
    )


def _hash(raw):
    return hashlib.sha256(raw).hexdigest()


def _digest(digests):
    """Return the SHA-256 of names and of the SHA-256 of what stands under them, so that neither can change unseen."""
    return _hash("".join(f"{name}\0{digest}\n" for name, digest in digests.items()).encode())


def _unforeseen(folder, error):
    step = error.__traceback__
    while step.tb_next and "mmresearch" in step.tb_next.tb_frame.f_code.co_filename:
        step = step.tb_next
    place = f"{Path(step.tb_frame.f_code.co_filename).name}, line {step.tb_lineno}"
    return DataError(
        folder,
        f"mmresearch could not read this study ({type(error).__name__} in {place})",
        remedy="This is a fault of mmresearch; report it with this line, which holds nothing of your data.",
    )
