"""An invented raw export, as a clinic hands it over: names, days of birth, telephones, calendar dates, free text."""

import csv
import random
from datetime import date, timedelta
from pathlib import Path

from faker import Faker

PATIENTS = 60
DECLARATION = """title = "Massage for back pain, Riverside clinic"
design = "randomised"
simulated = true
primary_visit = "week 6"
condition = "low-back-pain"
covariates = ["age", "work"]
strata = ["site"]

[anonymize]
file = "patients"
column = "first_visit"

[arms.massage]
label = "Medical massage"
technique = "medical-massage"

[arms.usual]
label = "Usual care"
technique = "usual-care"
comparator_class = "usual-care"
reference = true

[[visits]]
name = "baseline"
day = 0

[[visits]]
name = "week 6"
day = 42
window = [28, 56]

[files.patients]
path = "patients.csv"

[files.patients.columns]
mrn = { means = "patient" }
grp = { means = "arm", values = { 1 = "massage", 0 = "usual" } }
dob = { means = "age" }
sex = { means = "sex", values = { f = "female", m = "male" } }
site = { means = "site" }
work = { means = "covariate", name = "work", kind = "category" }
therapist_name = { means = "therapist" }

[files.visits]
path = "visits.csv"

[files.visits.columns]
mrn = { means = "patient" }
visit = { means = "visit" }
visit_date = { means = "day" }
nrs = { means = "outcome", instrument = "NRS" }
"""


def people(seed=5):
    """Return a list of dicts: who the patients are, with their dates as dates."""
    Faker.seed(seed)
    fake, dice = Faker("en_US"), random.Random(seed)
    therapists = [fake.name() for _ in range(4)]
    return [
        {
            "mrn": f"MRN{100_000 + 7 * n}",
            "patient_name": fake.name(),
            "phone": fake.phone_number(),
            "email": fake.email(),
            "first_visit": (first := date(2023, 1, 9) + timedelta(days=dice.randint(0, 300))),
            "dob": date(
                first.year - (93 if n == 0 else dice.randint(20, 80)), dice.randint(1, 12), dice.randint(1, 28)
            ),
            "grp": n % 2,
            "sex": dice.choice("fm"),
            "site": dice.choice(["Mill Lane", "Harbour"]),
            "work": "circus" if n == 3 else dice.choice(["office", "farm"]),
            "therapist_name": dice.choice(therapists),
        }
        for n in range(PATIENTS)
    ]


def visits(patients, seed=6):
    """Return rows of the visits file: mrn, visit, visit_date (a date), nrs, notes."""
    dice = random.Random(seed)
    return [
        {
            "mrn": each["mrn"],
            "visit": visit,
            "visit_date": each["first_visit"] + timedelta(days=day),
            "nrs": dice.randint(0, 10),
            "notes": f"spoke with {each['patient_name']} about sleep",
        }
        for each in patients
        for visit, day in (("baseline", 0), ("week 6", dice.randint(38, 46)))
    ]


def write_raw(folder, spelling="%m/%d/%Y", declaration=DECLARATION):
    """Write the raw export into `folder` and return (folder, patients)."""
    folder, patients = Path(folder), people()
    folder.mkdir(parents=True)
    for name, rows in {"patients.csv": patients, "visits.csv": visits(patients)}.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(
                {key: value.strftime(spelling) if isinstance(value, date) else value for key, value in row.items()}
                for row in rows
            )
    (folder / "study.toml").write_text(declaration, encoding="utf-8")
    return folder, patients
