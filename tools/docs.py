"""Writes the generated pages of docs/ again; tests compare them with what is committed."""

from pathlib import Path

from mmresearch.claims import articles
from mmresearch.claims.page import claims_page

DOCS = Path(__file__).parents[1] / "docs"

if __name__ == "__main__":
    (DOCS / "claims.md").write_text(claims_page(articles()), encoding="utf-8")
    print("docs/claims.md")
