"""Bad and clean study folders of every kind through `mmresearch check`: a seeded sample, and slowly all of them."""

import random

import pytest
from corpus.kinds import LOAD, all_kinds
from corpus.runner import Result, run
from corpus.score import complete_share, counts, table

KINDS = all_kinds()
CLEAN = sorted(name for name in KINDS if name.startswith("A"))
SAMPLE = random.Random(20261122).sample(sorted(set(KINDS) - set(CLEAN)), 45)
SLOW_SEEDS = (101, 102)
APART = random.Random(7).sample(sorted(KINDS), 40)


def judged(results):
    """Fail with the score and every fault."""
    faulty = [f"{each.kind} seed {each.seed}: {'; '.join(each.faults)}" for each in results if each.faults]
    assert not faulty, "\n".join([table(results), *faulty])


def test_there_are_more_kinds_than_the_catalogue_lists():
    assert len(KINDS) > 400 and len(CLEAN) >= 27
    letters = {name[0] for name in KINDS}
    assert letters == set("AEVNXSRQPHU")


@pytest.mark.parametrize("name", SAMPLE)
def test_a_bad_folder_is_refused_with_a_whole_message_or_read_as_it_was_meant(name):
    judged([run(KINDS[name], 1)])


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_folder_is_read_with_the_values_that_were_written(name):
    judged([run(KINDS[name], 2)])


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW_SEEDS)
def test_the_whole_corpus_at_another_seed(seed):
    results = [run(kind, seed) for kind in KINDS.values()]
    judged(results)
    complete, refused = complete_share(results)
    assert complete >= 0.98 * refused


@pytest.mark.slow
def test_commands_of_their_own_with_limits_on_time_and_memory():
    results = [run(KINDS[name], 55, apart=True) for name in APART]
    judged(results)


def test_the_score_counts_each_kind_of_wrong():
    bad = Result("V01", 1, 0, ("silently wrong: accepted", "echo"), "", 0.1)
    good = Result("V02", 1, 1, (), "told", 0.1)
    short = Result("V03", 1, 1, ("message: no row",), "told", 0.1)
    told = counts([bad, good, short])
    assert (told["silently wrong"], told["values echoed"], told["hangs"]) == (1, 1, 0)
    assert complete_share([bad, good, short]) == (1, 2)


def test_the_runner_sees_what_is_wrong():
    """A clean study that is said to be bad, and one whose meaning is said to be another, are both found wrong."""
    from corpus.clinic import Clinic
    from corpus.kinds import Expected, Kind

    def accepted(clinic, folder):
        clinic.write(folder)
        return clinic.refused()

    def other(clinic, folder):
        name, header, row = clinic.pick("NRS")
        clinic.set(name, header, row, "3" if clinic.get(name, header, row) != "3" else "4")
        clinic.write(folder)
        return clinic.loads()

    def echoed(clinic, folder):
        clinic.declared["title"] = "Study of Q7Q7"
        clinic.write(folder)
        return Expected(LOAD, secrets=("Q7Q7",), truth=Clinic.loads(clinic).truth)

    found = {
        name: run(Kind(name, "", make), 1).faults
        for name, make in (("accepted", accepted), ("other", other), ("echoed", echoed))
    }
    assert found["accepted"] == ("silently wrong: accepted",)
    assert found["other"] == ("silently wrong: outcomes: 1 with other values",)
    assert found["echoed"] == ("echo",)
