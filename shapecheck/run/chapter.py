"""Run a chapter: its parts one after the other in one namespace, what they print kept beside."""

from __future__ import annotations

import ast
import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, TextIO

from shapecheck.core.chapter import Printed, SeenAside, Shown
from shapecheck.core.evidence import Observation, Skipped
from shapecheck.core.program import PartEnding, PartReport
from shapecheck.run.watch import Watch
from shapecheck.runtime.observe import observe
from shapecheck.source.chapters import Chapter, Part, examples, remember

_MOST_NAMED = 3


class ChapterRun:
    """One run of a chapter. `reports` tell how each part went, `evidence` what was seen."""

    def __init__(self, chapter: Chapter, watch: Watch) -> None:
        self._chapter = chapter
        self._watch = watch
        self._names: dict[str, Any] = {}
        self._seen: dict[int, list[Observation]] = {}
        self._printed: list[Printed] = []
        self._went: dict[int, tuple[PartEnding, int]] = {}
        self._stdout: Any = _Tee(sys.stdout)
        remember(chapter)

    def __call__(self, names: dict[str, Any]) -> None:
        """Run the parts in these names; an exception ends the run."""
        self._names = names
        self._settle(names)
        before, sys.stdout = sys.stdout, self._stdout
        try:
            self._all(names)
        finally:
            if sys.stdout is self._stdout:  # the program may have put another there
                sys.stdout = before

    def _all(self, names: dict[str, Any]) -> None:
        self._look(0)
        for number, part in enumerate(self._chapter.parts, 1):
            if part.unit.skipped:
                self._went[number] = ("left out", 0)
            else:
                try:
                    self._run(part, names)
                except BaseException as error:
                    self._went[number] = ("raised", line_in(error, part.unit.label))
                    raise
                self._went[number] = ("ran", 0)
            self._look(number)

    def reports(self) -> tuple[PartReport, ...]:
        """The parts in order, with how each went."""
        return tuple(
            PartReport(
                part.name,
                part.unit.label,
                part.unit.first_line,
                part.last_line,
                *self._went.get(number, ("not reached", 0)),
            )
            for number, part in enumerate(self._chapter.parts, 1)
        )

    def evidence(self) -> tuple[object, ...]:
        """Outputs with what was printed, shapes of the prose with what was seen."""
        aside = [
            SeenAside(stated, tuple(dict.fromkeys(self._seen.get(index, ()))))
            for index, stated in enumerate(self._chapter.stated)
        ]
        return (*self._printed, *aside)

    def left_out(self) -> tuple[Skipped, ...]:
        """What of the chapter was not run, in words."""
        return tuple(self._not_run()) if self._names else ()

    # -- before, between ------------------------------------------------------------------

    def _settle(self, names: dict[str, Any]) -> None:
        """As Jupyter, or a reader at a prompt: no file of its own, modules of the folder."""
        for name in ("__file__", "__cached__"):
            names.pop(name, None)
        if self._chapter.is_notebook:
            os.chdir(os.path.dirname(os.path.abspath(self._chapter.file)))
            os.environ.setdefault("MPLBACKEND", "agg")  # Jupyter opens no windows either
            names["display"] = _display
            sys.excepthook = traceback.print_exception  # C's own looks for lines in files alone
            return
        here = os.getcwd()
        sys.path.insert(0, here)
        self._watch.beside(here)

    def _look(self, passed: int) -> None:
        """The variables of the prose around here: below the part just run, and above it."""
        for index, stated in enumerate(self._chapter.stated):
            if stated.before in (passed, passed - 1):
                value = _value(stated.variable, self._names)
                if value is not None:
                    self._seen.setdefault(index, []).append(observe(value))

    # -- a part ---------------------------------------------------------------------------

    def _run(self, part: Part, names: dict[str, Any]) -> None:
        printed = StringIO()
        tree = part.unit.tree()
        shown = {output.shown_as: output for output in part.shown}
        try:
            if part.unit.language == "console":
                self._watch.rewrite(part.unit, tree, names)
                self._prompts(part, tree, names)
            elif self._chapter.is_notebook:
                self._cell(part, tree, names, printed, shown.get("result"))
            else:
                self._watch.rewrite(part.unit, tree, names)
                with self._stdout.keeping(printed):
                    _execute(tree, part, names)
        except Exception as error:
            if not part.raises:
                raise
            printed.write("".join(traceback.format_exception_only(error)))
        for kind in ("fence", "stream"):
            if kind in shown:
                self._compare(shown[kind], printed.getvalue())

    def _cell(
        self,
        part: Part,
        tree: ast.Module,
        names: dict[str, Any],
        printed: StringIO,
        shown: Shown | None,
    ) -> None:
        """A cell displays the value of its last expression, unless a semicolon ends it."""
        displays = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
        displays = displays and not part.unit.code.rstrip().endswith(";")
        self._watch.rewrite(part.unit, tree, names)
        last = tree.body.pop() if displays else None
        with self._stdout.keeping(printed):
            _execute(tree, part, names)
            if last is None:
                return
            value = eval(_code(ast.Expression(_valued(last)), part, "eval"), names)
        if value is None:
            return
        text = repr(value)
        sys.stdout.write(f"{text}\n")
        # Jupyter sorts sets, and writes functions and classes in a way of its own.
        own_way = isinstance(value, (set, frozenset, type)) or " at 0x" in text
        if shown is not None and not own_way:
            self._compare(shown, text)

    def _prompts(self, part: Part, tree: ast.Module, names: dict[str, Any]) -> None:
        outputs = iter(part.shown)
        first = part.unit.first_line
        prompts = examples(part.unit)
        starts = [first + prompt.lineno for prompt in prompts]
        for prompt, start, end in zip(prompts, starts, [*starts[1:], 1 << 30], strict=True):
            body = [node for node in tree.body if start <= node.lineno < end]
            shown = next(outputs, None) if prompt.want and part.shown else None
            printed = StringIO()
            try:
                with self._stdout.keeping(printed):
                    exec(_code(ast.Interactive(body), part, "single"), names)
            except Exception as error:
                if prompt.exc_msg is None and not part.raises:
                    raise
                printed.write("".join(traceback.format_exception_only(error)))
            if shown is not None:
                self._compare(shown, printed.getvalue())

    def _compare(self, shown: Shown, text: str) -> None:
        if text.strip() or not shown.implicit:
            self._printed.append(Printed(shown, text))

    # -- afterwards -----------------------------------------------------------------------

    def _not_run(self) -> Iterator[Skipped]:
        magics = [(magic, part) for part in self._chapter.parts for magic in part.magics]
        if magics:
            named = ", ".join(f"`{magic}` ({part.name})" for magic, part in magics[:_MOST_NAMED])
            more = f" and {len(magics) - _MOST_NAMED} more" if len(magics) > _MOST_NAMED else ""
            place = magics[0][1].unit.place(1)
            yield Skipped("", place, f"lines for IPython are not run: {named}{more}")
        others = [p for p in self._chapter.parts if p.unit.skipped and not p.magics]
        if others:
            named = ", ".join(part.name for part in others)
            yield Skipped("", others[0].unit.place(1), f"marked as not to be run: {named}")


