"""One operation as the rules of flow see it: operands with their axes, the result, the line."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.nn.parameter import is_lazy

from shapecheck.core.axis import Role
from shapecheck.core.facts import Fact, Operand, Witness
from shapecheck.core.site import Place
from shapecheck.core.stacked import LastOfBoth
from shapecheck.runtime.flow.axes import Axes, Axis, Identity, Part, view_of
from shapecheck.runtime.flow.wording.reading import Source, text_of

if TYPE_CHECKING:
    from shapecheck.runtime.tracker import Tracker


class ShapelessError(Exception):
    """A tensor that has no sizes to follow: nested, lazy, or with symbols for sizes."""


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """The shape as plain integers. Raises ShapelessError where it has none."""
    if (type(tensor) is not Tensor and is_lazy(tensor)) or tensor.is_nested:
        raise ShapelessError
    shape = tuple(tensor.shape)
    for size in shape:
        if type(size) is not int:  # to make it one would fix what it stands for
            raise ShapelessError
    return shape


# What leaves the layers of a recurrent state as they are, or picks one of them.
_LAYER_BY_LAYER = frozenset(
    ("__getitem__", "select", "shape", "size", "__len__", "detach", "clone", "contiguous", "to")
)
_MEASURES = frozenset(("shape", "size", "__len__", "dim", "detach", "clone", "contiguous", "to"))
# What does the same with each step, or picks some: the last one may be picked later.
_STEPWISE = (
    "__getitem__ select transpose swapaxes swapdims permute movedim moveaxis t T mT squeeze "
    "unsqueeze dropout layer_norm linear relu leaky_relu elu gelu selu silu tanh sigmoid softplus "
    "float double half bfloat16 type cpu cuda requires_grad data alias stride numel eq ne __eq__ "
    "__ne__ equal allclose isclose"
)
_STEP_BY_STEP = _MEASURES | frozenset(_STEPWISE.split())
# What a lesson on views does with a tensor: it looks at it, lays it out, compares.
_LOOKS = (
    "__getitem__ select view reshape view_as reshape_as flatten ravel unflatten permute transpose "
    "swapaxes swapdims movedim moveaxis t T mT squeeze unsqueeze expand contiguous clone detach to "
    "shape size dim stride numel is_contiguous storage data_ptr eq ne __eq__ __ne__ equal allclose "
    "isclose all any item tolist numpy __repr__ __format__ __len__ unbind"
)
_LOOKED_AT = frozenset(_LOOKS.split())
# What functions are called by: their first operand stands first in the brackets.
_BY_NAME = "torch F nn functional nn.functional torch.nn.functional torch.special torch.linalg"
_MODULES = frozenset(_BY_NAME.split())


class Call:
    """An operation that has just run. `before` holds the axes of operands read beforehand."""

    __slots__ = ("_node", "args", "frames", "kwargs", "name", "place", "result", "tracker")

    def __init__(
        self,
        tracker: Tracker,
        name: str,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        result: Any,
        frames: list[FrameType],
    ) -> None:
        self.tracker = tracker
        self.name = name
        self.args = args
        self.kwargs = kwargs
        self.result = result
        self.frames = frames
        self._node: tuple[Source, ast.AST] | bool | None = False
        self.place: Place = (
            tracker.frames.place(frames[0].f_code, frames[0].f_lasti) if frames else Place("?")
        )

    # -- arguments ------------------------------------------------------------------------

    def get(self, position: int, name: str, default: Any = None) -> Any:
        """An argument by position or name."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(name, default)

    def tensor(self, position: int, name: str = "input") -> Tensor | None:
        """A tensor argument, None where it is none."""
        value = self.get(position, name)
        return value if isinstance(value, Tensor) else None

    def axes(self, value: Any) -> tuple[Axis, ...]:
        """The axes of an operand as they were before the call."""
        return self.track(value).items

    def track(self, value: Tensor) -> Axes:
        """The whole record of an operand."""
        axes = self.tracker.before(value)
        if axes.state is not None and self.name not in _LAYER_BY_LAYER and axes.items:
            first = axes.items[0].single
            if first is not None and first.stack is not None:
                first.stack.whole = True
        if axes.stack is not None:  # what the layer put out at each step says it all
            axes.stack.whole = True
        if axes.marks.waiting is not None and self.name not in _LOOKED_AT:
            self.emit(axes.marks.waiting)
        if axes.marks.scored is not None and self.name in axes.marks.scored.by:
            self.emit(axes.marks.scored.fact)
        self.used_otherwise(axes)
        return axes

    def used_otherwise(self, axes: Axes) -> None:
        """All steps of a bidirectional layer, or its final state, are used: not the last alone."""
        if axes.marks.both_ways is not None and self.name not in _STEP_BY_STEP:
            self.withdraw(LastOfBoth, axes.marks.both_ways.made)
        elif axes.state is not None and self.name not in _MEASURES:
            self.withdraw(LastOfBoth, axes.state[1])

    def ints(self, position: int, name: str) -> tuple[int, ...] | None:
        """Integers given one by one or as a sequence from this position on."""
        value = self.get(position, name)
        if isinstance(value, (tuple, list)):
            return tuple(int(v) for v in value)
        if value is None:
            return None
        if position < len(self.args):
            rest = self.args[position:]
            if all(isinstance(v, int) for v in rest):
                return tuple(rest)
        return (int(value),) if isinstance(value, int) else None

    # -- results --------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the (only) result."""
        return shape_of(self.result)

    def new(self, items: Iterable[Axis], *, like: Axes | None = None) -> Axes:
        """The axes of a result of this operation."""
        return Axes(items, self.name, self.place, like=like)

    def moved(self, items: Iterable[Axis], source: Axes) -> Axes:
        """A result that holds the same values as one operand, laid out anew."""
        return Axes(items, self.name, self.place, like=source)

    def fresh(self, size: int, *, grown: str = "") -> Axis:
        """An axis of which nothing is known."""
        return Axis((Part(Identity(self.name, self.place), size),), grown=grown)

    def unknown(self, shape: Iterable[int]) -> Axes:
        """A result of which nothing is known."""
        return self.new(self.fresh(size) for size in shape)

    # -- the source -----------------------------------------------------------------------

    @property
    def expression(self) -> ast.AST | None:
        """The expression in the user's file that is this call, if the call stands there."""
        found = self._found()
        return found[1] if found else None

    @property
    def source(self) -> Source | None:
        """The user's file."""
        found = self._found()
        return found[0] if found else None

    def _found(self) -> tuple[Source, ast.AST] | None:
        if isinstance(self._node, bool):
            frame = self.frames[0] if self.frames else None
            self._node = self.tracker.sizes.node(frame.f_code, frame.f_lasti) if frame else None
        return self._node

    @property
    def written(self) -> ast.Call | None:
        """The call as written, where the user's line calls this very operation by its name."""
        node = self.expression
        if not isinstance(node, ast.Call):
            return None
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        called = node.func.id if isinstance(node.func, ast.Name) else called
        return node if called in (self.name, f"{self.name}_") else None

    def written_argument(self, position: int, name: str, *, method: bool) -> ast.expr | None:
        """The expression of one argument. `method` counts the receiver as position 0."""
        node = self.written
        if node is None or any(isinstance(a, ast.Starred) for a in node.args):
            return None
        for keyword in node.keywords:
            if keyword.arg == name:
                return keyword.value
        index = position - 1 if method and self.called_as_method else position
        return node.args[index] if 0 <= index < len(node.args) else None

    @property
    def called_as_method(self) -> bool:
        """True for `x.view(…)`, False for `torch.reshape(x, …)`."""
        node = self.written
        if node is None or not isinstance(node.func, ast.Attribute):
            return False
        return text_of(node.func.value) not in _MODULES

    def operand_text(self, position: int) -> str:
        """The expression of an operand as written, "" where it is not told."""
        return text_of(self.operand_node(position))

    def operand_node(self, position: int) -> ast.expr | None:
        """The expression of an operand."""
        node = self.expression
        if isinstance(node, ast.BinOp):
            return (node.left, node.right)[position] if position < 2 else None
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            return (node.left, node.comparators[0])[position] if position < 2 else None
        if isinstance(node, ast.AugAssign):
            return (node.target, node.value)[position] if position < 2 else None
        if isinstance(node, ast.Subscript):
            return node.slice if position else node.value
        if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
            return None
        if self.called_as_method and isinstance(node.func, ast.Attribute):
            if position == 0:
                return node.func.value
            position -= 1
        return node.args[position] if position < len(node.args) else None

    def argument_text(self, argument: str) -> str:
        """The expression of a module's argument as written; states stand second, in a tuple."""
        node = self.expression
        if not isinstance(node, ast.Call):
            return ""
        named = next((k.value for k in node.keywords if k.arg == argument), None)
        if named is not None or any(isinstance(a, ast.Starred) for a in node.args):
            return text_of(named)
        at = {"input": 0, "query": 0, "src": 0, "key": 1, "memory": 1, "h_0": 1, "c_0": 1}
        position = at.get(argument, 1 if argument == "tgt" and len(node.args) > 1 else 0)
        if position >= len(node.args):
            return ""
        given = node.args[position]
        if argument in ("h_0", "c_0") and isinstance(given, ast.Tuple) and len(given.elts) == 2:
            given = given.elts[argument == "c_0"]
        return text_of(given)

    # -- facts ----------------------------------------------------------------------------

    def operand(self, value: Tensor, position: int = 0) -> Operand:
        """An operand as a plain value."""
        return self.described(self.track(value), self.operand_text(position), str(value.dtype))

    @staticmethod
    def described(axes: Axes, text: str = "", dtype: str = "") -> Operand:
        """Axes as a plain value."""
        return Operand(
            text=text,
            shape=axes.shape,
            axes=tuple(view_of(axis) for axis in axes.items),
            dtype=dtype.removeprefix("torch."),
            made_by=axes.made_by,
            made_at=axes.made_at,
            lost=tuple(view_of(axis) for axis in axes.lost),
        )

    def emit(self, fact: Any) -> None:
        """Record a fact."""
        self.tracker.emit(fact)

    def withdraw(self, kind: type[Fact], made: Place) -> None:
        """What stands at `made` is meant: no fact of this kind holds of it."""
        self.tracker.gathered.withdraw(kind, made)

    def reads(self, axis: Axis, role: Role, contract: str, position: int = -1) -> None:
        """Note that this operation reads an axis as something."""
        if axis.single is not None:
            axis.single.witness(Witness(role, self.place, contract, "contract", position=position))


def positive(dim: int, rank: int) -> int:
    """A dim counted from the front."""
    return dim + rank if dim < 0 else dim
