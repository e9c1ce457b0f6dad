"""The plan of a claim: which difference, which SD, and where each number comes from."""

import json
import math

import pytest
from own_claims import OWN_CLAIMS
from studies import write_study

from mmresearch import workbench
from mmresearch.claims import articles
from mmresearch.cli import main
from mmresearch.codebook import codebook
from mmresearch.errors import RegistryError, UsageError
from mmresearch.evidence import published_effects, read_literature
from mmresearch.planning import POWERS, Design, Spread, count_patients, find_power, find_spread, plan_claim, spreads
from mmresearch.planning.assumptions import CORRELATION, DROPOUT, ICC, PER_THERAPIST
from mmresearch.workbench.plan import estimate_claim

ROWS = {row.effect_id: row for row in published_effects()}
PLAIN = {"icc": 0, "dropout": 0, "correlation": 0}


def claim(name):
    return articles().claim(name)


def named(plan):
    return {target.name: target for target in plan.targets}


def test_the_published_effect_is_the_row_the_reading_rests_on():
    reading, plan = read_literature(claim("pain-general")), plan_claim(claim("pain-general"))
    published = named(plan)["published"]
    assert published.source.startswith(f"{reading.row.effect_id}, {reading.row.study}")
    spread = find_spread(codebook().instrument(plan.instrument))
    assert published.difference == pytest.approx(abs(reading.row.effect) * spread.sd)
    assert "put back with an SD of 2.15 points" in published.source


def test_the_margin_is_the_codebook_s():
    plan = plan_claim(claim("pain-general"), **PLAIN, sd=2.0)
    target, margin = named(plan)["margin"], codebook().instrument("NRS").margin
    assert target.difference == margin.value and margin.source in target.source and "convention" in target.source
    adjusted = Design(2.0, lost_df=1)
    assert target.patients == {power: count_patients(1.0, power, adjusted) for power in POWERS}


def test_each_assumption_makes_its_difference():
    base = named(plan_claim(claim("pain-general"), **PLAIN))["margin"].patients[0.8]

    def patients(**changed):
        return named(plan_claim(claim("pain-general"), **{**PLAIN, **changed}))["margin"].patients[0.8]

    assert patients(dropout=0.2) == pytest.approx(base / 0.8, abs=1)
    assert patients(correlation=0.5) == pytest.approx(0.75 * base, abs=1)
    assert patients(icc=0.05, per_therapist=10) > 1.2 * base
    assert patients(alpha=0.01) > 1.4 * base


def test_defaults_are_named_with_their_source_and_given_numbers_as_given():
    said = {each.name: each for each in plan_claim(claim("pain-general"), dropout=0.25).assumptions}
    assert said[ICC.name] is ICC and said[PER_THERAPIST.name] is PER_THERAPIST and said[CORRELATION.name] is CORRELATION
    assert (said[DROPOUT.name].text, said[DROPOUT.name].source) == ("25%", "as given")


def test_the_default_drop_out_is_that_of_the_row_it_names():
    row = ROWS["E059"]
    assert "200 completed" in row.note and DROPOUT.value == pytest.approx(1 - 200 / row.n, abs=0.001)


def test_an_sd_follows_from_a_trial_s_interval():
    """BOTHER from E003: SE = 1.0 / (2 x 1.96), two arms of 269 people in all."""
    spread = find_spread(codebook().instrument("BOTHER"))
    assert spread.sd == pytest.approx(1.0 / (2 * 1.959964) * math.sqrt(269) / 2, rel=1e-6)
    assert spread.adjusted and "E003" in spread.source


def test_sds_of_tables_norms_and_t_scores():
    on_vas = math.sqrt((21.1**2 + 21.9**2) / 2)
    assert find_spread(codebook().instrument("VAS")).sd == pytest.approx(on_vas)
    assert find_spread(codebook().instrument("NRS")).sd == pytest.approx(on_vas / 10), "printed in mm"
    assert find_spread(codebook().instrument("PROMIS-SD")).sd == 10
    assert find_spread(codebook().instrument("PSS10")).sd == 6.35
    assert find_spread(codebook().instrument("PSQI"), 3.5) == Spread(3.5, "as given")
    with pytest.raises(UsageError, match="no standard deviation of it"):
        find_spread(codebook().instrument("PSQI"))


@pytest.mark.parametrize(("entry", "said"), [
    ('instrument = "NRSS"\npopulation = 2.0\nsource = "a norm"', "no such instrument"),
    ('instrument = "NRS"\nrow = "E999"\npatients = 20', "not in the table of published effects"),
    ('instrument = "NRS"\nafter = [2.0]\nunit = "inch"\nsource = "a trial"', "does not convert 'inch'"),
    ('instrument = "NRS"\npopulation = 2.0', "a printed SD has a source"),
    ('instrument = "NRS"\npopulation = 2.0\nafter = [2.0]\nsource = "a norm"', "give one of"),
    ('instrument = "NRS"\nsd = 2.0', "no such key"),
])
def test_a_broken_entry_of_sds_is_refused(entry, said, monkeypatch, tmp_path):
    (tmp_path / "spreads.toml").write_text(f"[[spread]]\n{entry}\n")
    monkeypatch.setattr(spreads, "files", lambda package: tmp_path)
    with pytest.raises(RegistryError) as refused:
        spreads._table.__wrapped__()
    assert said in "\n".join(refused.value.findings)


