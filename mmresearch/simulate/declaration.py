"""study.toml of a simulated study, written from its settings so that no column is named twice in two places."""

import json

from mmresearch.simulate.parts import RATERS

FILES = {"patients": "patients.csv", "scores": "scores.csv", "visits": "visits.csv",
         "questionnaires": "questionnaires.csv", "sessions": "sessions.csv", "medications": "medications.csv"}


def declare(settings):
    """Return the text of study.toml."""
    parts = ["\n".join(_head(settings)), *_arms(settings), *_orders(settings), *_visits(settings), _patients(settings)]
    held = {measure.file for measure in settings.measures}
    parts += [part(settings) for name, part in MEASURED.items() if name in held]
    if any(settings.planned(name) for name in settings.arms):
        parts.append(_sessions(settings))
    return "\n\n".join([*parts, *([_medications()] if settings.medicines else [])]) + "\n"


def _head(settings):
    treated = {arm.code: arm.technique for arm in settings.arms.values() if arm.comes}
    return ["# A simulated study: no patient in it exists. Written by `mmresearch simulate`; see truth.json.",
            *(f"{key} = {_value(value)}" for key, value in {
                "title": settings.title, "design": settings.design, "simulated": True}.items()),
            f"data_locked = {settings.data_locked}",
            *(f"{key} = {_value(value)}" for key, value in {
                "blinded": ["assessors"], "alpha": 0.05, "primary_visit": settings.primary_visit,
                "covariates": list(settings.covariates), "strata": list(settings.strata),
                **({"medications_complete": True} if settings.medicines else {}),
                **({"technique_words": treated} if treated else {})}.items())]


def _arms(settings):
    for name, arm in settings.arms.items():
        keys = {"label": arm.label, "technique": arm.technique, "comparator_class": arm.comparator_class,
                "sessions": arm.sessions, "reference": arm.reference or None}
        yield _table(f"arms.{name}", keys)


def _orders(settings):
    if settings.design == "crossover":
        yield _table("sequences", {_order(settings, order): list(order) for order in settings.orders})


def _order(settings, order):
    return "".join(settings.arms[name].code for name in order)


def _visits(settings):
    for visit in settings.visits:
        keys = {"name": visit.name, "day": visit.day, "window": list(visit.window), "period": visit.period}
        yield _table("[visits]", keys)


def _patients(settings):
    crossover = settings.design == "crossover"
    group = {"means": "sequence"} if crossover else {
        "means": "arm", "values": {arm.code: name for name, arm in settings.arms.items()}}
    employed = {"employed": {"means": "covariate", "name": "employed", "kind": "category",
                             "values": {"1": "yes", "0": "no"}}} if settings.employed is not None else {}
    traits = {each.name: {"means": "covariate", "name": each.name, "kind": "category"} for each in settings.traits}
    return _file("patients", {}, {
        "id": {"means": "patient"}, "grp": group,
        "centre": {"means": "site"}, "therapist": {"means": "therapist"}, "age": {"means": "age"},
        "sex": {"means": "sex", "values": {"f": "female", "m": "male"}},
        "diagnosis": {"means": "condition", "values": {each.code: each.condition for each in settings.diagnoses}},
        "pain_months": {"means": "duration_months"}, **employed, **traits, **_waits(settings)})


def _waits(settings):
    columns = {}
    for each in settings.waits:
        word = each.instrument.lower()
        columns[f"{word}_days"] = {"means": "outcome", "instrument": each.instrument}
        columns[f"{word}_how"] = {"means": "ending", "instrument": each.instrument}
    return columns


def _scores(settings):
    columns = {f"{each.header}_{visit.code}": {"means": "outcome", "instrument": each.instrument, "visit": visit.name}
               for each in settings.measures if each.file == "scores" for visit in settings.visits
               if visit.day or each.at_baseline}
    keys = {"separator": ";", "decimal": ",", "missing": ["-9"]}
    return _file("scores", keys, {"id": {"means": "patient"}, **columns})


def _visit_file(settings):
    columns = {}
    for measure in (each for each in settings.measures if each.file == "visits"):
        outcome = {"means": "outcome", "instrument": measure.instrument}
        columns |= {measure.header: outcome} if measure.rater_sd is None else {
            f"{measure.header}_{rater.lower()}": {**outcome, "rater": rater} for rater in RATERS}
    return _file("visits", {"missing": ["NA"]}, {
        "id": {"means": "patient"}, "visit": _coded_visits(settings), "day": {"means": "day"}, **columns})


def _questionnaires(settings):
    scales = {measure.header: measure.instrument for measure in settings.measures if measure.file == "questionnaires"}
    return _file("questionnaires", {}, {
        "id": {"means": "patient"}, "visit": _coded_visits(settings),
        "scale": {"means": "instrument", "values": scales}, "score": {"means": "outcome"}})


MEASURED = {"scores": _scores, "visits": _visit_file, "questionnaires": _questionnaires}


def _sessions(settings):
    taken = (("pain", "NRS"), ("relaxed", "RELAX")) if settings.rated else ()
    taken += tuple((each.header, each.instrument) for each in settings.within)
    rated = {f"{word}_{moment}": {"means": "outcome", "instrument": instrument, "moment": moment}
             for word, instrument in taken for moment in ("before", "after")}
    period = {"period": {"means": "period"}} if settings.design == "crossover" else {}
    event = {"event": {"means": "adverse_event"}} if settings.events else {}
    return _file("sessions", {}, {
        "id": {"means": "patient"}, "session": {"means": "session"}, "day": {"means": "session_day"}, **period,
        "technique": {"means": "technique"}, "minutes": {"means": "minutes"}, "therapist": {"means": "therapist"},
        **rated, **event})


def _medications():
    meanings = {"id": "patient", "day": "drug_day", "drug": "drug", "dose": "dose", "unit": "dose_unit",
                "per_day": "times_a_day", "route": "route"}
    return _file("medications", {}, {header: {"means": word} for header, word in meanings.items()})


def _coded_visits(settings):
    return {"means": "visit", "values": {visit.code: visit.name for visit in settings.visits}}


def _file(name, keys, columns):
    lines = (f"{_key(header)} = {_value(column)}" for header, column in columns.items())
    return "\n".join([_table(f"files.{name}", {"path": FILES[name], **keys}), "", f"[files.{name}.columns]", *lines])


def _table(name, keys):
    return "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in keys.items() if value is not None)])


def _key(text):
    return text if text.replace("_", "").replace("-", "").isalnum() else json.dumps(text)


def _value(value):
    """Return a TOML value; JSON's spelling of text, numbers and lists is TOML's."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
