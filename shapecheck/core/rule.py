"""A rule: how evidence of one kind becomes findings of one slug."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shapecheck.core.finding import Finding, Severity


@dataclass(frozen=True)
class Rule:
    """One fault that shapecheck can find.

    `slug` names the fault in words and equals the file's name with dashes. `summary` is its one
    line in lists. `judges` is the class of evidence that `check` takes (and `also` others that show
    the same fault); `check` yields a finding for each fault the evidence shows, and nothing where
    it is not sure.
    """

    slug: str
    severity: Severity
    summary: str
    judges: type
    check: Callable[[Any], Iterator[Finding]]
    also: tuple[type, ...] = ()
