"""What a column's name announces: in five languages, however it is written, and never more than it says."""

import pytest

from mmresearch.anonymity import Column, judge_columns, judge_headers

ANNOUNCING = {
    "names": "patient_name PatientName first_name LastName surname Vorname Nachname nombre_paciente apellidos prénom "
    "Nom_de_famille 성명 환자이름 name name1 initials patientFirstName",
    "places": "address HomeAddress street zip ZipCode postal_code PLZ Wohnort city ciudad ville latitude "
    "주소 우편번호",
    "dates": "dob date_of_birth BirthDate Geburtsdatum fechaNacimiento date_naissance 생년월일 "
    "visit_date Aufnahmedatum 입원일",
    "telephones": "phone Phone_Number cell_phone mobile teléfono Telefonnummer téléphone 휴대폰 fax fax_no",
    "mail": "email E-Mail eMail correo_electronico courriel 이메일",
    "numbers": "ssn SocialSecurityNumber mrn medical_record_no chart_no Patientennummer 환자번호 insurance_id "
    "policy_no member_id 보험번호 account_number IBAN Kontonummer license_no Führerschein "
    "passport_no DNI certificate_no",
    "vehicles": "license_plate Kennzeichen VIN 차량번호",
    "devices": "device_serial Seriennummer 일련번호 ip_address",
    "web": "url website 홈페이지",
    "body": "fingerprint huella 지문 face_photo Lichtbild",
}
HARMLESS = (
    "technique_name cell_count provider_type drug_name visit session_no arm group site therapist record_id pain age "
    "sex email_consent phone_reminders date_format instrument subscale scale_name "
    "insurance_type plan country state race "
    "setting pressure blood_pressure rom_flexion white_cell_count t_cell_count fat_mass "
    "lateral_flexion loneliness "
    "capacity facial_pain contact_pain practice_id completer chronicity hist_pain "
    "device_type years_licensed lat_flexion "
    "faces_pain_scale"
).split()


@pytest.mark.parametrize("header", [header for headers in ANNOUNCING.values() for header in headers.split()])
def test_a_name_that_announces_an_identifier_is_asked_about_though_its_column_is_not_read(header):
    (found,) = judge_headers([header])
    assert (found.outcome, found.lifts) == ("ask", "header")


@pytest.mark.parametrize("header", HARMLESS)
def test_other_names_pass_mapped_or_not(header):
    assert judge_headers([header]) == () and judge_columns([Column(header, ("1", "2", "3"))]) == ()


def test_a_mapped_column_under_such_a_name_is_blocked_but_for_days_and_places():
    assert [found.outcome for found in judge_columns([Column("SurName", ("a", "b"))])] == ["block"]
    assert judge_columns([Column("visit_date", ("0", "14", "28"), "number")]) == ()


@pytest.mark.parametrize("header", ["раin", "sсore", "аge"])  # each with one Cyrillic letter
def test_a_name_of_two_alphabets_is_blocked_and_no_decision_lifts_it(header):
    (found,) = judge_headers([header])
    assert (found.outcome, found.lifts) == ("block", "")
    assert judge_headers(["возраст", "Größe", "µg", "나이"]) == ()


def test_excel_days_are_asked_about_where_the_name_says_date():
    days = tuple(str(45000 + 3 * n) for n in range(30))
    assert [found.outcome for found in judge_columns([Column("visit_date", days, "number")])] == ["ask"]
    assert judge_columns([Column("steps", days, "number")]) == ()


def test_small_postal_areas_are_blocked_and_000_passes():
    assert [found.lifts for found in judge_columns([Column("zip3", ("036", "112", "945"))])] == ["place"]
    assert "place" not in {found.lifts for found in judge_columns([Column("zip3", ("000", "112", "945"))])}
