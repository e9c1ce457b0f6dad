"""Who took part: Table 1, and those who stayed against those who did not."""

from mmresearch.codebook import codebook
from mmresearch.describe.groups import by_arm, chosen, count_arms, count_level, finite, measure_mean
from mmresearch.describe.records import Characteristic, DropoutRow, Dropouts, TableOne

UNITS = {"age": "years", "duration_months": "months"}
LABELS = {"age": "Age", "sex": "Sex", "condition": "Condition", "duration_months": "Duration of complaint"}
OTHER_SEX = {"male", "man", "m"}  # with two sexes one row says both


def table_one(dataset, patients=None):
    """Return the TableOne of a Dataset: n, mean (SD) or n of N by arm, then over all arms.

    patients: pseudonyms to restrict to, such as those observed at a visit (`observed`); default: the analysis set.
    Arms none of them is in are left out.
    Rows: age, sex, condition, duration, the study's covariates, then every instrument measured at baseline.
    """
    table = chosen(dataset, patients)
    arms = tuple(arm for arm in count_arms(dataset, patients) if arm.n or patients is None)
    rows = [*_people(dataset, table, arms), *_covariates(dataset, table, arms), *_baselines(dataset, table, arms)]
    return TableOne(arms, tuple(rows), len(table))


def observed(dataset, instrument, visit):
    """Return the pseudonyms (a frozenset) of the patients with a value of that instrument at that visit."""
    rows = dataset.measured(instrument)
    return frozenset(rows.loc[rows["visit"] == visit, "patient"])


def compare_dropouts(dataset, instrument, visit):
    """Return age and the instrument's baseline of patients observed at `visit` and of those not.

    p: two-sided two-sample t test, equal variances, None with fewer than two patients in a group.
    """
    table = _with_baseline(dataset, dataset.patients, instrument)
    stayed = table["patient"].isin(observed(dataset, instrument, visit))
    columns = [("age", LABELS["age"], UNITS["age"])] if "age" in table and table["age"].notna().any() else []
    if "_baseline" in table:
        columns.append(("_baseline", f"{instrument} at baseline", dataset.instrument(instrument).unit))
    rows = [_dropout_row(table[stayed][name], table[~stayed][name], label, unit) for name, label, unit in columns]
    return Dropouts(instrument, visit, tuple(rows))


def _dropout_row(stayed, left, label, unit):
    cells = measure_mean(stayed), measure_mean(left)
    return DropoutRow(label, unit, *cells, _p_value(*cells))


def _p_value(one, other):
    from scipy.stats import ttest_ind_from_stats

    if None in (one.sd, other.sd) or one.sd == other.sd == 0:
        return None
    return finite(ttest_ind_from_stats(one.mean, one.sd, one.n, other.mean, other.sd, other.n).pvalue)


def _people(dataset, table, arms):
    for column in LABELS:
        if column not in table or table[column].isna().all():
            continue
        if column in UNITS:
            yield _mean_row(table, arms, column, LABELS[column], UNITS[column])
        else:
            yield from _level_rows(table, arms, column, LABELS[column])


def _covariates(dataset, table, arms):
    columns = {column.name: column for file in dataset.study.files.values()
               for column in file.columns.values() if column.means == "covariate"}
    for name, column in columns.items():
        if name not in table or table[name].isna().all():
            continue
        label = name.replace("_", " ").capitalize()
        if column.kind == "number":
            yield _mean_row(table, arms, name, label, "")
        else:
            yield from _level_rows(table, arms, name, label)


def _baselines(dataset, table, arms):
    if dataset.study.baseline is None:
        return
    for instrument in dataset.outcomes["instrument"].unique():
        merged = _with_baseline(dataset, table, instrument)
        if "_baseline" in merged and merged["_baseline"].notna().any():
            known = dataset.instrument(instrument)
            cells = by_arm(merged, arms, lambda rows: measure_mean(rows["_baseline"]))
            yield Characteristic(known.name, known.unit, None, cells, baseline_of=instrument)


def _with_baseline(dataset, table, instrument):
    baseline = dataset.study.baseline
    values = dataset.measured(instrument)
    values = values[values["visit"] == baseline.name] if baseline else values[:0]
    if values.empty:
        return table
    return table.merge(values[["patient", "value"]].rename(columns={"value": "_baseline"}), on="patient", how="left")


def _mean_row(table, arms, column, label, unit):
    return Characteristic(label, unit, None, by_arm(table, arms, lambda rows: measure_mean(rows[column])))


def _level_rows(table, arms, column, label):
    levels = sorted(table[column].dropna().unique(), key=str)
    if column == "sex" and len(levels) == 2:
        levels = [level for level in levels if str(level).lower() not in OTHER_SEX] or levels
    for level in levels:
        cells = by_arm(table, arms, lambda rows, level=level: count_level(rows[column], level))
        yield Characteristic(label, "", _name_of(column, level), cells)


def _name_of(column, level):
    known = codebook().conditions
    return known[level].label if column == "condition" and level in known else str(level)
