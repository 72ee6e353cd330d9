"""`%load_ext shapecheck`: cells that show the shapes each line made, and the faults in them.

`%%shapecheck` above a cell does so for that cell, `%shapecheck on` for every cell from then on.
The cell itself is run by IPython as it would be: its line with the magic counts as a comment, so
that results, output, exceptions and history are what they are without.
"""

from __future__ import annotations

import ast
import builtins
import copy
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display

from shapecheck.core.finding import Finding
from shapecheck.core.plain import from_plain, to_plain
from shapecheck.core.program import Ending, ProgramReport, Raised
from shapecheck.core.trace import TracedSource, TracedValue, TraceEvidence
from shapecheck.report.programs import as_text
from shapecheck.report.trace_html import trace_cell
from shapecheck.report.trace_text import trace_text
from shapecheck.run.comments import Comments
from shapecheck.run.judgement import Judgement
from shapecheck.runtime.comment_probes import PROBES
from shapecheck.runtime.program import WhenImported
from shapecheck.runtime.tracing import Tracing
from shapecheck.source.suppressions import read_suppressions
from shapecheck.source.units import CodeUnit

_MAGIC = "%%shapecheck"
T = TypeVar("T")


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext shapecheck`."""
    cells = Cells(shell)
    shell.register_magics(ShapecheckMagics(shell, cells))
    shell.input_transformers_cleanup.append(without_magic)
    shell.ast_transformers.append(cells)
    shell.events.register("pre_run_cell", cells.begin)
    shell.events.register("post_run_cell", cells.end)


def unload_ipython_extension(shell: Any) -> None:
    """Called by `%unload_ext shapecheck`."""
    cells = shell.magics_manager.registry["ShapecheckMagics"].cells
    shell.input_transformers_cleanup.remove(without_magic)
    shell.ast_transformers.remove(cells)
    shell.events.unregister("pre_run_cell", cells.begin)
    shell.events.unregister("post_run_cell", cells.end)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("shapecheck", None)


def without_magic(lines: list[str]) -> list[str]:
    """The cell with its first line as a comment, so that it runs as any other cell."""
    return [f"# {lines[0]}", *lines[1:]] if _is_marked(lines[0] if lines else "") else lines


def _is_marked(text: str) -> bool:
    return text.split(None, 1)[:1] == [_MAGIC]


@magics_class
class ShapecheckMagics(Magics):
    """The magics, as IPython lists them."""

    def __init__(self, shell: Any, cells: Cells) -> None:
        super().__init__(shell)
        self.cells = cells

    @line_cell_magic
    def shapecheck(self, line: str, cell: str | None = None) -> None:
        """`%%shapecheck` checks a cell; `%shapecheck on` and `%shapecheck off` switch for all."""
        if cell is not None:  # inside another magic: IPython runs what it marks by itself
            self.cells.run(cell)
        elif line.strip() in ("on", "off"):
            self.cells.always = line.strip() == "on"
        else:
            sys.stderr.write("%shapecheck on, or %shapecheck off; %%shapecheck checks one cell\n")


class Cells:
    """Watches the cells that ask for it, one after the other; axes are followed between them.

    `always` is set by `%shapecheck on`. Stands among the shell's AST transformers, which see each
    cell after it was parsed.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.always = False
        self._forced = False
        self._cell: _Cell | None = None
        self._units: dict[str, _Cell] = {}
        self._comments = Comments()
        self._tracing = Tracing()
        self._session: Any = None
        self._recorder: Any = None
        self._awaiting = False
        self._ours: list[str] = []

    def run(self, text: str) -> None:
        """Run a piece of code under watch."""
        self._forced = True
        try:
            self._shell.run_cell(text)
        finally:
            self._forced = False

    # -- a cell ---------------------------------------------------------------------------

    def begin(self, info: Any) -> None:
        """A cell is about to run."""
        if self._cell is None and (self.always or self._forced or _is_marked(info.raw_cell)):
            self._guarded("starting to watch", lambda: self._begin(info))

    def visit(self, tree: ast.Module) -> ast.Module:
        """The tree of a cell with what watches it, in a copy."""
        cell = self._cell
        if cell is None or cell.name:
            return tree
        cell.name = self._file_of(cell)
        self._units[cell.name] = cell
        made = self._guarded("reading the cell", lambda: self._rewritten(cell, tree))
        return made if isinstance(made, ast.Module) else tree

    def end(self, result: Any) -> None:
        """A cell has run: show what there is to show."""
        cell, self._cell = self._cell, None
        if cell is None:
            return
        self._guarded("stopping to watch", self._stop)
        if cell.name:  # else it has a fault of syntax
            report = self._guarded("judging", lambda: self._report(cell, result.error_in_exec))
            if report is None:
                report = ProgramReport(self._title(cell.name), "completed", ours=tuple(self._ours))
            if cell.asked or _is_telling(report):
                display(CellReport(report))  # type: ignore[no-untyped-call] # IPython gives it no types
        self._ours.clear()

    def _begin(self, info: Any) -> None:
        code = info.transformed_cell or self._shell.transform_cell(info.raw_cell)
        asked = self._forced or _is_marked(info.raw_cell)
        self._cell = _Cell(info.raw_cell, code, asked)
        if self._session is not None:
            self._start()
        elif "torch" in sys.modules:
            self._awaken()
        elif not self._awaiting:
            self._awaiting = True
            sys.meta_path.insert(0, WhenImported("torch", self._imported))

    def _imported(self) -> None:
        self._guarded("starting to watch", self._awaken)

    def _awaken(self) -> None:
        """torch is there: axes can be followed from now on."""
        from shapecheck.check.session import Session  # imports torch

        self._session = Session()
        self._recorder = self._session.trace(self._tracing)
        self._comments.awaken(self._session)
        if self._cell is not None:
            self._start()

    def _start(self) -> None:
        self._recorder.renew()
        self._tracing.listen(self._recorder)
        self._session.start()

    def _stop(self) -> None:
        self._tracing.listen(None)
        if self._session is not None:
            self._session.stop()

    def _file_of(self, cell: _Cell) -> str:
        """What tracebacks call the file of a cell that was just parsed.

        Its number may have been counted already.
        """
        count = self._shell.execution_count
        names = [
            self._shell.compile.get_code_name(cell.raw, cell.code, number)
            for number in (count, count - 1)
        ]
        return str(next((name for name in names if name in linecache.cache), names[0]))

    def _rewritten(self, cell: _Cell, tree: ast.Module) -> ast.Module:
        made = copy.deepcopy(tree)
        unit = _Named("a notebook", cell.code, cell.name)
        names = self._shell.user_ns
        self._comments.probe(unit, made, names)
        if PROBES in names:  # what a cell binds is the user's alone
            setattr(builtins, PROBES, names.pop(PROBES))
        self._tracing.attach(made, unit)
        return made

    # -- the report -----------------------------------------------------------------------

    def _report(self, cell: _Cell, error: BaseException | None) -> ProgramReport:
        trace = self._traced(cell)
        ending: Ending = "completed" if error is None else "raised"
        raised = None if error is None else Raised(type(error).__name__, str(error))
        evidence = list(self._comments.evidence())
        if self._session is not None:
            evidence += self._session.evidence(error)
            self._ours += [*self._session.errors(), *self._recorder.errors]
        ran = {(v.place.file, v.place.function) for v in trace.values}
        findings = tuple(
            finding
            for finding in Judgement({}, "").findings(evidence)
            if self._is_of(finding, cell, ran) and not self._is_ignored(finding)
        )
        title = self._title(cell.name)
        report = ProgramReport(title, ending, 0, raised, findings, trace=trace)
        return replace(self._titled(report), ours=tuple(dict.fromkeys(self._ours)))

    def _traced(self, cell: _Cell) -> TraceEvidence:
        """What this cell made, and the functions of other cells that it ran."""
        if self._recorder is None:
            return TraceEvidence((TracedSource(cell.name, cell.raw),))
        seen: TraceEvidence = self._recorder.evidence()
        values = tuple(v for v in seen.values if self._ran(v, cell))
        others = dict.fromkeys(
            excerpt
            for value in values
            if value.place.file != cell.name and value.place.file in self._units
            for excerpt in self._units[value.place.file].around(value.place.line)
        )
        return replace(seen, sources=(TracedSource(cell.name, cell.raw), *others), values=values)

    def _ran(self, value: TracedValue, cell: _Cell) -> bool:
        return value.place.file == cell.name or bool(value.place.function)

    def _is_of(self, finding: Finding, cell: _Cell, ran: set[tuple[str, str]]) -> bool:
        place = finding.place
        return place.file == cell.name or (place.file, place.function) in ran

    def _is_ignored(self, finding: Finding) -> bool:
        unit = self._units.get(finding.place.file)
        if unit is None:
            return False
        ignored = read_suppressions(CodeUnit(unit.name, unit.raw))
        return ignored.covering(finding.slug, finding.place.line) is not None

    def _titled(self, value: T) -> T:
        """A plain value in which cells are called as IPython calls them."""
        titles = {name: self._title(name) for name in self._units}
        return from_plain(type(value), _renamed(to_plain(value), titles))

    def _title(self, name: str) -> str:
        given = self._shell.compile.format_code_name(name)
        return " ".join(given) if given else name

    def _guarded(self, doing: str, step: Callable[[], Any]) -> Any:
        """Our own failure is told below the cell and does not reach it."""
        try:
            return step()
        except Exception:
            self._ours.append(f"shapecheck failed while {doing}.\n{traceback.format_exc()}")
            return None


@dataclass
class _Cell:
    """A cell that is watched: its text as written and as Python, what tracebacks call its file.

    `asked` says that it was marked itself: it has a report, whatever there is to tell.
    """

    raw: str
    code: str
    asked: bool
    name: str = ""

    def around(self, line: int) -> Iterator[TracedSource]:
        """The function of this cell that holds a line, with those around it."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        functions = (n for n in ast.walk(ast.parse(self.code)) if isinstance(n, kinds))
        for node in functions:  # those around come before those inside
            if node.lineno <= line <= (node.end_lineno or 0):
                lines = self.raw.split("\n")[node.lineno - 1 : node.end_lineno]
                yield TracedSource(self.name, "\n".join(lines), node.lineno)
                return


class _Named(CodeUnit):
    """A cell as a unit of code, whose places are named as tracebacks name them."""

    @property
    def label(self) -> str:
        """The file that tracebacks name."""
        return self.part


class CellReport:
    """What is shown below a cell: as text in a terminal, as HTML in a notebook."""

    def __init__(self, report: ProgramReport) -> None:
        self.report = report

    def __repr__(self) -> str:
        return (trace_text([self.report]) + as_text([self.report], width=80)).rstrip()

    def _repr_html_(self) -> str:
        return trace_cell(self.report)


def _is_telling(report: ProgramReport) -> bool:
    trace = report.trace
    return bool(report.findings or report.ours or (trace is not None and trace.values))


def _renamed(value: Any, titles: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, title in titles.items():
            value = value.replace(name, title)
        return value
    if isinstance(value, list):
        return [_renamed(item, titles) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, titles) for key, item in value.items()}
    return value