def line_in(error: BaseException, label: str) -> int:
    """The line of a part at which an exception left it; 0 where none of its lines is to blame."""
    if isinstance(error, SyntaxError) and error.filename == label:
        return error.lineno or 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == label:
            return trace.tb_lineno
        trace = trace.tb_next
    return 0


def _execute(tree: ast.Module, part: Part, names: dict[str, Any]) -> None:
    exec(_code(tree, part, "exec"), names)


def _code(tree: ast.mod, part: Part, mode: str) -> Any:
    return compile(tree, part.unit.label, mode, dont_inherit=True)  # type: ignore[call-overload] # the mode is one of three


def _valued(node: ast.stmt) -> ast.expr:
    assert isinstance(node, ast.Expr)
    return node.value


def _value(name: str, names: dict[str, Any]) -> Any:
    """A variable, or an attribute that an object itself holds. Nothing is called."""
    first, *rest = name.split(".")
    value = names.get(first)
    for attribute in rest:
        value = getattr(value, "__dict__", {}).get(attribute)
    return value


def _display(*values: Any) -> None:
    """What Jupyter offers without an import: show values."""
    for value in values:
        sys.stdout.write(f"{value!r}\n")


class _Tee:
    """A stream that also keeps what is written to it, for one part after the other."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._kept: StringIO | None = None

    @contextmanager
    def keeping(self, kept: StringIO) -> Iterator[None]:
        """Keep what is written from here on."""
        self._kept = kept
        try:
            yield
        finally:
            self._kept = None

    def write(self, text: str) -> int:
        written = self._stream.write(text)
        if self._kept is not None:
            self._kept.write(text)
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
