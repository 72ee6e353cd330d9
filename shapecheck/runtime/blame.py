"""Which line is at fault: the caller's, or the `return` that gave the wrong value."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FrameType, TracebackType

from shapecheck.core.finding import DeclarationError, ShapeError
from shapecheck.core.site import Place
from shapecheck.runtime.ownership import is_between, is_ours, is_users

_IMPORTING = "<frozen importlib"
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def caller(depth: int = 1) -> Place:
    """The nearest line of the user's code up the stack (torch's module call is passed over)."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return Place("<unknown>")
    code = frame.f_code
    return Place(code.co_filename, frame.f_lineno, function=code.co_qualname)


@lru_cache(maxsize=256)
def _tree(filename: str, source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def module_tree(filename: str) -> ast.Module | None:
    """The syntax tree of a source file, where the source can be had."""
    return _tree(filename, "".join(linecache.getlines(filename)))


def function_node(code: CodeType) -> FunctionNode | None:
    """The definition of a code object in its source file, where the source can be had."""
    tree = module_tree(code.co_filename)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if code.co_firstlineno in (first, node.lineno):
                return node
    return None


def def_line(code: CodeType) -> int:
    """The line of `def`, where decorators stand above it; the first line where unknown."""
    node = function_node(code)
    return node.lineno if node is not None else code.co_firstlineno


def return_lines(node: FunctionNode) -> list[int]:
    """Lines of the `return` statements with a value, those of nested functions left out."""
    return [n.lineno for n in own_nodes(node) if isinstance(n, ast.Return) and n.value]


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a function's own body, without those of functions and classes in it."""
    found: list[ast.AST] = []
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        child = waiting.pop(0)
        found.append(child)
        if not isinstance(child, (ast.Lambda, ast.ClassDef, *FunctionNode.__args__)):
            waiting.extend(ast.iter_child_nodes(child))
    return found


def only_return(code: CodeType) -> int:
    """The line of a function's one `return`, or 0 where it has several or none."""
    node = function_node(code)
    lines = return_lines(node) if node is not None else []
    return lines[0] if len(lines) == 1 else 0


def pointing_at(error: BaseException, code: CodeType, line: int) -> None:
    """Give the error a traceback that ends in the user's function, at `line`.

    By the time a return value is judged the frame that returned it is gone. A stand-in with the
    function's name and file lets every traceback printer show the line at fault.
    """
    place = Place(code.co_filename, line, function=code.co_qualname)
    try:
        standing_at(error, place, min(code.co_firstlineno, line))
    finally:
        del error


def standing_at(error: BaseException, place: Place, first: int = 0) -> BaseException:
    """The error with a traceback of one stand-in frame at `place`.

    A caller that keeps the error in a local variable must delete it: its frame is part of that
    traceback.

    `first` is the first line of the function there; the source tells where it is 0.
    """
    first = first or _first_line(place)
    tree = ast.parse("raise error")
    line = place.line - first + 1  # code objects count from their first line
    for node in ast.walk(tree):
        if "lineno" in node._attributes:  # no columns: pytest would underline what is not there
            vars(node).update(lineno=line, end_lineno=line, col_offset=-1, end_col_offset=-1)
    stub = compile(tree, place.file, "exec")
    name = place.function or "<module>"
    stub = stub.replace(co_name=name.rpartition(".")[2], co_qualname=name, co_firstlineno=first)
    names = {"error": error}
    try:
        exec(stub, names)
    except BaseException as raised:
        if raised.__traceback__ is not None:
            raised.__traceback__ = raised.__traceback__.tb_next
        return error
    finally:
        # The stub's frame lives on in the traceback, and with it its globals and the frame it was
        # called from: were the error among their names, it would keep itself alive.
        names.clear()
        del error
    raise AssertionError("the stub raises")


def _first_line(place: Place) -> int:
    """The first line of the innermost function around a place, or of the place itself."""
    tree = module_tree(place.file)
    functions = [n for n in ast.walk(tree) if isinstance(n, FunctionNode)] if tree else []
    around = [n.lineno for n in functions if n.lineno <= place.line <= (n.end_lineno or 0)]
    return max(around, default=place.line)


def prune(error: BaseException) -> bool:
    """Take our frames out of the tracebacks of an exception and of all that led to it.

    True where there was something to take out.
    Where the error is ours it then ends at the user's line: what stands between that line and
    us (torch's module call, typeguard, jaxtyping) goes as well. For anyone else's error those
    frames stay.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    changed = False
    while waiting:
        part = waiting.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        waiting += [part.__cause__, part.__context__]
        if isinstance(part, BaseExceptionGroup):
            waiting += part.exceptions
        ours = isinstance(part, (ShapeError, DeclarationError))
        entries = _entries(part.__traceback__)
        kept = _without(_between if ours else _is_ours, entries, ours)
        if len(kept) < len(entries):
            part.__traceback__ = _chained(kept)
            changed = True
    return changed


def _entries(trace: TracebackType | None) -> list[TracebackType]:
    found: list[TracebackType] = []
    while trace is not None:
        found.append(trace)
        trace = trace.tb_next
    return found


def _without(
    drop: Callable[[TracebackType], bool], entries: list[TracebackType], to_users_line: bool
) -> list[TracebackType]:
    if to_users_line:
        last = max((i for i, t in enumerate(entries) if _is_users_frame(t)), default=len(entries))
        entries = entries[: last + 1]
    if any(map(_is_ours, entries)):  # Python hides its importing by itself, unless we are inside
        entries = [t for t in entries if not t.tb_frame.f_code.co_filename.startswith(_IMPORTING)]
    return [t for t in entries if not drop(t)] or entries


def _chained(entries: list[TracebackType]) -> TracebackType | None:
    """A new traceback; the old one, which others may hold, stays as it is."""
    following = None
    for t in reversed(entries):
        following = TracebackType(following, t.tb_frame, t.tb_lasti, t.tb_lineno)
    return following


def _is_users_frame(trace: TracebackType) -> bool:
    return is_users(trace.tb_frame.f_code.co_filename)


def _is_ours(trace: TracebackType) -> bool:
    return is_ours(trace.tb_frame.f_code.co_filename)


def _between(trace: TracebackType) -> bool:
    return is_between(trace.tb_frame.f_code.co_filename)
