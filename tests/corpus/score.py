"""The score: counts of what went wrong, by kind of wrong."""

COUNTS = {  # what is counted: how its faults begin
    "silently wrong": "silently wrong",
    "code executed": "code executed",
    "hangs": "hang",
    "crashes": "crash",
    "inputs changed": "inputs changed",
    "markup alive": "live markup",
    "values echoed": ("echo", "raw control"),
    "other exit codes": "exit code",
    "clean and refused": "clean and refused",
}


def counts(results):
    """Return {what is counted: how many results have it}."""
    return {
        name: sum(any(fault.startswith(start) for fault in each.faults) for each in results)
        for name, start in COUNTS.items()
    }


def complete_share(results):
    """Return (refusals whose message is complete, refusals)."""
    refused = [each for each in results if each.refused]
    return sum(not any(fault.startswith("message") for fault in each.faults) for each in refused), len(refused)


def table(results):
    """Return the score as lines of text."""
    complete, refused = complete_share(results)
    share = 100 * complete / refused if refused else 100
    lines = [f"{len(results)} folders of {len({each.kind for each in results})} kinds, {refused} refused"]
    lines += [f"  {name:20} {number}" for name, number in counts(results).items()]
    slowest = max(each.seconds for each in results)
    return "\n".join(
        [
            *lines,
            f"  {'messages complete':20} {complete} of {refused} ({share:.1f} %)",
            f"  {'slowest':20} {slowest:.1f} s",
        ]
    )
