"""study.toml's own mistakes, in words for people who do not program."""

import datetime
from pathlib import Path

import pytest
from studies import write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study
from mmresearch.study.config import File


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return caught.value


MISTAKES = [  # a change of study.toml, what is said
    ({"primary_visti": "x"}, "primary_visti: unknown key 'primary_visti'. Did you mean 'primary_visit'?"),
    ({"primary_visit": None}, "primary_visit: the key 'primary_visit' is absent"),
    (
        {"design": "randomized"},
        "design: 'randomized' is not one of 'randomised', 'crossover', 'cohort' or 'single-arm'. "
        "Did you mean 'randomised'?",
    ),
    ({"simulated": "perhaps"}, "simulated: must be true or false"),
    ({"title": 7}, "title: must be text in quotation marks"),
    ({"alpha": "small"}, "alpha: must be a number"),
    ({"alpha": 0.7}, "alpha: Input should be less than 0.5"),
    ({"data_locked": "last spring"}, "data_locked: must be a date such as 2024-05-31"),
    ({"covariates": "age"}, "covariates: must be a list in square brackets"),
    ({"visits": []}, "visits: must not be empty"),
    ({"visits": [{"name": "baseline", "day": "zero"}]}, "visits.number 1.day: must be a whole number"),
    ({"visits": [{"name": "baseline", "dya": 0}]}, "visits.number 1.dya: unknown key 'dya'. Did you mean 'day'?"),
    (
        {"arms": {"control": {"refference": True}}},
        "arms.control.refference: unknown key 'refference'. Did you mean 'reference'?",
    ),
    ({"files": {"pain": {"colums": {}}}}, "files.pain.colums: unknown key 'colums'. Did you mean 'columns'?"),
    (
        {"files": {"pain": {"columns": {"id": {"mean": "patient"}}}}},
        "files.pain.columns.id.mean: unknown key 'mean'. Did you mean 'means'?",
    ),
    ({"files": {"pain": {"columns": {"id": {"means": "pateint"}}}}}, "Did you mean 'patient'?"),
    (
        {"files": {"pain": {"columns": {"id": {"means": "covariate"}}}}},
        "files.pain.columns.id: a covariate needs name and kind",
    ),
    (
        {"files": {"pain": {"columns": {"id": {"name": "Body mass"}}}}},
        "files.pain.columns.id.name: 'Body mass' must be small letters, digits and underscores",
    ),
    (
        {"instruments": {"my score": {"name": "x"}}},
        "instruments.my score.id: 'my score' must be capital letters, digits and hyphens",
    ),
    (
        {"instruments": {"MY": {"name": "x", "measures": "x", "unit": "x", "better": "up", "self_reported": True}}},
        "instruments.MY.better: 'up' is not one of 'higher' or 'lower'.",
    ),
    ({"margins": {"NRS": {"value": 1}}}, "margins.NRS.reason: the key 'reason' is absent"),
    (
        {"risk_of_bias": {"randomization": "low"}},
        "risk_of_bias.randomization: unknown key 'randomization'. Did you mean 'randomisation'?",
    ),
    ({"arms": 3}, "arms: must be a table"),
]


@pytest.mark.parametrize(("changes", "said"), MISTAKES)
def test_each_mistake_is_said_in_plain_words(tmp_path, changes, said):
    error = refused(write_study(tmp_path, **changes))
    assert error.where == f"{tmp_path}/study.toml"
    assert any(said in finding for finding in error.findings)


def test_all_mistakes_come_at_once(tmp_path):
    error = refused(write_study(tmp_path, titel="x", title=None, alpha="x", arms={"control": {"label": 1}}))
    assert {finding.split(":")[0] for finding in error.findings} == {"titel", "title", "alpha", "arms.control.label"}
    assert error.what == "4 keys are not as expected"
    assert error.remedy.endswith(f"then: mmresearch check {tmp_path}")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"title = A study", "not written as TOML"),
        (b'title = "one"\ntitle = "two"', "not written as TOML"),
        ('title = "Übung"'.encode("cp1252"), "the file is not UTF-8 text; save it as UTF-8"),
        (b"", "the key 'title' is absent"),
    ],
)
def test_what_is_not_toml(tmp_path, raw, said):
    (tmp_path / "study.toml").write_bytes(raw)
    assert any(said in finding for finding in refused(tmp_path).findings)


def test_a_byte_order_mark_is_no_mistake(tmp_path):
    folder = write_study(tmp_path)
    (folder / "study.toml").write_bytes(b"\xef\xbb\xbf" + (folder / "study.toml").read_bytes())
    assert read_study(folder).study.title == "A small study"


def test_a_folder_without_study_toml(tmp_path):
    error = refused(tmp_path)
    assert error.what == "has no study.toml" and "README.md" in error.remedy


def test_own_claims_that_are_not_utf8_are_a_finding(tmp_path):
    folder = write_study(tmp_path)
    (folder / "claims.toml").write_bytes("# für uns".encode("cp1252"))
    assert refused(folder).findings == ("claims.toml: the file is not UTF-8 text; save it as UTF-8",)


def test_the_studys_own_instrument_and_margin_stand_before_the_codebooks(tmp_path):
    own = {
        "name": "Pain, our scale",
        "measures": "pain intensity",
        "low": 0,
        "high": 4,
        "unit": "steps",
        "better": "lower",
        "self_reported": True,
    }
    error = refused(write_study(tmp_path / "narrow", instruments={"NRS": own}))
    assert any("above 4" in finding and "NRS's highest" in finding for finding in error.findings)
    dataset = read_study(
        write_study(
            tmp_path / "wide",
            instruments={"NRS": {**own, "high": 10}},
            margins={"NRS": {"value": 0.5, "reason": "agreed by the steering group"}},
        )
    )
    assert dataset.instrument("NRS").unit == "steps"
    assert dataset.margin("NRS") == (0.5, "study")


@pytest.mark.parametrize(("simulated", "days", "refused"), [(False, 1, True), (False, 0, False), (True, 400, False)])
def test_data_cannot_be_locked_on_a_day_to_come(tmp_path, simulated, days, refused):
    locked = datetime.date.today() + datetime.timedelta(days=days)
    study = write_study(tmp_path, simulated=simulated, data_locked=locked)
    if not refused:
        assert read_study(study).study.data_locked == locked
        return
    with pytest.raises(DataError, match="data_locked: the day is after today"):
        read_study(study)


def test_every_key_of_a_file_is_explained():
    text = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    shown = {"path", "columns", "missing"}  # in the example
    assert all(f"| `{key}` |" in text for key in File.model_fields.keys() - shown)


def test_a_wrong_design_does_not_hide_what_else_is_wrong(tmp_path):
    found = refused(write_study(tmp_path, design="randomized", primary_visit="14 weeks", covariates=["agge"])).findings
    assert [each.split(":")[0] for each in found] == ["design", "primary_visit", "covariates"]
