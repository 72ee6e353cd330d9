"""Programs whose traces are rendered: run here, under watch."""

import linecache
from collections.abc import Callable
from dataclasses import replace

import pytest

from shapecheck.check.session import Session
from shapecheck.core.program import ProgramReport
from shapecheck.rules import judge
from shapecheck.runtime.tracing import Tracing
from shapecheck.source.units import CodeUnit

Traced = Callable[..., ProgramReport]


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> Traced:
    """``traced(text, file)``: the report on a program of this text, with its trace."""

    def run(text: str, file: str = "weather.py") -> ProgramReport:
        entry = (len(text), None, text.splitlines(keepends=True), file)
        monkeypatch.setitem(linecache.cache, file, entry)
        unit, tracing, session = CodeUnit(file, text), Tracing(), Session()
        tree = unit.tree()
        tracing.attach(tree, unit)
        recorder = session.trace(tracing)
        tracing.listen(recorder)
        session.start()
        try:
            exec(compile(tree, file, "exec", dont_inherit=True), {"__name__": "__main__"})
        finally:
            session.stop()
            tracing.listen(None)
        assert not recorder.errors
        findings = tuple(judge(session.evidence(None)))
        report = ProgramReport(file, "completed", findings=findings)
        return replace(report, trace=recorder.evidence())

    return run
