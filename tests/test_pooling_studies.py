"""What may be pooled with what: tables, reports and published trials, and everything that forbids it."""

import json
import math

import pytest

from mmresearch.cli import main
from mmresearch.cli.contributions import from_published, gather, read_table
from mmresearch.errors import RegistryError, UsageError
from mmresearch.estimate import Estimate, Trouble, dumps
from mmresearch.evidence import published_effects
from mmresearch.pooling import StudyEffect, from_error, from_interval, pool, pool_studies, put_on_points

ROWS = {row.effect_id: row for row in published_effects()}
TABLE = """study,measure,effect,low,high,instrument,unit,better
Able,MD,-2.9,-4.0,-1.8,RMDQ,points,lower
Baker,MD,-1.2,-2.4,0.0,RMDQ,points,lower
Charlie,MD,-3.4,-5.9,-0.9,RMDQ,points,lower
"""


def studies(count=3, **more):
    words = {"instrument": "RMDQ", "unit": "points", "better": "lower"} | more
    return [from_interval(f"Study {n}", "mean-difference", -1.0 - n, -3.0 - n, 1.0 - n, **words) for n in range(count)]


def estimate(**changed):
    fields = dict(claim="sleep", method="change", model="ancova", hypothesis="superiority", measure="mean-difference",
                  null=0, instrument="PSQI", unit="points", visit="week 12", arm="a", reference="b",
                  design="randomised", simulated=False, n={"a": 40, "b": 40}, n_randomised={"a": 40, "b": 40},
                  point=-1.0, standard_error=0.5, df=77.0, low=-2.0, high=0.0, level=0.95, p_value=0.05, margin=None,
                  margin_source=None, direction="lower", comparator_class="usual-care")
    return Estimate(**fields | changed)


def write_report(folder, data, **changed):
    (folder / "estimates").mkdir(parents=True)
    (folder / "estimates" / "sleep.json").write_text(dumps(estimate(**changed).to_json()))
    (folder / "run.json").write_text(json.dumps({"study": folder.name, "data_sha256": data}))
    return folder


def findings(places, **more):
    with pytest.raises(UsageError) as refused:
        pool_studies(gather(places, **more))
    return "\n".join(refused.value.findings)


def test_a_synthesis_is_the_engine_s_pooling_of_its_studies():
    given = studies(4)
    found = pool_studies(given)
    engine = pool([each.point for each in given], [each.standard_error for each in given])
    assert (found.pooled, found.ends["low"]) == (engine, engine.low)


def test_ratios_are_pooled_on_the_log_scale():
    given = [from_interval(name, "risk-ratio", point, low, high, outcome="responder") for name, point, low, high in
             (("A", 1.5, 1.0, 2.25), ("B", 1.2, 0.8, 1.8), ("C", 2.0, 1.0, 4.0))]
    found = pool_studies(given)
    engine = pool([math.log(1.5), math.log(1.2), math.log(2)], [each.standard_error for each in given])
    assert found.ends["point"] == pytest.approx(math.exp(engine.point))
    assert given[0].standard_error == pytest.approx(math.log(2.25) / (2 * 1.96), rel=1e-3)


@pytest.mark.parametrize(("change", "said"), [
    ({"instrument": "ODI"}, "2 instruments: RMDQ, ODI"),
    ({"instrument": ""}, "2 instruments: RMDQ, not said"),
    ({"unit": "points of 23"}, "2 units"),
    ({"better": "higher"}, "2 better sides"),
    ({"simulated": True}, "simulated: 1 of 4 studies"),
])
def test_what_does_not_agree_is_not_pooled(change, said):
    with pytest.raises(UsageError) as refused:
        pool_studies([*studies(), from_error("Odd", "mean-difference", -1.0, 0.5, **{
            "instrument": "RMDQ", "unit": "points", "better": "lower", **change})])
    assert said in "\n".join(refused.value.findings)


def test_a_standardised_difference_is_not_pooled_with_one_in_points_and_all_findings_come_at_once():
    odd = from_error("study 1", "standardised-mean-difference", -0.5, 0.2, unit="SD", better="lower")
    with pytest.raises(UsageError) as refused:
        pool_studies([*studies(2), odd])
    text = "\n".join(refused.value.findings)
    assert "2 measures" in text and "2 units" in text and "stands twice" in text


def test_standardised_differences_may_come_from_different_instruments_of_one_outcome():
    given = [from_error(f"S{n}", "standardised-mean-difference", -0.3 * n, 0.2, unit="SD", outcome="pain",
                        instrument=name) for n, name in enumerate(("NRS", "VAS", "NRS"), 1)]
    found = put_on_points(pool_studies(given), "NRS", "points", 2.15, "a trial")
    assert found.on_points.point == pytest.approx(2.15 * found.pooled.point)
    assert found.on_points.sd_source == "a trial"
    other = from_error("S4", "standardised-mean-difference", -0.3, 0.2, unit="SD", outcome="sleep")
    with pytest.raises(UsageError, match="2 outcomes: pain, sleep"):
        pool_studies([*given, other])


