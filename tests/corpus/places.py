"""Files that are no files, or that run code where they are opened: P rows of the catalogue."""

import io
import os
import pickle
import zipfile

from corpus.kinds import kind


class Touching:
    """Unpickled, it runs a command that leaves a canary."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


def _pickled(name, protocol):
    def make(clinic, folder):
        clinic.rename_file("outcomes", name)
        clinic.write(folder, {name: pickle.dumps(Touching(clinic.canary), protocol)})
        return clinic.refused("outcomes")

    return make


for _number, (_name, _protocol) in enumerate(
    (
        ("scores.pkl", 4),
        ("scores.csv", 2),
        ("scores.csv", 0),
        ("scores.parquet", 5),
        ("scores.joblib", 4),
        ("scores.npy", 3),
        ("scores.xlsx", 0),
        ("scores.rds", 4),
    )
):
    kind("P01" if not _number else f"P01{'abcdefgh'[_number]}", f"a pickle called {_name}")(_pickled(_name, _protocol))


@kind("P03", "an array of objects")
def objects(clinic, folder):
    import numpy

    file = io.BytesIO()
    numpy.save(file, numpy.array([Touching(clinic.canary)], dtype=object), allow_pickle=True)
    clinic.rename_file("outcomes", clinic.dice.choice(("scores.npy", "scores.csv")))
    clinic.write(folder, {clinic.tables["outcomes"].path: file.getvalue()})
    return clinic.refused("outcomes")


def _elsewhere(path, secrets=()):
    def make(clinic, folder):
        clinic.write(folder)
        clinic.declared["files"]["outcomes"]["path"] = path
        clinic.write(folder)
        return clinic.refused(secrets=secrets, codes=(1, 2))

    return make


for _id, _title, _path, _secrets in (
    ("P13", "a web address", "http://clinic.example/scores.csv", ()),
    ("P13b", "a server's address", "s3://bucket/scores.csv", ()),
    ("P13c", "a file's address", "file:///etc/passwd", ()),
    ("P15", "a password in an address", "postgresql://ann:hunter2xyz@db.example/clinic", ("hunter2xyz",)),
    ("P15b", "a password in a web address", "https://ann:hunter2xyz@clinic.example/s.csv", ("hunter2xyz",)),
    ("P16", "a path out of the folder", "../secret.csv", ()),
    ("P17", "an absolute path", "/etc/passwd", ()),
    ("P18", "a home folder", "~/scores.csv", ()),
    ("P19", "a Windows path", "C:\\clinic\\scores.csv", ()),
    ("P26", "a file that is not there", "scoers.csv", ()),
    ("P29", "a line break in a name", "sco\nres.csv", ()),
    ("P30", "a name of 300 characters", "s" * 300 + ".csv", ()),
    ("U90", "a device of Windows", "CON", ()),
    ("U91", "a device of Windows with an ending", "NUL.csv", ()),
    ("U92", "a stream of Windows", "scores.csv:hidden", ()),
    ("U93", "a share of Windows", "\\\\server\\share\\scores.csv", ()),
    ("U94", "an empty name", "", ()),
    ("U95", "the folder itself", ".", ()),
    ("U96", "a pipe of a shell", "|touch canary; .csv", ()),
    ("U97", "a wildcard", "*.csv", ()),
    ("U98", "a variable of a shell", "$HOME/scores.csv", ()),
    ("U99", "a zero character in a name", "sco\0res.csv", ()),
    ("U100", "a member of an archive", "scores.zip/scores.csv", ()),
    ("U101", "an escape sequence in a name", "sco\x1b[31mres.csv", ()),
    ("U102", "a reversing mark in a name", "sco\u202evsc.csv", ()),
):
    kind(_id, _title)(_elsewhere(_path, _secrets))


def _special(make_there):
    """The outcomes' file is something else: make_there(path, clinic)."""

    def make(clinic, folder):
        clinic.write(folder, {"scores.csv": None})
        make_there(folder / "scores.csv", clinic)
        return clinic.refused("outcomes")

    return make


def _linked_out(path, clinic):
    outside = path.parent.parent / "outside.csv"
    outside.write_text(clinic.tables["outcomes"].text())
    path.symlink_to(outside)


def _unreadable(path, clinic):
    path.write_text(clinic.tables["outcomes"].text())
    path.chmod(0)


for _id, _title, _there in (
    ("P20", "a link out of the folder", _linked_out),
    ("P21", "a link to itself", lambda path, clinic: path.symlink_to(path)),
    ("P22", "a link to a device", lambda path, clinic: path.symlink_to("/dev/zero")),
    ("P23", "a pipe", lambda path, clinic: os.mkfifo(path)),
    ("P24", "a folder", lambda path, clinic: path.mkdir()),
    ("U103", "a link that leads nowhere", lambda path, clinic: path.symlink_to("nothing.csv")),
):
    kind(_id, _title)(_special(_there))
if os.geteuid() != 0:  # root may read whatever the mode says
    kind("P25", "a file that may not be read")(_special(_unreadable))


def _named(name):
    """A file with an odd name that is a good file: it is read, or refused; nothing is run."""

    def make(clinic, folder):
        clinic.rename_file("outcomes", name)
        clinic.write(folder)
        return clinic.either()

    return make


for _id, _name in (
    ("P27", "-rf.csv"),
    ("P28", "$(touch canary).csv"),
    ("P31", "s" * 240 + ".csv"),
    ("P32", "a b\u00e9\u03a9.csv"),
    ("U104", "%s{0}{x}.csv"),
    ("U105", "';drop table x;--.csv"),
    ("U106", "SCORES.CSV"),
    ("U107", "scores.tar.csv"),
    ("U108", "scores (1) [final] & co.csv"),
    ("U109", "scores?.csv"),
    ("U110", "#scores.csv"),
    ("U111", "a%2e%2e.csv"),
):
    kind(_id, f"the name {_name[:24]}")(_named(_name))


@kind("P33", "an archive that leads out of the folder")
def slip(clinic, folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("../../canary", "x")
        package.writestr("scores.csv", clinic.tables["outcomes"].text())
    clinic.rename_file("outcomes", clinic.dice.choice(("scores.zip", "scores.csv", "scores.xlsx")))
    clinic.write(folder, {clinic.tables["outcomes"].path: file.getvalue()})
    return clinic.refused("outcomes")


@kind("P34", "an archive that swells")
def bomb(clinic, folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b" " * 400_000_000)
    clinic.rename_file("outcomes", "scores.xlsx")
    clinic.write(folder, {"scores.xlsx": file.getvalue()})
    return clinic.refused("outcomes")


@kind("U112", "a file and a folder of the study's name in other case")
def cases(clinic, folder):
    clinic.write(folder, {"Scores.csv": "x,y\n1,2\n"})
    return clinic.loads()
