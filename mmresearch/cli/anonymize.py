"""`mmresearch anonymize`: from a clinic's raw export to a study folder that holds nobody's name, date or number."""

import os
import secrets
import shutil
import stat
from pathlib import Path

from mmresearch.cli.places import make_folder, writing
from mmresearch.errors import MMResearchError, SetupError, UsageError

KEY_BYTES = 32
LEFT = (
    "Leave these columns out of study.toml, or say under `values` what each of their words means; a finding that is "
    "mistaken is lifted by a decision (docs/anonymity.md). Then give the same command."
)


def add_anonymize(commands, common):
    """Add `anonymize` to the command line."""
    command = commands.add_parser(
        "anonymize", parents=[common], help="make a clinic's raw export an anonymised study in a folder of its own"
    )
    command.add_argument(
        "study", type=Path, metavar="STUDY", help="folder with the raw export and a study.toml that maps it"
    )
    command.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="the new study: a folder that is absent or empty"
    )
    command.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help=(
            "the key of the pseudonyms, made when absent; it stays in the clinic, outside both folders "
            "(default: <STUDY>.key beside STUDY)"
        ),
    )
    command.set_defaults(command=anonymize_study)


def anonymize_study(arguments):
    """Write the anonymised study and print what was done, and how many share their traits before and after."""
    from mmresearch.study import anonymise

    (folder,) = _one(arguments.study)
    out = arguments.out.absolute()
    key_file = (arguments.key or folder.resolve().parent / f"{folder.resolve().name}.key").absolute()
    _refuse_places(folder, out, key_file)
    key, made = _key(key_file)
    result = anonymise(folder, key)
    with writing(out):
        _publish(result.texts, out)
    print(f"{arguments.out}: an anonymised study; the files of {arguments.study} are as they were")
    for line in result.told:
        print(f"  {line}")
    print(f"  before: {result.before.sentence}")
    print(f"  after: {result.after.sentence}")
    if result.after.whole.smallest < 11:
        print(
            "  These rows are for use inside the clinic: whoever knows a patient may still find the row. "
            "What may leave is what `mmresearch release` writes."
        )
    print(
        f"Key {'made' if made else 'used'}: {key_file}. Who has it can make the same pseudonyms again: keep it apart."
    )
    print(f"Next: mmresearch check {arguments.out}")


def _one(path):
    from mmresearch.study import find_studies

    found = find_studies(path)
    if len(found) > 1:
        raise UsageError(path, f"holds {len(found)} studies", remedy="Anonymise one at a time: name its folder.")
    return found


def _refuse_places(folder, out, key_file):
    raw, new, key = folder.resolve(), out.resolve(), key_file.resolve()
    if new.is_relative_to(raw) or raw.is_relative_to(new):
        raise UsageError(out, "lies within the raw export, or around it", remedy="Give a folder elsewhere with --out.")
    if key.is_relative_to(raw) or key.is_relative_to(new):
        raise UsageError(
            key_file,
            "the key lies in a folder that it protects",
            remedy="Give a file outside the study and outside the new folder with --key.",
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(out, "is not empty; nothing was written", remedy="Give the name of a new or empty folder.")


def _key(path):
    """Return (the key, whether it was made now). Only its owner may read it."""
    if not path.exists():
        return _make_key(path), True
    if not path.is_file():
        raise UsageError(path, "is no file", remedy="Give the file of the key with --key.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise SetupError(path, f"others than its owner may read the key (mode {mode:04o})", remedy=f"chmod 600 {path}")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise UsageError(
            path, f"has {len(key)} bytes; a key has {KEY_BYTES}", remedy="Name another file; it is made when absent."
        )
    return key, False


def _make_key(path):
    key = secrets.token_bytes(KEY_BYTES)
    with writing(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    return key


def _publish(texts, out):
    """Write beside `out`, read it back as a study, and move it in whole; refuse it where it still identifies."""
    from mmresearch.study import read_study

    stage = out.parent / f".anonymize-{out.name}-{os.getpid()}"
    make_folder(stage, 0o700)
    try:
        for name, text in texts.items():
            with open(os.open(stage / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
        try:
            read_study(stage)
        except MMResearchError as error:
            raise type(error)(
                out, f"was not written, because of what is left: {error.what}", error.findings, LEFT
            ) from None
        os.replace(stage, out)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
