"""What must hold within the study.toml of a crossover study, and what only such a study may say."""

from collections import Counter


def check_crossover(study, findings):
    """Add a finding for everything about periods and sequences that cannot be right."""
    if study.design != "crossover":
        _refuse_elsewhere(study, findings)
        return
    if len(study.arms) < 2:
        findings.wrong("design", "'crossover' but only one arm")
    _check_sequences(study, findings)
    for name, file in study.files.items():
        _check_file(study, f"files.{name}", Counter(column.means for column in file.columns.values()), findings)


def _refuse_elsewhere(study, findings):
    """Periods mean nothing where a patient stays in one arm."""
    means = {column.means for file in study.files.values() for column in file.columns.values()}
    said = [f'a column that means "{word}"' for word in ("period", "sequence") if word in means]
    said += ["`sequences`"] * bool(study.sequences)
    said += ["a visit's `period`"] * any(visit.period is not None for visit in study.visits)
    for each in said:
        findings.wrong("design", f"'{study.design}', but {each} belongs to a crossover study")


def _check_sequences(study, findings):
    for name, arms in study.sequences.items():
        for arm in dict.fromkeys(arms):
            if arm not in study.arms:
                findings.wrong(f"sequences.{name}", f"'{arm}' is no arm of study.toml")
        if len(arms) < 2:
            findings.wrong(f"sequences.{name}", "fewer than two periods; name the arm of each, in order")
    if len({len(arms) for arms in study.sequences.values()}) > 1:
        findings.wrong("sequences", "they differ in their number of periods")
    longest = max((len(arms) for arms in study.sequences.values()), default=None)
    for visit in study.visits:
        if longest and visit.period and visit.period > longest:
            findings.wrong(f"visits, '{visit.name}'", f"period {visit.period}, but the sequences have {longest}")


def _check_file(study, where, means, findings):
    if means["sequence"] and not study.sequences:
        findings.wrong(where, 'a column means "sequence", but study.toml has no [sequences]')
    if means["sequence"] and means["arm"]:
        findings.wrong(where, "a column means the arm and another the sequence; the sequence says the arms")
    if means["arm"] and not means["period"]:
        findings.wrong(
            where,
            "in a crossover study a patient has an arm in each period: map a column of this file that means "
            '"period", or the order of the arms as "sequence"',
        )
    if means["session"] and not means["period"]:
        findings.wrong(where, 'sessions of a crossover study need a column that means "period"')
