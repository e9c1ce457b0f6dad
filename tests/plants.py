"""Violations to plant in gated records, one kind each: name -> function of a Prepared release that returns findings.

Each puts back, or invents, what the gate would have withheld, and asks the last check; None where this study has no
place for it (nothing of that kind was withheld).
"""

from dataclasses import replace

from releasing import MEANINGS

from mmresearch import disclosure
from mmresearch.disclosure import estimates as gating
from mmresearch.disclosure.said import Said
from mmresearch.estimate import Estimate, Lack, Robustness
from mmresearch.workbench.opening import OWN

CLAIM = "pain-less"


def planted_outline(**changes):
    return lambda prepared: prepared.inspect(replace(
        prepared.gated.description, outline=replace(prepared.gated.description.outline, **changes)))


def planted_table(choose):
    """choose(gated cell, true cell, policy): the cell to put in its place, or None."""
    def plant(prepared):
        gated, true = prepared.gated.description.table_one, prepared.description.table_one
        for row, original in zip(gated.rows, true.rows):
            for index, (cell, was) in enumerate(zip(row.cells, original.cells)):
                new = choose(cell, was, row, index == len(row.cells) - 1)
                if new is not None:
                    cells = (*row.cells[:index], new, *row.cells[index + 1:])
                    rows = tuple(replace(row, cells=cells) if each is row else each for each in gated.rows)
                    return prepared.inspect(replace(prepared.gated.description, table_one=replace(gated, rows=rows)))
        return None
    return plant


def _small_count(cell, was, row, last):
    return replace(cell, count=was.count) if row.level and cell.count is None and 0 < was.count < 11 else None


def _large_count(cell, was, row, last):
    return replace(cell, count=was.count) if row.level and cell.count is None and was.count >= 11 and (
        not last and was.n - was.count < 11) else None


def _everybody(cell, was, row, last):
    return replace(cell, count=was.n, n=was.n) if row.level and was.count == was.n and cell.count is None else None


def _raised(cell, was, row, last):
    return replace(cell, count=11) if row.level and 0 < was.count < 11 else None


def _digits(cell, was, row, last):
    return replace(cell, mean=was.mean + 0.123456) if cell.mean is not None else None


def flow(prepared):
    gated, true = prepared.gated.description.flow, prepared.description.flow
    steps = [replace(step, counts=was.counts) for step, was in zip(gated.steps, true.steps)]
    changed = tuple(step for step, was in zip(steps, gated.steps) if step != was)
    return prepared.inspect(replace(prepared.gated.description, flow=replace(
        gated, steps=tuple(steps)))) if changed else None


def exclusions(prepared):
    changed = replace(prepared.gated.description.flow, exclusions=(("no consent", 3),))
    return prepared.inspect(replace(prepared.gated.description, flow=changed))


def missing(prepared):
    true, gated = prepared.description.missing, prepared.gated.description.missing
    return prepared.inspect(replace(prepared.gated.description, missing=replace(gated, rows=true.rows))) if any(
        row.observed is None for row in gated.rows) else None


def course(change):
    def plant(prepared):
        true, gated = prepared.description.courses[0], prepared.gated.description.courses[0]
        points = change({(each.arm, each.visit): each for each in gated.points}, true.points)
        return prepared.inspect(replace(prepared.gated.description, courses=(
            replace(gated, points=tuple(points)),))) if points else None
    return plant


def _few_mean(gated, true):
    new = [replace(each, n=None, sd=None, se=None, mean=round(each.mean, 1)) for each in true
           if (each.arm, each.visit) not in gated]
    return new and [*gated.values(), *new]


def _course_n(gated, true):
    new = [replace(gated[each.arm, each.visit], n=each.n) for each in true
           if (each.arm, each.visit) in gated and gated[each.arm, each.visit].n is None]
    return new and [*(each for each in gated.values() if each.n is not None), *new]


def _mean_of_others(gated, true):
    return [replace(each, mean=round(each.mean + 0.3, 1)) for each in gated.values()]


def estimate(change, name=CLAIM):
    """change(gated Estimate, the Estimate as fitted): the Estimate to put in its place, or None."""
    def plant(prepared):
        gated, true = prepared.gated.outcomes[name], prepared.originals[name]
        if not isinstance(gated, Estimate):
            return None
        new = change(gated, true)
        return None if new is None else prepared.inspect(outcomes=prepared.gated.outcomes | {name: new})
    return plant


def withheld(name):
    """An estimate that was withheld, stripped as the gate strips those it lets out, without the means by arm."""
    def plant(prepared):
        gated, true = prepared.gated.outcomes[name], prepared.originals[name]
        if not (isinstance(gated, Lack) and isinstance(true, Estimate)):
            return None
        stripped = replace(gating._stripped(true, prepared.support, Said(prepared.policy), MEANINGS), by_arm=())
        return prepared.inspect(outcomes=prepared.gated.outcomes | {name: stripped})
    return plant


