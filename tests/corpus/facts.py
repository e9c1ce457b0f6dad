"""What a Dataset says, in the shape of a Clinic's truth, so that what was read is compared with what was meant."""


def facts_of(dataset):
    """Return {"patients": ..., "outcomes": ..., "sessions": ..., "medicines": ...} as `Clinic.truth` has them."""
    patients = {row["patient"]: row for row in dataset.patients.to_dict("records")}
    outcomes = {
        (row["patient"], row["visit"], row["instrument"]): row["value"] for row in dataset.outcomes.to_dict("records")
    }
    sessions = {(row["patient"], row["session"]): row for row in dataset.sessions.to_dict("records")}
    medicines = {(row["patient"], row["day"]): row for row in dataset.medications.to_dict("records")}
    return {"patients": patients, "outcomes": outcomes, "sessions": sessions, "medicines": medicines}


def differences(truth, found):
    """Return what differs, by table: how many keys, and how many facts under keys that both have."""
    told = []
    derived = {"MME", "DDD", "MEDDAYS"}
    for name, meant in truth.items():
        read = {key: value for key, value in found[name].items() if name != "outcomes" or key[2] not in derived}
        if meant.keys() != read.keys():
            told.append(f"{name}: {len(meant.keys() - read.keys())} lost, {len(read.keys() - meant.keys())} made up")
        wrong = sum(not _same(meant[key], read[key]) for key in meant.keys() & read.keys())
        told += [f"{name}: {wrong} with other values"] if wrong else []
    return told


def _same(meant, read):
    if isinstance(meant, dict):
        return all(_same(value, read[key]) for key, value in meant.items())
    if meant is None:
        return read != read or read is None
    return abs(meant - read) < 1e-9 if isinstance(meant, float) else meant == read
