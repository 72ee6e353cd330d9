"""A hook for mkdocs: every page of a rule is in the navigation and in the index, by itself.

Adding a rule then touches nothing but its own file, test and page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shapecheck.rules import catalogue

_MARK = "<!-- rules -->"


def on_config(config: Any) -> None:
    """Put the pages in the navigation, under the entry that names their index."""
    folder = Path(config["docs_dir"]) / "rules"
    pages = sorted(page.stem for page in folder.glob("*.md") if page.stem != "index")
    for entry in config["nav"]:
        if entry == {"Rules": "rules/index.md"}:
            entry["Rules"] = ["rules/index.md", *(f"rules/{page}.md" for page in pages)]


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the table of rules where the index leaves room for it."""
    if page.file.src_uri != "rules/index.md":
        return markdown
    return markdown.replace(_MARK, table(Path(page.file.abs_src_path).parent))


def table(folder: Path) -> str:
    """Each rule that has a page, with its severity and its own summary."""
    rows = ["| rule | severity | what it finds |", "| --- | --- | --- |"]
    for slug, rule in catalogue().items():
        if (folder / f"{slug}.md").exists():
            rows.append(f"| [{slug}]({slug}.md) | {rule.severity.value} | {rule.summary} |")
    return "\n".join(rows)