def verdict(prepared):
    """The verdict of a claim whose estimate is withheld."""
    held = [name for name, each in prepared.gated.outcomes.items()
            if isinstance(each, Lack) and isinstance(prepared.originals[name], Estimate)]
    true = {each.claim: each for each in prepared.verdicts}
    verdicts = tuple(true[each.claim] if each.claim in held else each for each in prepared.gated.verdicts[OWN])
    return prepared.inspect(verdicts=verdicts) if held else None


def _arms(new):
    return lambda gated, true: replace(gated, by_arm=tuple(
        new(each, was) for each, was in zip(gated.by_arm, true.by_arm))) if any(
        new(each, was) != each for each, was in zip(gated.by_arm, true.by_arm)) else None


RECORDS = {
    "a small count": planted_table(_small_count),
    "a count whose rest is small": planted_table(_large_count),
    "everybody has it": planted_table(_everybody),
    "a small count raised to the threshold": planted_table(_raised),
    "too many digits": planted_table(_digits),
    "notes of what was read": planted_outline(notes=("3 patients of unknown sex",)),
    "the hash of the data": planted_outline(sha256="0" * 64),
    "a count that is one off": lambda prepared: planted_outline(
        patients=(prepared.gated.description.outline.patients or 50) + 1)(prepared),
    "numbers of values": planted_outline(outcomes=1234),
    "who came to a visit": flow,
    "who was excluded": exclusions,
    "missing values": missing,
    "a mean of few": course(_few_mean),
    "the number behind a mean": course(_course_n),
    "a mean of others": course(_mean_of_others),
    "an estimate of few": withheld(CLAIM),
    "a share of few": withheld("pain-responders"),
    "the verdict of what is withheld": verdict,
    "how many were analysed": estimate(lambda gated, true: replace(gated, n=true.n) if None in gated.n.values() else
                                       None),
    "p below 0.001": estimate(lambda gated, true: replace(gated, p_value=0.0004)),
    "exact degrees of freedom": estimate(lambda gated, true: replace(gated, df=47.0)),
    "an analysis of other patients": estimate(lambda gated, true: replace(gated, robustness=(
        Robustness("per protocol: at least 80% of 10 sessions", -1.0, -2.0, -0.1),))),
    "a sentence that counts": estimate(lambda gated, true: replace(gated, assumptions=("Reached by 9 of 30.",))),
    "what the fit told of people": estimate(lambda gated, true: replace(gated, model="ancova, 3 therapists")),
    "a baseline of nearly the same patients": estimate(_arms(lambda each, was: replace(
        each, baseline_mean=round(was.baseline_mean, 1), baseline_sd=1.0))),
    "a spread beside a withheld number": estimate(_arms(lambda each, was: replace(each, sd=1.2) if each.n is None
                                                        else each)),
    "all the digits of an estimate": estimate(lambda gated, true: replace(gated, standard_error=0.123456789)),
}


def page_with(markup):
    """A clean page of a release and one thing in it that may not leave."""
    return lambda page: disclosure.inspect_pages({"claims/x.html": page.replace(b"</main>", markup + b"</main>")},
                                                 ["pt-017"], ["Weber"])


PAGES = {
    "a pseudonym": page_with(b"<p>Patient pt-017 left.</p>"),
    "a therapist's name": page_with(b"<td>Weber</td>"),
    "a script": page_with(b"<script>alert(1)</script>"),
    "an event handler": page_with(b'<p onclick="go()">x</p>'),
    "a link that runs": page_with(b'<a href=" JavaScript:go()">x</a>'),
    "a frame": page_with(b"<iframe></iframe>"),
    "an image from elsewhere": page_with(b'<img src="https://x.example/a.png">'),
    "a value with all its digits": page_with(b"<td>7.123457</td>"),
    "a mark for each patient": page_with(b'<svg class="pic">' + b'<svg class="m arm"></svg>' * 120 + b"</svg>"),
    "dots of a drawing library": page_with(b'<svg><g><circle r="2"/></g></svg>'),
    "no policy for scripts": lambda page: disclosure.inspect_pages(
        {"x.html": page.replace(b"Content-Security-Policy", b"X")}),
    "an internal page": lambda page: disclosure.inspect_pages(
        {"x.html": page.replace(b"Released.", b"Internal: not for release.")}),
    "a notebook": lambda page: disclosure.inspect_pages({"claims/x.ipynb": b"{}"}),
    "a figure with its data": lambda page: disclosure.inspect_pages({"figure.svg": b"<svg/>"}),
    "a formula": lambda page: disclosure.inspect_pages({"tables/x.csv": b"arm,n\n\"=cmd|' /C calc'!A0\",20\n"}),
    "a formula behind a tab": lambda page: disclosure.inspect_pages({"tables/x.csv": b"arm,n\n\"\t=1+1\",20\n"}),
    "a value in JSON": lambda page: disclosure.inspect_pages({"estimates/x.json": b'{"mean": 5.123457}'}),
    "an e-mail address": page_with(b"<p>dr.who@clinic.example</p>"),
}
