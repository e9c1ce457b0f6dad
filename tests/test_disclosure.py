"""What may leave: each rule with something planted for it, and with what must not be mistaken for it."""

import base64
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmresearch.disclosure import PSEUDONYM, RULES, Finding, scan
from mmresearch.errors import DataError

MAIL, PATH, FETCHED = RULES
SCHEMELESS = "//" + "elsewhere.example"
ELSEWHERE = "https:" + SCHEMELESS


def rules_in(text, tokens=()):
    return [finding.rule for finding in scan({"page.html": text.encode()}, tokens)]


@pytest.mark.parametrize("text, token", [
    ("<p>Patient P0001 stopped.</p>", "P0001"),
    ("<td>north-17</td>", "north-17"),
    ("left at 100234, day 3", "100234"),
    ("<td> A7x </td>", "A7x"),
    ("<td title='A7x'>1</td>", "A7x"),
    ('<tr data-row="0104">', "0104"),
    ("<td>violet</td>", "violet"),
    ("<td>O&#39;P0001</td>", "O'P0001"),
    (json.dumps({"rows": ["ends\nP0001\n"]}), "P0001"),
    (json.dumps({"cell": "A7x"}), "A7x"),
    (json.dumps({"A7x": 1}), "A7x"),
    (json.dumps([{"patient": 100234}]), "100234"),
    ("plot_P0001.png", "P0001"), ("x_P0001_y", "P0001"), ("x_100234", "100234"),
    ("<p>p0001</p>", "P0001"), ("NORTH-17", "north-17"), ("<td>a7X</td>", "A7x"), ("<td>Violet</td>", "violet"),
    ("P0001\u0345", "P0001"), ("<td>P0001&#837;</td>", "P0001"), ("STRASSE-17b", "strasse-17B"),
    ("\u0130-1234x", "\u0130-1234X"),
    ("P0001.5", "P0001"), ("figures.P0001", "P0001"), ("#P0001", "P0001"),
])
def test_a_pseudonym_is_found(text, token):
    assert rules_in(text, [token]) == [PSEUDONYM]


@pytest.mark.parametrize("text, token", [
    ("<td>104</td>", "104"),  # looks like a count
    ("<p>violet is a colour</p>", "violet"),  # an ordinary word, not a cell
    ("<p>XP0001Y P00012</p>", "P0001"),  # part of a longer word
    ("<td>0.100234</td><td>100234.5</td>", "100234"),  # part of a number
    ("<td>A7xx</td>", "A7x"),
    ("fill: #a00010", "A00010"),  # a colour
    ("<td>A7</td>", "A7"),  # too short to be told from a label
])
def test_what_is_not_a_pseudonym(text, token):
    assert rules_in(text, [token]) == []


def test_pseudonyms_inside_embedded_figures_are_found():
    svg = base64.b64encode(b"<svg><text>P0001</text>" + b" " * 200 + b"</svg>").decode()
    assert rules_in(f'<img src="data:image/svg+xml;base64,{svg}">', ["P0001"]) == [PSEUDONYM]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_pseudonyms_in_utf_16_are_found(encoding):
    body = "<p>Müller and P0001</p>".encode(encoding)
    assert [each.rule for each in scan({"page.html": body}, ["P0001"])] == [PSEUDONYM]
    embedded = f"<img src='data:text/plain;base64,{base64.b64encode(body * 5).decode()}'>"
    assert rules_in(embedded, ["P0001"]) == [PSEUDONYM]
    assert scan({"page.html": body}, ["P0002"]) == ()
    assert rules_in("\0" * 40 + " P0001", ["P0001"]) == [PSEUDONYM], "zeros alone hide nothing"


def test_pseudonyms_in_the_text_of_a_png_are_found():
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(1, 1))
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Title": "course of P0001"})
    assert [each.rule for each in scan({"figure.png": file.getvalue()}, ["P0001"])] == [PSEUDONYM]
    embedded = f"<img src='data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}'>"
    assert rules_in(embedded, ["P0001"]) == [PSEUDONYM]
    assert rules_in(embedded, ["P0002"]) == []


def test_a_finding_counts_patients_and_never_names_them():
    findings = scan({"page.html": b"<td>P0001</td><td>P0002</td><td>P0001</td>"}, ["P0001", "P0002", "P0003"])
    assert findings == (Finding("page.html", PSEUDONYM, 2),)
    assert "P000" not in str(findings) and str(findings[0]) == "page.html: pseudonym of a patient, 2 found"


