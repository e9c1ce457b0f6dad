"""study.toml of a simulated study, written from its settings so that no column is named twice in two places."""

import json

FILES = {"patients": "patients.csv", "scores": "scores.csv", "visits": "visits.csv",
         "questionnaires": "questionnaires.csv", "sessions": "sessions.csv", "medications": "medications.csv"}


def declare(settings):
    """Return the text of study.toml."""
    return "\n\n".join(["\n".join(_head(settings)), *_arms(settings), *_visits(settings), _patients(settings),
                        _scores(settings), _visit_file(settings), _questionnaires(settings), _sessions(settings),
                        _medications()]) + "\n"


def _head(settings):
    return ["# A simulated study: no patient in it exists. Written by `mmresearch simulate`; see truth.json.",
            *(f"{key} = {_value(value)}" for key, value in {
                "title": settings.title, "design": "randomised", "simulated": True}.items()),
            f"data_locked = {settings.data_locked}",
            *(f"{key} = {_value(value)}" for key, value in {
                "blinded": ["assessors"], "alpha": 0.05, "primary_visit": settings.primary_visit,
                "covariates": ["age", "sex", "condition", "duration_months"], "strata": ["site"],
                "medications_complete": True,
                "technique_words": {arm.code: arm.technique for arm in settings.arms.values() if arm.treated}}.items())]


def _arms(settings):
    for name, arm in settings.arms.items():
        keys = {"label": arm.label, "technique": arm.technique, "comparator_class": arm.comparator_class,
                "reference": arm.reference or None}
        yield _table(f"arms.{name}", keys)


def _visits(settings):
    for visit in settings.visits:
        yield _table("[visits]", {"name": visit.name, "day": visit.day, "window": list(visit.window)})


def _patients(settings):
    return _file("patients", {}, {
        "id": {"means": "patient"},
        "grp": {"means": "arm", "values": {arm.code: name for name, arm in settings.arms.items()}},
        "centre": {"means": "site"}, "therapist": {"means": "therapist"}, "age": {"means": "age"},
        "sex": {"means": "sex", "values": {"f": "female", "m": "male"}},
        "diagnosis": {"means": "condition", "values": {each.code: each.condition for each in settings.diagnoses}},
        "pain_months": {"means": "duration_months"},
        "employed": {"means": "covariate", "name": "employed", "kind": "category", "values": {"1": "yes", "0": "no"}}})


def _scores(settings):
    columns = {f"{each.column}_{visit.code}": {"means": "outcome", "instrument": each.instrument, "visit": visit.name}
               for each in settings.measures if each.file == "scores" for visit in settings.visits
               if visit.day or each.at_baseline}
    keys = {"separator": ";", "decimal": ",", "missing": ["-9"]}
    return _file("scores", keys, {"id": {"means": "patient"}, **columns})


def _visit_file(settings):
    columns = {measure.column: {"means": "outcome", "instrument": measure.instrument}
               for measure in settings.measures if measure.file == "visits"}
    return _file("visits", {"missing": ["NA"]}, {
        "id": {"means": "patient"}, "visit": _coded_visits(settings), "day": {"means": "day"}, **columns})


def _questionnaires(settings):
    scales = {measure.column: measure.instrument for measure in settings.measures if measure.file == "questionnaires"}
    return _file("questionnaires", {}, {
        "id": {"means": "patient"}, "visit": _coded_visits(settings),
        "scale": {"means": "instrument", "values": scales}, "score": {"means": "outcome"}})


def _sessions(settings):
    rated = {f"{word}_{moment}": {"means": "outcome", "instrument": instrument, "moment": moment}
             for word, instrument in (("pain", "NRS"), ("relaxed", "RELAX")) for moment in ("before", "after")}
    return _file("sessions", {}, {
        "id": {"means": "patient"}, "session": {"means": "session"}, "day": {"means": "session_day"},
        "technique": {"means": "technique"}, "minutes": {"means": "minutes"}, "therapist": {"means": "therapist"},
        **rated, "event": {"means": "adverse_event"}})


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