def test_only_standardised_differences_are_put_on_points():
    with pytest.raises(UsageError, match="only standardised differences"):
        put_on_points(pool_studies(studies()), "RMDQ", "points", 5.0, "given")


def test_one_data_hash_is_one_study_however_often_it_was_run(tmp_path):
    places = [write_report(tmp_path / name, data) for name, data in
              (("one", "a" * 64), ("two", "b" * 64), ("again", "a" * 64))]
    assert "'one' and 'again' rest on the same patients" in findings(places, claim="sleep")


def test_reports_are_pooled_with_a_table_and_say_where_they_stand(tmp_path):
    table = tmp_path / "trials.csv"
    table.write_text(TABLE.replace("RMDQ", "PSQI"))
    report = write_report(tmp_path / "clinic", "c" * 64)
    found = pool_studies(gather([report / "estimates" / "sleep.json", table]))
    assert found.studies[0].source == "clinic/estimates/sleep.json" and found.studies[0].standard_error == 0.5
    assert [each.name for each in found.studies] == ["clinic", "Able", "Baker", "Charlie"]
    assert any(note.startswith("comparators differ: usual-care, not said") for note in found.notes)


def test_two_reports_of_one_name_and_different_data_are_told_apart(tmp_path):
    places = [write_report(tmp_path / str(n) / "clinic", letter * 64) for n, letter in enumerate("abc")]
    assert [each.name for each in gather(places, "sleep")] == [f"clinic ({letter * 8})" for letter in "abc"]


@pytest.mark.parametrize(("changed", "said"), [
    ({"troubles": (Trouble("not-converged", "serious", "The fit did not converge."),)}, "a serious trouble stands"),
    ({"measure": "icc", "point": 0.2, "low": 0.1, "high": 0.3}, "compares no two groups"),
    ({"standard_error": None}, "it has no standard error"),
])
def test_an_estimate_that_cannot_bear_it_is_refused(tmp_path, changed, said):
    assert said in findings([write_report(tmp_path / "one", "a" * 64, **changed)], claim="sleep")


def test_a_folder_needs_a_claim_and_a_json_needs_its_run(tmp_path):
    report = write_report(tmp_path / "one", "a" * 64)
    assert "many estimates" in findings([report])
    (report / "run.json").unlink()
    assert "with run.json above it" in findings([report / "estimates" / "sleep.json"])


def test_a_review_and_an_unknown_row_are_refused():
    text = findings([], published=["E012", "E0544"])
    assert "Furlan 2015 (Cochrane) is a review" in text and "Did you mean 'E054'?" in text


def test_two_arms_of_one_trial_share_its_controls():
    assert "'Cherkin 2011' stands twice" in findings([], published=["E001", "E002", "E060"])


def test_a_published_row_comes_in_the_codebook_s_unit():
    row, found = ROWS["E001"], from_published(ROWS["E001"])
    assert (found.unit, found.instrument) == ("points", "RMDQ")
    assert found.point == pytest.approx(row.effect * 24 / 23, rel=1e-6), "printed on 23 items, the codebook has 24"


@pytest.mark.parametrize(("line", "said"), [
    ("Dog,MD,1,2,3,RMDQ,points,lower", "line 5: the interval holds the effect"),
    ("Dog,OR,-1,-2,3,RMDQ,points,lower", "line 5: a ratio and its limits are positive"),
    ("Dog,MD,1,,,RMDQ,points,lower", "low and high (95%), or se"),
    ("Dog,ME,1,0,2,RMDQ,points,lower", "the measure is one of"),
    ("Dog,MD,one,0,2,RMDQ,points,lower", "numbers with a decimal point"),
    (",MD,1,0,2,RMDQ,points,lower", "the study has a name"),
    ("Dog,MD,1,0,2,RMDQ,points,less", "the better side is lower"),
])
def test_a_table_s_rows_are_refused_by_line_and_rule(line, said):
    with pytest.raises(UsageError) as refused:
        read_table(TABLE + line + "\n", "t.csv")
    assert said in "\n".join(refused.value.findings)


def test_a_table_s_columns_are_known():
    with pytest.raises(UsageError) as refused:
        read_table("study,effct,measure\n", "t.csv")
    assert "Did you mean 'effect'?" in str(refused.value) and "column 'effect' is missing" in str(refused.value)


def test_an_effect_that_contradicts_itself_cannot_be_made():
    with pytest.raises(RegistryError):
        StudyEffect("A", "mean-difference", 1.0, 2.0, 3.0, 0.5)


