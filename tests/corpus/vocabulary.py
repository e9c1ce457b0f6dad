"""Words that clinics use: names of columns, codes, sites; another choice for each seed, which no rule can know."""

HEADERS = {
    "patient": "id pid subj_id study_code participant proband sujet participante record_id casenr kennung ID".split(),
    "arm": "group arm alloc treatment_group gruppe bras brazo randarm allocation grp".split(),
    "age": "age age_years alter edad age_at_entry alter_jahre age_y".split(),
    "sex": "sex gender geschlecht sexe sexo sex_code".split(),
    "site": "site centre center klinik_code standort site_code zentrum".split(),
    "visit": "visit timepoint wave zeitpunkt visite visita occasion".split(),
    "NRS": "nrs pain pain_nrs schmerz nrs_pain douleur dolor pain_now".split(),
    "ODI": "odi odi_total oswestry disability odi_score".split(),
    "session": "session session_no sitzung treatment_no seance visit_no_tx".split(),
    "technique": "technique technik method_used tx_kind technik_wort".split(),
    "minutes": "minutes dauer_min duration_min minuten tx_min".split(),
    "therapist": "therapist therapist_code tx_by therapeut_code prov_code".split(),
    "adverse_event": "adverse ae harm nebenwirkung adverse_grade".split(),
    "drug": "drug medicine wirkstoff substance med".split(),
    "dose": "dose dose_mg dosis amount dose_taken".split(),
    "times_a_day": "times_day per_day freq_day doses_per_day".split(),
}
VISITS = (("baseline", "week 6", "week 12"), ("pre", "post", "follow-up"), ("T0", "T1", "T2"), ("start", "6w", "12w"))
DAYS = (0, 42, 84)
ARMS = (("1", "0"), ("M", "U"), ("massage", "usual"), ("A", "B"), ("tx", "ctl"))
SEXES = (("f", "m"), ("1", "2"), ("female", "male"), ("w", "m"), ("F", "M"))
SITES = (("north", "south"), ("S1", "S2"), ("ost", "west"), ("A", "B"), ("10", "20"))
TECHNIQUES = {  # the clinic's word -> the codebook's
    "deep": "deep-tissue-massage",
    "swedish": "swedish-massage",
    "MFR": "myofascial-release",
    "tp": "trigger-point-therapy",
}
CODE_LETTERS = "BCDFGHJKLMNPQSTVWXZ"  # without R: three letters must not happen to be MRN


def choose_headers(dice):
    """Return {meaning: name of its column}, all different also but for case."""
    chosen = {}
    for meaning, words in HEADERS.items():
        free = [word for word in words if word.casefold() not in {each.casefold() for each in chosen.values()}]
        chosen[meaning] = dice.choice(free)
    return chosen


def make_pseudonyms(dice, number):
    """Return as many different pseudonyms, in one of the styles that studies use; none of them can be computed back."""
    style = dice.choice(("letters", "numbered", "zeros", "prefixed", "digits"))
    made = set()
    while len(made) < number:
        part = dice.randrange(1, 900)
        letters = "".join(dice.choice(CODE_LETTERS) for _ in range(3))
        made.add(
            {
                "letters": f"{letters}{part:03d}",
                "numbered": f"P{part:03d}",
                "zeros": f"{part:04d}",
                "prefixed": f"S-{part:03d}",
                "digits": str(part + 1000),
            }[style]
        )
    return sorted(made)