@pytest.mark.parametrize("text", ["write to jane.doe@clinic.example.org", '<a href="mailto:jane@clinic.org">'])
def test_an_e_mail_address_is_found(text):
    assert rules_in(text) == [MAIL]


@pytest.mark.parametrize("text", [
    'File "/home/jane/study/run.py", line 3', "'/Users/jane/report'", r"C:\Users\jane\study", "read file:///srv/x",
    json.dumps({"path": "/home/jane/x"}), json.dumps({"path": "C:\\Users\\jane\\x"}), "(/mnt/clinic/x.csv)",
    "/tmp/anna/study.csv", "/var/lib/clinic/x", "'/opt/clinic/x'", "../../../home/anna/study", "../Users/anna",
    "/tmp/ipykernel_7/anna.csv", "/tmp/anna/ipykernel_7/8.py",
])
def test_a_path_of_a_machine_is_found(text):
    assert set(rules_in(text)) == {PATH}


@pytest.mark.parametrize("text", [
    f'<script src="{ELSEWHERE}/x.js"></script>', f"<script type=module src={SCHEMELESS}/x.js></script>",
    f'<link rel="stylesheet" href="{ELSEWHERE}/x.css">', f"<img alt='a' src='{ELSEWHERE}/x.png'>",
    f"<style>b {{ background: url({ELSEWHERE}/x.png) }}</style>", f"<style>@import '{ELSEWHERE}/x.css';</style>",
    f"<script>fetch('{ELSEWHERE}')</script>", f'<iframe src="{ELSEWHERE}">', f'<form action="{ELSEWHERE}">',
    f'<svg><use xlink:href="{ELSEWHERE}#a"/></svg>', f'<meta http-equiv="refresh" content="0; url={ELSEWHERE}">',
    json.dumps({"text/html": f'<script\n src="{ELSEWHERE}/x.js"></script>'}),
])
def test_a_reference_fetched_from_elsewhere_is_found(text):
    assert rules_in(text) == [FETCHED]


@pytest.mark.parametrize("text", [
    '<a href="https://doi.org/10.1136/bmj.38029.421863.EB">BMJ 2004</a>',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<svg xmlns="http://www.w3.org/2000/svg"></svg>', "<style>@media print { a { color: black } }</style>",
    '<link rel="stylesheet" href="style.css">', '<a href="claims/pain-general.html">', "data/vickers2004/study.toml",
    "improve home/work life", "/tmp/ipykernel_71/3016.py:4: UserWarning: few", "../../../../data/demo/three-arm",
    "/var/folders/xy/a1b2/T/ipykernel_71/3016.py:4: UserWarning: few", "../../tmpl/x", "<var>n</var>/<var>m</var>",
    "<p>12/home/5</p>", "see https://site.example/home/page", "95% CI 0.8 to 1.8 @ week 12",
    '<script>const half = a / 2 // half of it\n</script>', "",
])
def test_an_ordinary_page_may_leave(text):
    assert rules_in(text, ["P0001", "104", "7"]) == []


def test_every_page_is_looked_at():
    pages = {"a.html": b"P0001", "b.json": b'{"x": 1}', "c.html": b"P0001 jane@clinic.org", "d.bin": b"\xff\xfe\x00"}
    assert [(each.page, each.rule) for each in scan(pages, ["P0001"])] == [
        ("a.html", PSEUDONYM), ("c.html", PSEUDONYM), ("c.html", MAIL)]


def test_text_instead_of_bytes_is_refused():
    with pytest.raises(DataError, match="a.html: not bytes"):
        scan({"a.html": "text"})


tokens = st.from_regex(r"[A-Z]{1,3}-?[0-9]{4,6}", fullmatch=True)


@given(tokens, st.text(max_size=40), st.text(max_size=40), st.booleans())
def test_a_planted_pseudonym_never_leaves(token, before, after, as_json):
    text = f"{before} {token} {after}"
    page = json.dumps({"a": [text]}) if as_json else f"<p>{text}</p>"
    assert PSEUDONYM in [each.rule for each in scan({"p": page.encode("utf-8", "surrogatepass")}, [token])]


def test_a_frame_that_many_pages_share_is_looked_at_once_and_what_is_around_it_always():
    frame = b"<style>/* anna@example.org */</style>"
    found = scan({"a.html": frame + b"<p>x</p>", "b.html": frame + b"<p>bob@example.org</p>",
                  "c.html": frame + b"<p>y</p>", "d.html": frame.replace(b"anna", b"eve") + b"<p>z</p>"})
    assert [(each.page, each.count) for each in found] == [("a.html", 1), ("b.html", 1), ("d.html", 1)]
