"""Who was treated as planned: the patients a per-protocol analysis keeps."""

from mmresearch.codebook import codebook
from mmresearch.models.wording import counted


def kept_to_protocol(question, dataset):
    """Return (mask over the question's patients; words), or None where no session of theirs is recorded.

    In an arm with recorded sessions, those who had at least the codebook's share of the sessions planned for it
    (study.toml, else what most of its patients had); in an arm without, everyone. The rule was registered before data
    were seen: conventions.toml, `per-protocol-share`.
    """
    people = dataset.patients.set_index("patient").loc[list(question.patients), "arm"]
    sessions = dataset.sessions
    had = sessions[sessions["patient"].isin(people.index)].groupby("patient")["session"].nunique()
    had = had.reindex(people.index, fill_value=0)
    treated = [arm for arm in question.arms if had[people == arm].any()]
    if not treated:
        return None
    share, kept, words = codebook().conventions["per-protocol-share"].value, people.notna(), []
    for arm in treated:
        planned = dataset.study.arms[arm].sessions or int(had[(people == arm) & (had > 0)].mode().max())
        kept &= (people != arm) | (had >= share * planned)
        words.append(f"{counted(planned, 'session')} in {dataset.study.arms[arm].label}")
    return kept, f"per protocol: at least {100 * share:g}% of {' and of '.join(words)}"