def test_without_an_sd_a_standardised_effect_is_planned_in_sds():
    plan = plan_claim(claim("depression"))
    assert plan.unit == "SD" and list(named(plan)) == ["published"]
    assert any("the SD of PHQ9 is not known" in note for note in plan.notes)


def test_an_sd_that_a_model_left_is_not_narrowed_again():
    plan = plan_claim(claim("arthritis-pain"), instrument="WOMAC")
    assert CORRELATION.name not in {each.name for each in plan.assumptions}
    assert named(plan)["published"].difference == pytest.approx(abs(ROWS["E060"].effect))


def test_shares_are_planned_from_the_other_arm_s_share():
    half, fifth = (named(plan_claim(claim("back-pain"), share=share))["margin"] for share in (0.5, 0.2))
    assert half.words == "10 percentage points" and fifth.patients[0.9] < half.patients[0.9]
    with pytest.raises(UsageError, match="shares lie between 0 and 1"):
        plan_claim(claim("back-pain"), share=0.95)


@pytest.mark.parametrize(("name", "said"), [
    ("toxins", "session outcomes cannot test it"),
    ("medication-reduced", "follows from no published SD"),
    ("relief-during-session", "by the method 'session-change'"),
])
def test_what_cannot_be_planned_says_why(name, said):
    known = {each.id: each for each in articles()}
    chosen = known.get(name) or next(each for each in articles() if _fits(each, name))
    with pytest.raises(UsageError) as refused:
        plan_claim(chosen)
    assert said in str(refused.value)


def _fits(each, name):
    method = {"medication-reduced": "dose", "relief-during-session": "session-change"}.get(name)
    return each.analysis is None if method is None else each.analysis is not None and each.analysis.method == method


def test_every_claim_has_a_plan_or_a_reason():
    planned = 0
    for each in articles():
        try:
            plan = plan_claim(each)
        except UsageError as error:
            assert error.findings or error.remedy
        else:
            planned += 1
            assert plan.targets and all(each.source for each in plan.assumptions)
            for target in plan.targets:
                for power, count in target.patients.items():
                    assert count is None or find_power(target.difference, count, target.design) >= power
    assert planned >= 40


def test_a_claim_of_being_no_worse_is_planned_at_its_margin():
    plan = plan_claim(claim("back-pain-instead-of-drugs"))
    assert list(named(plan)) == ["margin"] and any("taken to be none" in note for note in plan.notes)
    with pytest.raises(UsageError, match="planned at its margin"):
        plan_claim(claim("back-pain-instead-of-drugs"), effect=3.0)


def test_instruments_are_those_the_claim_names():
    assert plan_claim(claim("pain-general"), instrument="VAS").unit == "mm"
    with pytest.raises(UsageError, match="registered on NRS, VAS"):
        plan_claim(claim("pain-general"), instrument="PSQI")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("planning") / "study", claims=OWN_CLAIMS)


def test_a_study_at_hand_gives_its_precision(study):
    record, estimate = estimate_claim(study, "pain-less")
    plan = plan_claim(record, estimate=estimate, effect=0.7)
    target, arms = named(plan)["given"], (estimate.arm, estimate.reference)
    assert target.design.sd == pytest.approx(estimate.standard_error / math.sqrt(sum(1 / estimate.n[a] for a in arms)))
    randomised = sum(estimate.n_randomised[arm] for arm in arms)
    assert target.design.dropout == pytest.approx(1 - sum(estimate.n[arm] for arm in arms) / randomised)
    error, df = target.design.precision(randomised / 2)
    assert error == pytest.approx(estimate.standard_error, rel=0.03), "but for arms that are not quite of one size"
    assert df == pytest.approx(estimate.df)


def test_a_study_that_cannot_answer_is_refused(study):
    with pytest.raises(UsageError, match="this study cannot answer it"):
        workbench.open_plan("pain-elsewhere", str(study))


def test_the_page_shows_curve_table_and_sources():
    page = workbench.open_plan("pain-general", effect=0, sd=0)
    drawn, table, said = page.power().html, page.patients().text, page.assumptions().text
    assert 'aria-label="Power against patients per arm.' in drawn and "<polyline" not in drawn
    assert "the published effect: 1.61 points" in table and "Walters" in said
    assert "E012" in page.published().text or "Furlan" in page.published().text
    assert repr(page) == "PlanPage('pain-general': 2 differences)"


def test_the_notebook_s_numbers_are_the_defaults():
    """They stand in the notebook to be changed; as they are they change nothing."""
    from mmresearch.cli.places import NOTEBOOKS

    cells = json.loads((NOTEBOOKS / "planning.ipynb").read_text())["cells"]
    given = {}
    exec("".join(next(cell for cell in cells if cell["metadata"].get("tags"))["source"]), given)
    assert [given["dropout"], given["icc"], given["per_therapist"], given["correlation"]] == [
        each.value for each in (DROPOUT, ICC, PER_THERAPIST, CORRELATION)]


def test_the_command_prints_a_table_and_json(capsys):
    assert main(["power", "pain-general", "--effect", "0.5"]) == 0
    said = capsys.readouterr().out
    assert "80% power" in said and "the difference given: 0.5 points" in said and "noncentral t" in said
    assert main(["power", "pain-general", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    plan = plan_claim(claim("pain-general"))
    assert [each["patients"]["0.8"] for each in record["targets"]] == [each.patients[0.8] for each in plan.targets]
    assert main(["power", "pain-generl"]) == 2 and "Did you mean" in capsys.readouterr().err
    assert main(["power", "pain-general", "--icc", "2"]) == 2
