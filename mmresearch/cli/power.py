"""`mmresearch power`: how many patients per arm a trial of one claim would take, and everything that assumes."""

from pathlib import Path
from textwrap import fill

NARROW = 100  # characters of a line of text
OPTIONS = ("instrument", "effect", "sd", "share", "dropout", "icc", "per_therapist", "correlation", "alpha")
NUMBERS = {  # option: what it means
    "effect": "a difference to plan for besides, in the instrument's unit (of a ratio: the ratio)",
    "sd": "of one patient's outcome, in the instrument's unit",
    "share": "responders in the other arm, 0 to 1",
    "dropout": "share of randomised patients who will not be analysed (0 to below 1)",
    "icc": "correlation of two patients of one therapist; 0 for none",
    "per-therapist": "patients a therapist treats",
    "correlation": "of baseline and follow-up",
}


def add_power(commands, common):
    """Add what may be typed after `mmresearch power`."""
    power = commands.add_parser("power", parents=[common], help="patients per arm a trial of a claim would take")
    power.add_argument("claim", metavar="CLAIM", help="a claim's id")
    power.add_argument("--instrument", metavar="ID", help="one the claim names (default: the first with a known SD)")
    for name, words in NUMBERS.items():
        power.add_argument(f"--{name}", type=float, metavar="NUMBER", help=words)
    power.add_argument("--alpha", type=float, default=0.05, metavar="NUMBER", help="two-sided (default: 0.05)")
    power.add_argument("--study", type=Path, metavar="STUDY", help="take precision and drop-out from a study at hand")
    power.add_argument("--json", action="store_true", help="as JSON")
    power.set_defaults(command=plan_trial)


def plan_trial(arguments):
    """Print the plan of a claim. Raises UsageError where none can be made, with the reason."""
    from mmresearch.claims import articles
    from mmresearch.estimate import dumps
    from mmresearch.planning import plan_claim

    estimate = None
    if arguments.study:
        from mmresearch.workbench.plan import estimate_claim

        claim, estimate = estimate_claim(arguments.study, arguments.claim)
    else:
        claim = articles().claim(arguments.claim)
    plan = plan_claim(claim, estimate=estimate, **{name: getattr(arguments, name) for name in OPTIONS})
    print(dumps(plan.to_json()) if arguments.json else "\n".join(_lines(plan)))


def _lines(plan):
    from mmresearch.exhibits.power import name_target

    kind = "" if plan.hypothesis == "superiority" else f" ({plan.hypothesis})"
    yield fill(plan.question, NARROW)
    yield f"{plan.claim}: {plan.measure.replace('-', ' ')}{kind}, {plan.instrument}"
    yield ""
    rows = [(f"{name_target(target)}: {target.words}", *(_count(target, power) for power in target.patients))
            for target in plan.targets]
    head = ("patients to randomise per arm", *(f"{100 * power:g}% power" for power in plan.targets[0].patients))
    widths = [max(len(row[index]) for row in (head, *rows)) for index in range(len(head))]
    for row in (head, *rows):
        yield "  " + "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width
                                                         in zip(row[1:], widths[1:]))])
    yield ""
    for target in plan.targets:
        sentence = target.source.rstrip(".")
        yield fill(f"{name_target(target).capitalize()}: {sentence}.", NARROW, subsequent_indent="  ")
    yield ""
    for each in plan.assumptions:
        yield fill(f"{each.name} {each.text}: {each.source}.", NARROW, subsequent_indent="  ")
    yield f"Two-sided alpha {plan.alpha:g}; noncentral t."
    for note in plan.notes:
        yield fill(f"Note: {note}.", NARROW, subsequent_indent="  ")


def _count(target, power):
    count, therapists = target.patients[power], target.therapists[power]
    if count is None:
        return "over a million"
    return f"{count:,} ({therapists} therapists)" if therapists else f"{count:,}"
