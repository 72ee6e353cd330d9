"""Compose the rooms: what runtime gathers, rules judge; adapters render what comes out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from shapecheck.core.evidence import Violation
from shapecheck.core.finding import Finding, Severity
from shapecheck.rules import judge
from shapecheck.runtime.crash import gather_crash
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importer import ImportHook

T = TypeVar("T")


def explain(violation: Violation) -> Finding:
    """The finding for a refused value: the first rule that recognises the fault explains it."""
    for finding in judge([violation]):
        return finding
    declaration = violation.declaration
    return Finding(
        slug="declaration",
        severity=Severity.ERROR,
        place=violation.place,
        message=f"`{declaration.name}` of {violation.function} contradicts its declaration",
        expected=declaration.text,
        actual=str(violation.actual),
        cause=violation.said,
    )


guard = Guard(explain)
"""The guard of `checked` and `install`."""


def checked(target: T) -> T:
    """Check the annotations of a function, method, property, class or dataclass at each call.

    Raises ShapeError where a value contradicts them. jaxtyping and typeguard are the judge.
    """
    return guard.checked(target)


def install(packages: str | Iterable[str]) -> ImportHook:
    """Check whole packages, and annotated assignments in their functions, as they are imported.

    Use as `with shapecheck.install("mypackage"): import mypackage`, or call `uninstall()` later.
    Raises AlreadyImported where a package was imported before.
    """
    names = [packages] if isinstance(packages, str) else list(packages)
    hook = ImportHook(guard, names)
    hook.install()
    return hook


def explain_crash(error: BaseException) -> Finding | None:
    """The finding that explains torch's own error about shapes; None for any other exception."""
    crash = gather_crash(error)
    return next(judge([crash]), None) if crash is not None else None
