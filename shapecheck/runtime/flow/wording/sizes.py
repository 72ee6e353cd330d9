"""Size variables: which axis a size that stands in the source speaks of.

`torch.zeros(2, batch_size, H)` names its axes by the variables that are passed. A variable that
was read from a tensor (`batch_size = x.size(0)`, `B, T, C = x.shape`) is that tensor's axis; a
parameter is whatever the caller passed; any other variable names one axis of its own, the same
wherever the variable stands with the same value. A number names nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from shapecheck.core.site import Place
from shapecheck.runtime.flow.axes import Axes, Identity, learn
from shapecheck.runtime.flow.frames import Frames
from shapecheck.runtime.flow.wording.definitions import definitions_of, names_of, value_parts
from shapecheck.runtime.flow.wording.expressions import (
    argument_for,
    counted,
    dotted,
    integer,
    reads_size,
)
from shapecheck.runtime.flow.wording.meaning import from_name, from_order, from_words, steps_in
from shapecheck.runtime.flow.wording.reading import Extent, Source, extent_of, node_at
from shapecheck.runtime.flow.wording.records import Records

Scope = tuple[str, object, str]  # kind, code or file, name
Read = Axes | tuple[Axes, int]  # a whole shape, or the size of one axis
Use = tuple[dict[Any, Any], Any, Any]  # a table, a key, and what stood there
_NOWHERE: Extent = (0, 0, 0, 0)
_MOST_CALLERS = 6
_MOST_VARIABLES = 20_000


class SizeNames:
    """The size variables of a run, and the axes they speak of.

    `used` collects what answers hung on: whoever remembers a result remembers these with it.
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._variables: dict[tuple[Scope, int], Identity] = {}
        self._bound: dict[Scope, tuple[Identity, int]] = {}
        self._reads: dict[tuple[int, Extent], Read] = {}
        self._nodes: dict[tuple[int, int], tuple[Source, ast.AST] | None] = {}
        self.records = Records()
        self.used: list[Use] = []
        self.conflicts: list[tuple[Place, str, Axes, int]] = []

    def node(self, code: CodeType, lasti: int) -> tuple[Source, ast.AST] | None:
        """The expression at an instruction, with its file."""
        key = (id(code), lasti)
        if key not in self._nodes:
            self._nodes[key] = node_at(code, lasti)
        return self._nodes[key]

    # -- reading a shape ------------------------------------------------------------------

    def reading(self, frame: FrameType, axes: Axes, dim: int | None) -> Callable[[], None] | None:
        """The user's code read a shape (`dim` None) or a size at this frame's instruction.

        Returns what to do whenever this happens: the names that the statement assigns come to
        speak of the axes read.
        """
        found = self.node(frame.f_code, frame.f_lasti)
        if found is None:
            return None
        source, node = found
        extent = extent_of(node)
        if extent is None or not reads_size(node):  # a library reads a size inside this call
            return None
        read: Read = axes if dim is None else (axes, dim)
        targets = self._targets(source, node, axes, dim, frame.f_code)
        place = self._frames.place(frame.f_code, frame.f_lasti)
        for scope, index in targets:
            self._name(axes, index, scope[2], place, source, frame.f_code)
        self._in_order(axes, targets, place)
        bindings = [(s, self._identity(axes, i), axes.shape[i]) for s, i in targets]
        bound = [(s, (identity, size)) for s, identity, size in bindings if identity is not None]
        reads, key, mine = self._reads, (id(frame.f_code), extent), self._bound

        def again() -> None:
            reads[key] = read
            mine.update(bound)

        return again

    def _targets(
        self, source: Source, node: ast.AST, axes: Axes, dim: int | None, code: CodeType
    ) -> list[tuple[Scope, int]]:
        """The variables that this reading is assigned to, with the axis that each receives."""
        node, low, picked = self._sliced(source, node, dim)
        if picked is not None:
            dim = picked
        statement = source.statement(node)
        if not isinstance(statement, ast.Assign):
            return []
        found: list[tuple[Scope, int]] = []
        for target in statement.targets:
            names = names_of(target)
            if node is statement.value and dim is None and len(names) > 1:
                found += self._unpacked(target, names, axes, code, low)
            elif dim is not None:
                values = value_parts(statement.value, len(names))
                found += [
                    (self._scope(code, name), dim % len(axes.items))
                    for name, value in zip(names, values, strict=False)
                    if name and value is node
                ]
        return found

    def _sliced(
        self, source: Source, node: ast.AST, dim: int | None
    ) -> tuple[ast.AST, slice | None, int | None]:
        """`x.shape[1]` and `x.shape[:2]`: the node to look at, its slice, the axis picked."""
        outer = source.parent(node)
        if dim is not None or not isinstance(outer, ast.Subscript) or outer.value is not node:
            return node, None, None
        index = integer(outer.slice)
        if index is not None:
            return outer, None, index
        if isinstance(outer.slice, ast.Slice):
            low, high = integer(outer.slice.lower), integer(outer.slice.upper)
            return outer, slice(low, high), None
        return outer, slice(0, 0), None

    def _unpacked(
        self,
        target: ast.expr,
        names: tuple[str, ...],
        axes: Axes,
        code: CodeType,
        part: slice | None,
    ) -> list[tuple[Scope, int]]:
        indices = list(range(len(axes.items)))[part or slice(None)]
        elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        star = next((i for i, e in enumerate(elements) if isinstance(e, ast.Starred)), None)
        if star is not None:
            after = len(names) - star - 1
            if len(indices) < len(names) - 1:
                return []
            taken = indices[:star] + [-1] + (indices[len(indices) - after :] if after else [])
        elif len(names) != len(indices):
            return []
        else:
            taken = indices
        pairs = zip(names, taken, strict=True)
        return [(self._scope(code, n), i) for n, i in pairs if n and n != "_" and i >= 0]

    def _name(
        self, axes: Axes, index: int, name: str, place: Place, source: Source, code: CodeType
    ) -> None:
        identity = self._identity(axes, index)
        if identity is None:
            return
        witness = from_name(name, place, index)
        role, sure = identity.role()
        if witness is not None and sure and not witness.weak and role is not witness.role:
            self.conflicts.append((place, name, axes, index))
            return
        identity.names.setdefault(name, place)
        if witness is not None:
            identity.witness(witness)
        self._explain(identity, name, source, code)

    @staticmethod
    def _in_order(axes: Axes, targets: list[tuple[Scope, int]], place: Place) -> None:
        """`B, T, C = x.shape`: what the letters say together."""
        names = {index: scope[2] for scope, index in targets}
        if len(names) < 2:
            return
        order = from_order([names.get(i, "_") for i in range(len(axes.items))], place)
        learn([axis.single for axis in axes.items], order)

    @staticmethod
    def _identity(axes: Axes, index: int) -> Identity | None:
        return axes.items[index].single

    # -- using a size ---------------------------------------------------------------------

    def speaks_of(
        self, node: ast.AST | None, frames: Sequence[FrameType], size: int
    ) -> Identity | None:
        """The axis whose size this expression is, or None (a number, an arithmetic)."""
        if not frames or node is None:
            return None
        return self._speaks_of(node, list(frames), size, _MOST_CALLERS)

    def _speaks_of(
        self, node: ast.AST, frames: list[FrameType], size: int, depth: int
    ) -> Identity | None:
        code = frames[0].f_code
        if depth == 0:
            return None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int":
            return self._speaks_of(node.args[0], frames, size, depth - 1) if node.args else None
        read = self._read_at(node, code)
        if read is not None:
            return read if size >= 0 else None
        if isinstance(node, ast.Name):
            return self._variable(node, frames, size, depth)
        if isinstance(node, ast.BinOp) and (steps := steps_in(node)):
            return self._own(self._scope(code, steps), size, frames)
        if (items := counted(node)) is not None and (found := self._file_of(code)):
            place = self._frames.place(code, frames[0].f_lasti)
            return self.records.axis(found, items, code.co_filename, place, size)
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            name = dotted(node)
            return self._own(("attribute", code.co_filename, name), size, frames) if name else None
        return None

    def whole(self, node: ast.AST | None, frame: FrameType) -> Axes | None:
        """The axes whose whole shape this expression is (`x.shape`, `x.size()`)."""
        extent = extent_of(node) if node is not None else None
        key = (id(frame.f_code), extent or _NOWHERE)
        read = self._reads.get(key)
        self.used.append((self._reads, key, read))
        return read if isinstance(read, Axes) else None

    def _read_at(self, node: ast.AST, code: CodeType) -> Identity | None:
        extent = extent_of(node)
        if extent is None:
            return None
        read = self._seen(code, extent)
        if isinstance(read, tuple):
            return self._identity(*read) if -len(read[0].items) <= read[1] else None
        if isinstance(node, ast.Subscript):
            inner, index = extent_of(node.value), integer(node.slice)
            axes = self._seen(code, inner) if inner else None
            if isinstance(axes, Axes) and index is not None and len(axes.items) > index:
                return self._identity(axes, index)
        return None

    def _seen(self, code: CodeType, extent: Extent) -> Read | None:
        key = (id(code), extent)
        read = self._reads.get(key)
        if read is not None:
            self.used.append((self._reads, key, read))
        return read

    def _variable(
        self, node: ast.Name, frames: list[FrameType], size: int, depth: int
    ) -> Identity | None:
        code = frames[0].f_code
        if node.id in code.co_freevars and len(frames) > 1:
            outer = frames[1].f_code
            if node.id in outer.co_cellvars or node.id in outer.co_freevars:
                return self._variable(node, frames[1:], size, depth)  # a comprehension, a closure
        scope = self._scope(code, node.id)
        bound = self._bound.get(scope)
        self.used.append((self._bound, scope, bound))
        if bound is not None and bound[1] == size:
            return bound[0]
        passed = self._passed(node.id, frames, size, depth)
        if passed is not None:
            self._add_name(passed, node.id, frames)
            return passed
        alias = self._alias(node.id, code)
        if alias is not None and not (isinstance(alias, ast.Name) and alias.id == node.id):
            meant = self._speaks_of(alias, frames, size, depth - 1)
            if meant is not None:
                self._add_name(meant, node.id, frames)
                return meant
        return self._own(scope, size, frames)

    def _passed(self, name: str, frames: list[FrameType], size: int, depth: int) -> Identity | None:
        """What the caller passed for this parameter."""
        code = frames[0].f_code
        count = code.co_argcount + code.co_kwonlyargcount
        if name not in code.co_varnames[:count] or len(frames) < 2:
            return None
        found = self.node(frames[1].f_code, frames[1].f_lasti)
        if found is None or not isinstance(found[1], ast.Call):
            return None
        argument = argument_for(found[1], code, name)
        if argument is None:
            return None
        return self._speaks_of(argument, frames[1:], size, depth - 1)

    def _own(self, scope: Scope, size: int, frames: list[FrameType]) -> Identity | None:
        if scope[2].split(".")[-1].startswith("_") or len(self._variables) > _MOST_VARIABLES:
            return None
        key = (scope, size)
        identity = self._variables.get(key)
        if identity is None:
            frame = frames[0]
            place = self._frames.place(frame.f_code, frame.f_lasti)
            identity = self._variables[key] = Identity("size variable", place)
            self._add_name(identity, scope[2], frames)
        return identity

    def _add_name(self, identity: Identity, name: str, frames: list[FrameType]) -> None:
        if name in identity.names:
            return
        frame = frames[0]
        place = self._frames.place(frame.f_code, frame.f_lasti)
        witness = from_name(name, place)
        role, sure = identity.role()
        if witness is not None and sure and witness.role is not role:
            return
        identity.names[name] = place
        if witness is not None:
            identity.witness(witness)
        found = self.node(frame.f_code, frame.f_lasti)
        if found is not None:
            self._explain(identity, name, found[0], frame.f_code)

    def _explain(self, identity: Identity, name: str, source: Source, code: CodeType) -> None:
        """Add what a legend beside the variable's assignment says."""
        words = definitions_of(source, code.co_filename).words
        for key in ((code.co_firstlineno, name), (0, name)):
            if key in words:
                witness = from_words(words[key][0], words[key][1])
                if witness is not None:
                    identity.witness(witness)
                return

    def _alias(self, name: str, code: CodeType) -> ast.expr | None:
        found = self._file_of(code)
        if found is None:
            return None
        aliases = definitions_of(found, code.co_filename).aliases
        local = self._scope(code, name)[0] == "local"
        return aliases.get((code.co_firstlineno if local else 0, name))

    def _file_of(self, code: CodeType) -> Source | None:
        pairs = (pair for key, pair in self._nodes.items() if key[0] == id(code))
        return next((pair[0] for pair in pairs if pair is not None), None)

    @staticmethod
    def _scope(code: CodeType, name: str) -> Scope:
        if "." in name:
            return ("attribute", code.co_filename, name)
        if name in code.co_varnames or name in code.co_cellvars:
            return ("local", id(code), name)
        if name in code.co_freevars:
            return ("free", code.co_filename, name)
        return ("global", code.co_filename, name)
