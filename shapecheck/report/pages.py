"""The rules and their pages: in a terminal, as JSON, and as Markdown for other tools."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from shapecheck.core.finding import Severity
from shapecheck.core.rule import Rule

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")


def page_text(page: str, *, color: bool = False, width: int = 80) -> str:
    """A page for a terminal; NO_COLOR and `color` decide about colours."""
    text = _printed(Markdown(portable(page), code_theme="ansi_dark"), color, min(width, 100))
    return text if color else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def rules_text(rules: Iterable[Rule], *, color: bool = False, width: int = 0) -> str:
    """Slug, severity and summary of each rule; a summary wraps where `width` is given."""
    rules = list(rules)
    if not width:
        slugs = max(len(rule.slug) for rule in rules)
        return "".join(f"{r.slug:<{slugs}}  {r.severity.value:<7}  {r.summary}\n" for r in rules)
    table = Table.grid(padding=(0, 2))
    for rule in rules:
        severity = Text(rule.severity.value, style=_STYLES[rule.severity])
        table.add_row(Text(rule.slug, style="bold", no_wrap=True), severity, rule.summary)
    return _printed(table, color, width)


def rules_json(rules: Iterable[Rule]) -> str:
    """The rules as a list of objects."""
    listed = [
        {"slug": rule.slug, "severity": rule.severity.value, "summary": rule.summary}
        for rule in rules
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def portable(page: str, site: str = "") -> str:
    """A page that is read elsewhere: links between pages lead to `site`, or are their text."""

    def shown(link: re.Match[str]) -> str:
        text, target = link.groups()
        if "://" in target:
            return link[0]
        slug = re.fullmatch(r"([\w-]+)\.md", target)
        return f"[{text}]({site.rstrip('/')}/rules/{slug[1]}/)" if site and slug else str(text)

    code = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
    parts = code.split(page)
    return "".join(part if i % 2 else _LINK.sub(shown, part) for i, part in enumerate(parts))


def section(page: str, heading: str) -> str:
    """What stands below a heading of a page, as one paragraph."""
    text = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return " ".join(text.split())


def _printed(what: Markdown | Table, color: bool, width: int) -> str:
    target = io.StringIO()
    Console(file=target, width=width, force_terminal=color, highlight=False).print(what)
    return target.getvalue()
