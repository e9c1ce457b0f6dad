"""What all pages have in common: style, script, and templates that escape."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from mmresearch.exhibits import exhibit_style
from mmresearch.exhibits.markup import join

HERE = Path(__file__).parent


@cache
def frame():
    """Return what every page carries inside itself. The script runs because its hash is named; no other script can."""
    from markupsafe import Markup

    script = (HERE / "page.js").read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    style = f"{exhibit_style()}\n{(HERE / 'page.css').read_text(encoding='utf-8').strip()}"
    return {"style": Markup(style), "script": Markup(script), "script_hash": Markup(f"'sha256-{digest}'")}


@cache
def template(name):
    """Return the jinja2 template of that name in this room; what it is given is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    room = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True)
    room.filters["words"] = lambda word: word.replace("-", " ").replace("_", " ").capitalize()
    room.filters["bound"] = lambda text: join([text])
    return room.get_template(f"{name}.html.j2")
