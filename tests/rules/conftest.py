"""What the tests of rules share: a refused call as its finding, and several as one page."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shapecheck import Finding, ShapeError

Refused = Callable[..., Finding]
Page = Callable[..., None]


@pytest.fixture
def refused() -> Refused:
    """``refused(function, *arguments)``: the finding that the call raises."""

    def check(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Finding:
        with pytest.raises(ShapeError) as caught:
            function(*args, **kwargs)
        return caught.value.finding

    return check


@pytest.fixture
def page(golden: Callable[[str, str], None], request: pytest.FixtureRequest) -> Page:
    """``page(slug, first=finding, …)``: the messages, one under another, as a golden file.

    Lines of the test file are counted from the test's first, so that an edit above it moves none.
    """

    def check(slug: str, **findings: Finding) -> None:
        start = inspect.getsourcelines(request.function)[1]
        texts = []
        for title, finding in findings.items():
            assert finding.slug == slug
            at = finding.notes[0].split(" as ")[0].rpartition(":")[2] if finding.notes else ""
            text = str(finding).replace(str(request.path), Path(request.path).name)
            if at:
                text = text.replace(f".py:{at}", f".py:{int(at) - start:+}")
            texts.append(f"# {title.replace('_', ' ')}\n{text}\n")
        golden(f"{slug}.txt", "\n".join(texts))

    return check
