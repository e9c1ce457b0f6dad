"""Writes docs/calibration.md from what the draws of operating.py came to."""

import math
from collections import Counter
from pathlib import Path

from scipy import stats

from bench import family
from bench.cases import CASES, Case
from bench.operating import SIZES, WORDS, key
from mmresearch.codebook import codebook
from mmresearch.models.estimand import CONVENTIONS

PAGE = Path(__file__).parents[1] / "docs" / "calibration.md"
COVER, FALSE = (0.94, 0.96), 0.025
HEAD = ("patients an arm", "truth", "draws", "bias", "covered", "supported", "refuted, opposite", "refuted, too small",
        "found")


def exact(count, total, level=0.95):
    """Return Clopper and Pearson's interval of a share."""
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, count, total - count + 1) if count else 0.0
    high = stats.beta.ppf(1 - tail, count + 1, total - count) if count < total else 1.0
    return float(low), float(high)


def rate(count, total):
    """Return a share with its interval in percent: 95.0 (93.9 to 95.9)."""
    if not total:
        return "-"
    low, high = exact(count, total)
    return f"{100 * count / total:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def judged(case, place, cell):
    """Return what a row shows of its method: `misses: ...`, each rate that is out of bounds; empty where none is."""
    analysis, found = case.claim.analysis, []
    low, high = exact(cell.get("covered", 0), cell.get("intervals", 0)) if cell.get("intervals") else (0, 1)
    found += ["covers too seldom"] * (high < COVER[0]) + ["covers too often"] * (low > COVER[1])
    wrong = {"false support": supported(cell)} if place == 0 else {}
    wrong |= {"false refutation, opposite": cell.get("refuted: opposite", 0)}
    if place > 0 and analysis.hypothesis == "superiority":
        wrong |= {"false refutation, too small": cell.get("refuted: too-small", 0)}
    found += [words for words, count in wrong.items() if exact(count, cell["draws"])[0] > FALSE]
    return "misses: " + ", ".join(found) if found else ""


def held(cells):
    """Return (intervals that held the truth, intervals) of several cells together."""
    return tuple(sum(each.get(name, 0) for each in cells) for name in ("covered", "intervals"))


def supported(cell):
    return sum(count for name, count in cell.items() if name.startswith("supported"))


def row(case, n, place, cell):
    """Return one line of the table."""
    intervals = cell.get("intervals", 0)
    bias = "-"
    if intervals > 1:
        mean = cell["error"] / intervals
        spread = math.sqrt(max(cell["error2"] / intervals - mean**2, 0) / intervals)
        bias = f"{mean:+.3f} ± {1.96 * spread:.3f}"
    lost = cell["draws"] - intervals
    draws = f"{cell['draws']}" + (f" ({lost} without interval)" if lost else "")
    truth = f"{round(float(case.truth(case.effects[place])), 6) + 0.0:.3g}"
    shares = [rate(cell.get("covered", 0), intervals), *(rate(count, cell["draws"]) for count in (
        supported(cell), cell.get("refuted: opposite", 0), cell.get("refuted: too-small", 0)))]
    return [str(n), truth, draws, bias, *shares, judged(case, place, cell)]


def overview(cells):
    """Return one row a method and size: coverage of all three truths together, and what is false where it matters."""
    rows = []
    for case in CASES:
        for n in SIZES:
            found = [cells[key(case.name, n, place)] for place in range(3) if key(case.name, n, place) in cells]
            if len(found) == 3:
                covered, totals = held(found)
                low, high = exact(covered, totals) if totals else (0, 1)
                said = "too seldom" if high < COVER[0] else "too often" if low > COVER[1] else ""
                rows.append([case.name, str(n), rate(covered, totals), said,
                             rate(supported(found[0]), found[0]["draws"]),
                             rate(found[0].get("refuted: opposite", 0), found[0]["draws"]),
                             rate(found[1].get("refuted: too-small", 0), found[1]["draws"]),
                             rate(supported(found[2]), found[2]["draws"])])
    return table(rows, ("method", "an arm", "covered, all truths", "", "false support", "false refutation, opposite",
                        "false refutation, too small", "power at twice the margin"))