def test_the_command_prints_what_it_found_and_writes_a_page(tmp_path, capsys):
    table = tmp_path / "trials.csv"
    table.write_text(TABLE)
    assert main(["pool", str(table), "--out", str(tmp_path / "page")]) == 0
    said, page = capsys.readouterr().out, (tmp_path / "page" / "index.html").read_text()
    assert "3 studies: difference between means, RMDQ points" in said and "prediction interval" in said
    assert page.count("<svg") >= 6 and "http" not in page.replace("http-equiv", ""), "nothing is fetched"
    assert main(["pool", str(table), "--out", str(tmp_path / "page"), "--json"]) == 0, "a page of ours is replaced"
    record = json.loads((tmp_path / "page" / "pooled.json").read_text())
    assert json.loads(capsys.readouterr().out) == record, "JSON alone, so that it can be read on"
    assert record["pooled"]["k"] == 3 and sum(each["weight"] for each in record["studies"]) == pytest.approx(1)


@pytest.mark.parametrize("options", [("--sd", "2"), ("--on", "NRS", "--sd", "-2"), ("--on", "NRS", "--sd", "nan")])
def test_an_sd_is_a_number_above_nought_and_of_an_instrument(tmp_path, capsys, options):
    table = tmp_path / "trials.csv"
    table.write_text("study,measure,effect,low,high\nA,SMD,-1,-2,0\nB,SMD,-0.5,-1,0\nC,SMD,-0.4,-1,0.2\n")
    assert main(["pool", str(table), *options]) == 2 and not capsys.readouterr().out
    assert main(["pool", str(table), "--on", "NRS", "--sd", "2"]) == 0
    assert "\N{MINUS SIGN}0.50 (" in capsys.readouterr().out, "two decimals, as in print"


def test_points_have_the_sign_of_their_instrument():
    """Effects of which higher is better, on pain, of which lower is."""
    given = [from_interval(f"S{n}", "standardised-mean-difference", 0.2 + n / 10, n / 10, 0.4 + n / 10, unit="SD",
                           outcome="pain", better="higher") for n in range(3)]
    pooled = pool_studies(given)
    turned, kept = (put_on_points(pooled, "X", "points", 2.0, "as given", better) for better in ("lower", "higher"))
    names = ("point", "low", "high", "prediction_low", "prediction_high")
    ends = [-2 * pooled.ends[name] for name in ("point", "high", "low", "prediction_high", "prediction_low")]
    assert [getattr(turned.on_points, name) for name in names] == pytest.approx(ends)
    assert kept.on_points.point == pytest.approx(2 * pooled.ends["point"])


def test_a_page_says_which_intervals_are_of_another_level(tmp_path):
    table = tmp_path / "trials.csv"
    table.write_text(TABLE)
    assert main(["pool", str(table), "--out", str(tmp_path / "page"), "--level", "0.9"]) == 0
    page = (tmp_path / "page" / "index.html").read_text()
    assert "with 95% intervals of the studies and 90% intervals of what was pooled" in page


def test_a_pooling_of_simulated_studies_is_stamped(tmp_path, capsys):
    places = [write_report(tmp_path / name, letter * 64, simulated=True, point=-1.0 - n, low=-2.0 - n, high=0.0 - n)
              for n, (name, letter) in enumerate(zip(("one", "two", "three"), "abc"))]
    assert main(["pool", *map(str, places), "--claim", "sleep", "--out", str(tmp_path / "page")]) == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert "Simulated data." in (tmp_path / "page" / "index.html").read_text()


def test_a_folder_of_reports_gives_all_that_have_the_claim(tmp_path):
    for name, letter in zip(("one", "two", "three"), "abc"):
        write_report(tmp_path / "reports" / name, letter * 64)
    (tmp_path / "reports" / "two" / "estimates" / "sleep.json").unlink()
    assert [each.name for each in gather([tmp_path / "reports"], "sleep")] == ["one", "three"]


def test_the_command_puts_a_standardised_difference_on_points_and_says_so(tmp_path, capsys):
    table = tmp_path / "smd.csv"
    table.write_text("study,measure,effect,se,outcome,better\n" + "".join(
        f"T{n},SMD,{-0.2 * n},0.15,pain,lower\n" for n in (1, 2, 3)))
    assert main(["pool", str(table), "--on", "NRS"]) == 0
    assert "put back from standard deviations with an SD of 2.15" in " ".join(capsys.readouterr().out.split())
    assert main(["pool", str(table), "--on", "PHQ9"]) == 2
    assert "no standard deviation of it" in capsys.readouterr().err


def test_the_command_refuses_two_studies_and_nothing(tmp_path, capsys):
    table = tmp_path / "two.csv"
    table.write_text("\n".join(TABLE.splitlines()[:3]))
    assert main(["pool", str(table)]) == 2 and "2 studies: from 3 on they are pooled" in capsys.readouterr().err
    assert main(["pool"]) == 2
