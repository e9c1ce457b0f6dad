"""Texts that browsers, templates, spreadsheets and formulas would run: H rows of the catalogue. They stay texts.

Each stands as an arm's label, a site, a category, a column's name and the study's title; pages are looked through.
"""

from dataclasses import replace

from corpus.kinds import kind

TEXTS = {
    "H01": "<script>alert(1)</script>",
    "H02": "<img src=x onerror=alert(1)>",
    "H03": "<svg onload=alert(1)>",
    "H04": "<a href='javascript:alert(1)'>x</a>",
    "H05": "<img src=//beacon.example/x.gif>",
    "H06": '"><b onmouseover=alert(1)>',
    "H07": "<iframe src=//x.example></iframe>",
    "H08": "{{7*7}}",
    "H09": "{0.__class__}",
    "H10": "\\input{/etc/passwd}",
    "H11": "$\\frac{1}{$",
    "H12": "%(title)s %s",
    "H13": "=cmd|' /C calc'!A0",
    "H14": "+1+1",
    "H15": "-1-1",
    "H16": "@SUM(1)",
    "H17": "\t=1+1",
    "H18": '=HYPERLINK("x")',
    "H19": "</table></html>",
    "H20": "<!--",
    "H21": "&lt;b&gt;",
    "H22": "<style>*{display:none}</style>",
    "H25": "<meta http-equiv=refresh content=0>",
    "H28": "';--",
    "H29": "${jndi:ldap://x}",
    "H30": "`touch canary`",
}
HEADERS = {
    "H23": "__import__('os').system('touch {canary}')",
    "H24": "C(x) + np.log(1)",
    "H26": "Q('a') ~ b",
    "H27": "../../etc/passwd",
    "H31": "a:b*c",
    "H32": "class",
    "H33": "1",
    "H34": "x; import os",
    "H35": "{x!r}",
    "H36": "I(__import__('os'))",
}


def _labelled(text):
    def make(clinic, folder):
        clinic.declared["title"] = f"Study {text}"
        clinic.declared["arms"]["massage"]["label"] = f"Massage {text}"
        clinic.write(folder)
        return replace(clinic.either(codes=(1, 2, 3)), inert=(text,) if "<" in text else ())

    return make


def _category(text):
    def make(clinic, folder):
        cells = [clinic.dice.choice((text, "plain")) for _ in clinic.ids]
        clinic.add_column("patients", "sport", cells, {"means": "covariate", "name": "sport", "kind": "category"})
        for cell, facts in zip(cells, clinic.truth["patients"].values(), strict=True):
            facts["sport"] = cell.strip()
        clinic.write(folder)
        return replace(clinic.either("patients", codes=(1, 2, 3)), inert=(text,) if "<" in text else ())

    return make


def _header(text):
    def make(clinic, folder):
        name, header = clinic.header(clinic.dice.choice(("NRS", "age")))
        clinic.rename(name, header, text.format(canary=clinic.canary) if "canary" in text else text)
        clinic.declared["covariates"] = ["age"]
        clinic.write(folder)
        return clinic.either(codes=(1, 2, 3))

    return make


for _id, _text in TEXTS.items():
    kind(_id, f"a label {_text[:20]!r}")(_labelled(_text))
    kind(f"{_id}b", f"a category {_text[:20]!r}")(_category(_text))
for _id, _text in HEADERS.items():
    kind(_id, f"a column called {_text[:20]!r}")(_header(_text))
