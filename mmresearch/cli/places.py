"""Where things are: the project's folders, where a report goes, and how a notebook reaches its study."""

import errno
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import mmresearch
from mmresearch.errors import SetupError

ROOT = Path(mmresearch.__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LINK = "study"
HIDDEN = ".mmresearch"  # beside the reports: what is kept of runs, and who runs
LACKING = {  # what the machine lacks: what is needed
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "Free some space there"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "Get leave to write there"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "Close other programs, or allow more open files (ulimit -n)"),
    errno.EFBIG: "Allow larger files there (ulimit -f)",
    errno.EIO: "Have the disk looked at",
}


def report_folder(study, out=None):
    """Return the folder a study's report goes to: `out`, or reports/<name of the study's folder> here."""
    if out:
        return Path(out).absolute()
    study = Path(study).resolve()
    return Path.cwd() / "reports" / (study.parent if study.name == "study.toml" else study).name


def staging_folder(target):
    """Return the folder beside `target` in which a run is made before it is moved in whole."""
    return target.parent / f".staging-{target.name}-{os.getpid()}"


def hidden_folder(target):
    """Return the folder beside `target` for what outlives a run and is no report; made here, for its owner alone.

    Raises SetupError where it cannot be made.
    """
    hidden = target.parent / HIDDEN
    if not hidden.is_dir():
        make_folder(target.parent, exist_ok=True)
        make_folder(hidden, mode=0o700, exist_ok=True)
        with writing(hidden):
            (hidden / ".gitignore").write_text("*\n", encoding="utf-8")
    return hidden


def make_folder(folder, mode=0o777, exist_ok=False):
    """Make a folder that is not there yet. Raises SetupError where that cannot be done."""
    try:
        folder.mkdir(mode, parents=True, exist_ok=exist_ok)
    except OSError as error:
        raise SetupError(folder, f"the folder cannot be made: {error.strerror}",
                         remedy="Choose a folder you may write to with --out.") from None


@contextmanager
def writing(folder):
    """Raise SetupError where the machine does not let `folder` be written, which is no fault of ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in LACKING:
            raise
        raise SetupError(error.filename or folder, f"it could not be written: {os.strerror(error.errno)}", remedy=(
            f"{LACKING[error.errno]}, or choose another folder; then give the same command. "
            "A report that stood there before is unchanged.")) from None


def put_in_place(write, target):
    """Have `write` fill a folder beside `target` and move it there in whole; return where it is.

    What is written is of no study. Nothing is left of one that fails, and what stood there stays. Raises UsageError
    where `target` holds no report of ours, or a study's; SetupError where the machine does not let it be written.
    """
    from mmresearch import report

    target = Path(target).absolute()
    report.check_target(target, [])
    report.clear_up(target)
    report.check_target(target, [])
    stage = staging_folder(target)
    make_folder(stage)
    try:
        with writing(stage):
            write(stage)
        return report.publish(stage, target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def reach(study, stage):
    """Return a function from a page's folder to the path by which a notebook in it names the study.

    No absolute path may end in an output. Within the working folder a relative path says no more than the project does,
    and as stage and target are equally deep, it also holds in the finished report: the notebook can be run again there.
    From elsewhere a relative path would spell out the user's folders, so the stage holds a link while it lives.
    """
    end = Path(stage).resolve() / LINK if _far(study, stage) else Path(study).resolve()
    return lambda folder: os.path.relpath(end, Path(folder).resolve())


def link(study, stage):
    """Make the link `reach` counts on, where the study is not within the working folder."""
    if _far(study, stage):
        (Path(stage) / LINK).symlink_to(Path(study).resolve(), target_is_directory=True)


def _far(study, stage):
    here = Path.cwd().resolve()
    return not (Path(study).resolve().is_relative_to(here) and Path(stage).resolve().is_relative_to(here))


def leave(stage):
    """Remove the link to the study before the stage becomes a report."""
    (Path(stage) / LINK).unlink(missing_ok=True)