def families():
    """Return the sentence about the whole registry."""
    kept = family.read()
    if not kept["draws"]:
        return "Not simulated yet: `python -m bench.family`."
    worst = ", ".join(f"{name} ({count})" for name, count in Counter(kept["claims"]).most_common(5)) or "none"
    return (f"Over the whole registry, in {kept['draws']} three-arm trials in which nothing works (seed "
            f"{kept['seed']}; {kept['sizes'][0]} to {kept['sizes'][1]} hypotheses in the family): any superiority "
            f"claim supported in {rate(kept['any'], kept['draws'])}% (at most 5% is meant). Claims supported: {worst}.")


def table(rows, head=HEAD):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def sized(case: Case):
    """Return what the truths are in words: the margin where the method has one."""
    analysis = case.claim.analysis
    if analysis.hypothesis in ("non-inferiority", "equivalence"):
        return f"first the margin, which must not be called {analysis.hypothesis}, then two better ones"
    if analysis.hypothesis != "superiority":
        return f"the registered value, and two beyond it (hypothesis `{analysis.hypothesis}`)"
    if analysis.measure in CONVENTIONS:
        return f"no effect, the margin ({codebook().conventions[CONVENTIONS[analysis.measure]].value:g}) and twice it"
    if analysis.measure in ("odds-ratio", "slope"):
        return "no effect and two others: no margin is known for this measure"
    return "no effect, the margin and twice it"


def mixed(sources):
    """Return a sentence where draws of several states of the methods stand together; else nothing."""
    return (f"\nThese draws were made with {len(sources)} successive states of the methods; `--anew` makes them of one."
            if len(sources) > 1 else "")


def page(kept):
    """Return the page as Markdown. kept: seed, cells (key -> Counter)."""
    cells, parts, missed = kept["cells"], [], []
    for case in CASES:
        lines = [row(case, n, place, cells[key(case.name, n, place)]) for n in SIZES for place in range(len(WORDS))
                 if key(case.name, n, place) in cells]
        missed += [f"- {case.name}, {line[0]} an arm, truth {line[1]}: {line[-1].removeprefix('misses: ')} "
                   f"(covered {line[4]}%, supported {line[5]}%)" for line in lines if line[-1]]
        parts.append(f"## {case.name}\n\nTruths: {sized(case)}.\n\n{table(lines)}" if lines else "")
    draws = [each["draws"] for each in cells.values()] or [0]
    known = NOTES.read_text(encoding="utf-8").strip() if NOTES.exists() else ""
    words = {"overview": overview(cells), "families": families(), "seed": kept["seed"], "low": min(draws),
             "high": max(draws), "missed": "\n".join(missed) or "None.", "notes": known,
             "states": mixed(kept.get("sources", []))}
    return HEADER.format(**words) + "\n\n".join(filter(None, parts)) + "\n"


NOTES = Path(__file__).with_name("operating_notes.md")
HEADER = """# Operating characteristics

Written by `make calibrate` (`bench/operating.py`; seed {seed}; {low} to {high} draws a row: 2,000 are meant, 500 with a
bootstrap, and fewer say less). Each draw is one invented study with drop-out (11% and 15% leave, more of the severe)
and therapists who differ (ICC about 0.05), analysed by `models.fit` and judged alone by `verdict.judge`, before
multiplicity, without the robustness set. How each study is made: `bench/cases.py`.

Therapists: 4, 6 and 10 in the whole study at 20, 40 and 100 patients an arm. They treat the massage arm alone, 5, 6 or
7, and 10 patients each; the comparison arm has none. Otherwise: `variance` has 6, 8 and 12; in `course, per session`
the same therapists treat in all three arms; in `crossover`, where 20, 40 and 100 patients begin with each treatment,
they give everybody's massage; `agreement` and `mediation, bootstrap` take no account of any.

Rates in percent with their exact 95% Monte Carlo interval. Bias: mean of estimate minus truth ± 1.96 Monte Carlo
errors, of logs for ratios. *Supported* is false support where the truth is no effect (or the registered value), else
power; *refuted, opposite* is false at every truth here; *refuted, too small* is false from the margin on. A row misses
where the interval of its coverage lies outside 94 to 96%, or where the lower end of a false rate is above 2.5%. With
few draws a row that does not miss is not yet a row that holds. By chance alone one row in forty misses each bound.
{states}

{notes}

## Overview

{overview}

## Family

{families}

## Rows that miss

{missed}

"""
