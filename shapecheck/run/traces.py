"""The trace of a program: probes in every line of its own code, and what was seen there."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shapecheck.core.trace import TraceEvidence
from shapecheck.runtime.tracing import Tracing
from shapecheck.source.units import CodeUnit


class Traces:
    """Gathers what the lines of a program make, from its import of torch to its end."""

    def __init__(self) -> None:
        self._tracing = Tracing()
        self._recorder: Any = None

    def probe(self, unit: CodeUnit, tree: ast.Module) -> None:
        """Put probes into the tree of a unit, in place."""
        self._tracing.attach(tree, unit)

    def awaken(self, session: Any) -> None:
        """torch is there: from now on the probes see."""
        self._recorder = session.trace(self._tracing)
        self._tracing.listen(self._recorder)

    def stop(self) -> None:
        """See no more: what runs from here on is no run of the program."""
        self._tracing.listen(None)

    def evidence(self, shown: Callable[[TraceEvidence], TraceEvidence]) -> TraceEvidence:
        """What was seen; `shown` names the files as the user would."""
        seen = self._recorder.evidence() if self._recorder is not None else TraceEvidence()
        named = shown(replace(seen, sources=tuple(replace(s, text="") for s in self._sources())))
        texts = [source.text for source in self._sources()]
        sources = (replace(s, text=t) for s, t in zip(named.sources, texts, strict=True))
        return replace(named, sources=tuple(sources))

    def errors(self) -> list[str]:
        """Failures of our own at the probes."""
        return list(self._recorder.errors) if self._recorder is not None else []

    def _sources(self) -> Any:
        return self._tracing.sources
