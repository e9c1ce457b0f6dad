"""The file on disk, before a byte of it is read: within the study's folder, a regular file, not too large."""

import os
import stat
from hashlib import file_digest
from urllib.parse import urlsplit

from mmresearch.errors import nearest
from mmresearch.formats.kinds import EXPORT, NAMES, READERS, expected_kind, kind_of
from mmresearch.formats.sheet import Refusal

LARGEST = 200_000_000  # bytes; a bigger file is refused before it is read
LARGEST_DATABASE = 2_000_000_000  # bytes; of a database only the wanted columns are read
DATABASES = ("sqlite", "duckdb", "database")
LONGEST = 250  # characters of a name


def shown(path):
    """Return a path for messages: what stands behind `://` may be a password."""
    scheme = urlsplit(path).scheme if "://" in path else ""
    plain = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in path[:LONGEST])
    return f"{scheme or 'web'}://..." if "://" in path else plain


def check_place(source):
    """Return (path on disk, kind). Raises Refusal for everything that must not be opened."""
    target = _within(source)
    _check_regular(target)
    kind = expected_kind(source.path)
    size, most = target.stat().st_size, LARGEST_DATABASE if kind in DATABASES else LARGEST
    if size > most:
        raise Refusal(f"has {size} bytes; the limit is {most}: export only the columns the study needs")
    return target, _agreed(target, source.path)


def digest(path):
    """Return the SHA-256 of a file, in hex digits. Raises Refusal where it cannot be opened."""
    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refusal(f"cannot be read ({error.strerror}); ask whoever owns it for leave to read it") from None


def _within(source):
    path = source.path
    if "://" in path and path.lower().startswith("postgres"):
        raise Refusal('is a server\'s address: put it in an environment variable and say url_from = "ITS_NAME"')
    if "://" in path:
        raise Refusal("is a web address; download the file into the study's folder and give its name")
    if path.startswith(("/", "~", "\\")) or path[1:2] == ":" or ".." in path.replace("\\", "/").split("/"):
        raise Refusal("lies outside the study's folder; put the file beside study.toml and give its name")
    if not path.isprintable() or len(path) > LONGEST:
        raise Refusal("the file's name holds signs that cannot be printed, or is very long; rename the file")
    if expected_kind(path) is None:
        raise Refusal(f"files with this ending are never opened (read are {', '.join(READERS)}); {EXPORT}")
    target = source.folder / path
    try:
        real, home = target.resolve(strict=True), source.folder.resolve()
    except FileNotFoundError:
        raise Refusal(_missing(target)) from None
    except (OSError, RuntimeError):  # a link that leads to itself, a file where a folder should be
        raise Refusal("is a link that leads nowhere; put the file itself into the folder") from None
    if not real.is_relative_to(home):
        raise Refusal("is a link that leads outside the study's folder; put the file itself beside study.toml")
    return target


def _missing(target):
    folder = target.parent
    names = [each.name for each in folder.glob("*") if expected_kind(each.name)] if folder.is_dir() else []
    told = " (README.md there may say where it comes from)" if (folder / "README.md").is_file() else ""
    return f"the file is missing.{nearest(target.name, names)} Put it beside study.toml{told} or correct its name"


def _check_regular(target):
    mode = target.stat().st_mode
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a device or pipe"
        raise Refusal(f"is {what} and not a file; give the name of the export itself")
    if not os.access(target, os.R_OK):
        raise Refusal("cannot be opened (Permission denied); ask whoever owns it for leave to read it")


def _agreed(target, path):
    """Return the kind the file has, where its name says the same."""
    expected = expected_kind(path)
    with open(target, "rb") as file:
        start = file.read(512)
    if not start.strip():
        raise Refusal("the file is empty; export it again")
    kind, never = kind_of(target, start)
    if kind is None:
        raise Refusal(f"is {never}, whatever its name says; {EXPORT}" if ";" not in never else f"is {never}")
    if kind == "locked":
        raise Refusal("is protected by a password; remove the password in Excel and save it again")
    if kind != expected and not (expected == "database" and kind in DATABASES):
        endings = " or ".join(suffix for suffix, each in READERS.items() if each == kind)
        raise Refusal(f"is {NAMES[kind]}, whatever its name says: name it {endings}, or export it again")
    return kind
