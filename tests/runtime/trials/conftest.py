"""`found`: what is more than a note after one checked call."""

from collections.abc import Callable

import pytest

from shapecheck.core.finding import Finding, Severity

Found = Callable[..., list[Finding]]


@pytest.fixture
def found(tried: Found) -> Found:
    """`found(function or module, *given)`: the findings that are more than notes."""
    return lambda *call: [f for f in tried(*call) if f.severity is not Severity.NOTE]
