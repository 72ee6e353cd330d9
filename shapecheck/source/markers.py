"""What a Markdown file says to us in comments of its own: `<!-- shapecheck: skip -->`.

Before a block of code: `skip` (do not run it), `raises` (it is meant to), `ignore[slug]` (no such
findings in it). Before a block of output: `output` (compare it), `ignore[stale-output]`. Before a
paragraph: `ignore[stale-prose]`. For the rest of the file: `shapes`, until `no shapes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKER = re.compile(r"<!--\s*shapecheck:\s*(?P<word>[\w\- ]+?)\s*(?:\[(?P<slugs>[^\]]*)\])?\s*-->")


def markers(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The words of ours in an HTML comment, each with the slugs it names: `ignore[stale-prose]`."""
    for found in _MARKER.finditer(html):
        slugs = tuple(s.strip() for s in (found["slugs"] or "").split(",") if s.strip())
        yield found["word"].strip(), slugs
