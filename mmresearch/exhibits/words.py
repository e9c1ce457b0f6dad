"""Our words as a reader meets them: verdicts, hypotheses, measures; a record's code word stays the key."""

import re

from mmresearch.codebook import codebook
from mmresearch.exhibits.markup import tag

VERDICTS = {  # verdict: (label, what it means)
    "supported": ("Supported", (
        "The interval lies on the claimed side, and the claim survives the correction for asking many questions. Where "
        "the article promised a size, the interval reaches it or leaves it open, and the sentence says which.")),
    "supported-smaller": ("Supported, but smaller", (
        "There is an effect in the claimed direction, and it is smaller than the article's own words promise.")),
    "refuted": ("Refuted", "The data show the opposite, or an effect too small to matter either way."),
    "inconclusive": ("Inconclusive", (
        "The interval leaves more than one answer open. The sentence says how many patients would settle it, where a "
        "margin is known.")),
    "not-assessable": ("Not assessable here", (
        "This study lacks an arm, an instrument, a population, a time or a comparison that the claim needs, or the "
        "method is not built yet.")),
    "needs-laboratory": ("Needs a laboratory", "Session outcomes cannot settle it; samples or imaging could."),
    "needs-cohort": ("Needs a long-term cohort", "Session outcomes cannot settle it; years of follow-up could."),
    "not-testable": ("Not testable as worded", (
        "No data could settle the sentence as it stands; the page says what would.")),
}
GLYPHS = {  # shape says the same as the colour
    "supported": "M2 7l3.5 3.5L12 3.5",
    "supported-smaller": "M4 8l2 2 4-4.5",
    "refuted": "M3 3l8 8M11 3l-8 8",
    "inconclusive": "M2 8.5c2-4 3.5-4 5-1.5s3 2.5 5-1.5",
    "not-assessable": "M3 7h8",
    "needs-laboratory": "M5 2h4M6 2v4L3 12h8L8 6V2",
    "needs-cohort": "M7 2.5v5l3 2M7 1a6 6 0 1 0 .01 0",
    "not-testable": "M2.8 11.2L11.2 2.8M7 1a6 6 0 1 0 .01 0",
}
MEASURES = {
    "mean-difference": "Difference between means", "risk-difference": "Difference between shares",
    "rate-ratio": "Ratio of rates", "hazard-ratio": "Ratio of hazards", "odds-ratio": "Ratio of odds",
    "mean-ratio": "Ratio of means", "rmst-difference": "Difference in mean time free of the event",
    "proportion": "Share", "rate": "Rate", "kappa": "Agreement (kappa)", "icc": "Intraclass correlation",
    "variance": "Variance", "indirect-effect": "Indirect effect", "slope": "Slope",
}
HYPOTHESES = {
    "superiority": "Superiority: is there a difference?",
    "non-inferiority": "Non-inferiority: not worse by the margin or more?",
    "equivalence": "Equivalence: no difference as large as the margin, either way?",
    "above": "Above a registered value", "below": "Below a registered value", "exists": "Does it exist at all?",
}
MAGNITUDES = {
    "any": "any effect in the claimed direction", "important": "an effect of at least the margin",
    "large": "an effect of at least {times} the margin (a convention of ours)",
}
ALIKE = {  # what is promised where no effect is
    "non-inferiority": "an outcome that is not worse by the margin or more",
    "equivalence": "no difference as large as the margin, either way",
}
MISSING = {
    "mar": "Missing values are taken as missing at random given what was observed.",
    "non-responder": "Patients without a value count as not having responded.",
    "complete-case": "Only patients with a value are analysed.",
}
INTERCURRENT = {
    "treatment-policy": "Patients count in the arm of allocation, whatever happened afterwards.",
    "hypothetical": "As if intercurrent events had not happened.",
    "composite": "An intercurrent event counts as a bad outcome.",
    "while-on-treatment": "Values count until treatment stopped.",
}
MARGIN_SOURCES = {"published": "published", "convention": "a convention of ours", "study": "set by this study"}
COLUMNS = {"duration_months": "duration of complaint in months", "age": "age in years"}
DESIGNS = {
    "randomised": "Randomised trial", "crossover": "Crossover trial", "cohort": "Cohort",
    "single-arm": "Single-arm study",
}


def badge(verdict, small=False, exploratory=False):
    """Return the verdict as shape, colour and word. exploratory: as `is_exploratory` says of a Verdict."""
    return tag("span", glyph(verdict), verdict_text(verdict, exploratory),
               class_=f"badge {verdict}{' small' if small else ''}")


def verdict_text(verdict, exploratory=False):
    """Return a verdict's word as a reader meets it: `Supported (exploratory)`."""
    return f"{VERDICTS[verdict][0]}{' (exploratory)' if exploratory else ''}"


def is_fragile(verdict):
    """True where another assumption leads to another verdict, or might and nothing shows that it does not."""
    return any(limit.startswith("Fragile") for limit in verdict.limits)


def is_exploratory(verdict):
    """True of a Verdict that supports a claim whose analysis was not shown to be registered before the data."""
    return verdict.verdict.startswith("supported") and verdict.confirmatory is False


def glyph(verdict, title=None):
    """Return the verdict's shape; with a title it is read out, without one the words beside it are."""
    said = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return tag("svg", tag("title", title) if title else None, tag("path", d=GLYPHS[verdict]), class_=f"glyph {verdict}",
               viewBox="0 0 14 14", width="14", height="14", focusable="false", **said)


def magnitude_text(analysis):
    """Return how large an effect a claim's words promise, by the codebook's reading of large."""
    times = codebook().conventions["large-multiple"].value
    words = ALIKE.get(analysis.hypothesis) or MAGNITUDES[analysis.magnitude]
    return words.format(times="twice" if times == 2 else f"{times:g} times")


def label_of(kind, word):
    """Return the codebook's label of a condition, technique or comparator; the word itself where it has none."""
    known = getattr(codebook(), kind).get(word)
    return known.label if known else word.replace("-", " ")


def visit_text(visit):
    """Return a visit's name as prose: `week_12` -> `week 12`."""
    return visit.replace("_", " ").replace("-", " ") if visit else ""


def column_text(column):
    """Return a patients' column as prose: `duration_months` -> `duration of complaint in months`."""
    return COLUMNS.get(column, column.replace("_", " ")) if column else column


def listed(words, last="or"):
    """Return `a, b or c`."""
    words = list(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def article_text(name, whole=True):
    """Return how a page names an article: `000_028d.txt` is article 000 of the five; a printed paper keeps its name."""
    numbered = re.fullmatch(r"(\d{3})_[0-9a-f]+\.txt", name)
    if not numbered:
        return name
    return f"Article {numbered[1]} ({name})" if whole else f"Article {numbered[1]}"


def page_of(claim):
    """Return where a claim's page stands, from the folder of a report; the default of every `href`."""
    return f"claims/{claim}.html"
