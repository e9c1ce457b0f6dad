"""Small helpers that turn words and counts into sentences."""


def join(words, last="and"):
    """Return `a, b and c` for any sequence of words, without repeats."""
    words = list(dict.fromkeys(str(word) for word in words))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else "nothing"


def plain(*parts):
    """Return the parts that are there, as one phrase."""
    return " ".join(str(part) for part in parts if part is not None)


def inside(label):
    """Return a label as it stands inside a sentence: `Low back pain` -> `low back pain`, `TMJ pain` unchanged."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def counted(count, noun):
    """Return `1 patient`, `2 patients`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def sized(value, unit):
    """Return `1 point`, `1.5 points`."""
    return f"{value:g} {unit.removesuffix('s') if value == 1 else unit}"
