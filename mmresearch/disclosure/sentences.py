"""Sentences as they may leave. Words of ours that hold a count of patients say it to everybody, so they stay inside."""

import re

NUMBER = re.compile(r"(?<![\w.,])[-+\u2212]?\d[\d,]*(?:\.\d+)?(?![\w])")
PLANNING = re.compile(r"; about [\d,]+ patients(?: per arm)? would [^;]*?(?=;|\.$|\. [A-Z]|$)")
TINY = re.compile(r"p (?:<|=) 0\.000\d*")
LACKS = {  # code of a Lack: what is said of it where its own words hold a count
    "no-population": "The study has no patients the claim is about.",
    "no-instrument": "The study did not measure what the claim is about.",
    "no-time": "The study did not measure it at the time the claim is about.",
    "no-comparator": "The study has no arm to compare with.",
    "no-modifier": "The study did not record the trait the claim is about.",
}


def tell_p(text):
    """Return a sentence in which no p is smaller than 0.001."""
    return TINY.sub("p < 0.001", text)


def leave_out_planning(text):
    """Return a verdict's sentence without how many patients would settle it: that follows from how many there were."""
    return PLANNING.sub("", text)


def holds_number(text, allowed=()):
    """True where a sentence holds a number, other than within the words allowed (a visit's name, the population)."""
    for words in sorted((each for each in allowed if each), key=len, reverse=True):
        text = text.replace(words, " ")
    return bool(NUMBER.search(text))


def plain_model(model, allowed=()):
    """Return what was fitted without the parts that hold a number: degrees of freedom, numbers of groups."""
    parts = re.split(r"(?<=[;,]) ", model)
    kept = " ".join(part for part in parts if not holds_number(part, allowed))
    return kept.rstrip(";, ") or "as registered"


def plain_lack(code, sentence, allowed=()):
    """Return why a claim has no estimate, without counts of patients."""
    within = re.sub(r"days? -?\d+ to -?\d+|\(day -?\d+\)|at least \d+(?:\.\d+)?", " ", sentence)
    if not holds_number(within, allowed):
        return sentence
    return LACKS.get(code, "The study cannot answer this claim.")
