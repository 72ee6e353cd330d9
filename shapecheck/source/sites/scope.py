"""What a name stands for, as far as the text tells: an imported module, a tensor, something else.

Nothing here is sure; it keeps lists, strings and `os.path.split` out of the sites, and lets in
an index only where something says that a tensor is indexed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum

ARRAY_MODULES = ("torch", "numpy", "einops", "jax")
_KNOW_ARRAYS = (
    *ARRAY_MODULES,
    "jaxtyping",
    "torchvision",
    "torchaudio",
    "lightning",
    "transformers",
)


class Value(Enum):
    """What a value is, as far as the text tells."""

    TENSOR = "tensor"
    OTHER = "other"
    UNKNOWN = "unknown"


_WORDS = {
    "methods": """tolist item numpy size dim ndimension numel stride split chunk unbind tensor_split
        vsplit hsplit topk sort backward element_size data_ptr is_contiguous storage type device""",
    "functions": """save load no_grad enable_grad inference_mode manual_seed device dtype Generator
        is_tensor set_grad_enabled get_default_dtype compile finfo iinfo""",
    "builtins": """len range list tuple dict set str int float bool sorted zip enumerate open print
        repr reversed map filter isinstance type id input bytes frozenset format getattr""",
    "types": """list tuple dict set frozenset int float str bool bytes type List Tuple Dict Set
        Sequence Iterable Iterator Mapping Callable Path None""",
}
_GIVES_OTHER, _TORCH_OTHER, _BUILTIN_OTHER, _CONTAINERS = (
    frozenset(words.split()) for words in _WORDS.values()
)
_PAIRS_IF_DIM = frozenset(("max", "min", "median", "mode", "cummax", "cummin", "kthvalue"))
_DISPLAYS = (
    *(ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Lambda),
    *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp),
)


def annotated(annotation: ast.expr | None) -> Value:
    """What an annotation says: `Float[Tensor, "…"]`, `Tensor | None`, `list[…]`, `int`."""
    match annotation:
        case None:
            return Value.UNKNOWN
        case ast.Constant(value=str(text)):
            try:
                return annotated(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return Value.UNKNOWN
        case ast.Constant(value=None):
            return Value.OTHER
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            sides = {annotated(left), annotated(right)}
            return Value.TENSOR if Value.TENSOR in sides else _agree(sides)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _by_type_name(name)
        case ast.Subscript(value=head, slice=inner):
            return _annotated_subscript(head, inner)
    return Value.UNKNOWN


def _annotated_subscript(head: ast.expr, inner: ast.expr) -> Value:
    name = head.id if isinstance(head, ast.Name) else getattr(head, "attr", "")
    if name in ("Optional", "Annotated", "Final", "ClassVar"):
        return annotated(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    if name in _CONTAINERS:
        return Value.OTHER
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    return annotated(parts[0]) if annotated(parts[0]) is Value.TENSOR else Value.UNKNOWN


def _by_type_name(name: str) -> Value:
    if name.endswith("Tensor") or name in ("ndarray", "Array", "Parameter"):
        return Value.TENSOR
    return Value.OTHER if name in _CONTAINERS else Value.UNKNOWN


def _agree(values: set[Value]) -> Value:
    return values.pop() if len(values) == 1 else Value.UNKNOWN


@dataclass
class Scope:
    """The names of a function (or module), and those of what it stands in."""

    outer: Scope | None = None
    names: dict[str, Value] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)

    def learn(self, name: str, value: Value) -> None:
        """A binding seen. What was a tensor stays one when it is bound to what is not known."""
        seen = {value, self.names.get(name, value)}
        tensor = seen == {Value.TENSOR, Value.UNKNOWN}
        self.names[name] = Value.TENSOR if tensor else _agree(seen)

    def name(self, name: str) -> Value:
        """What a name stands for here."""
        if name in self.names:
            return self.names[name]
        return self.outer.name(name) if self.outer else Value.UNKNOWN

    def binds(self, name: str) -> bool:
        """Whether the code itself gives a name its meaning."""
        return name in self.names or (self.outer is not None and self.outer.binds(name))

    def module(self, name: str) -> str:
        """The dotted name that an imported name stands for, or "" if it is not imported."""
        if name in self.modules:
            return self.modules[name]
        return self.outer.module(name) if self.outer and name not in self.names else ""

    def dotted(self, node: ast.expr) -> str:
        """`torch.nn.LSTM` for `nn.LSTM` after `from torch import nn`; "" for what is no import."""
        match node:
            case ast.Name(id=name):
                return self.module(name)
            case ast.Attribute(value=value, attr=attr):
                base = self.dotted(value)
                return f"{base}.{attr}" if base else ""
        return ""

    def value(self, node: ast.expr) -> Value:
        """What an expression gives."""
        match node:
            case ast.Name(id=name):
                if self.module(name) or (name in _CONTAINERS and not self.binds(name)):
                    return Value.OTHER
                return self.name(name)
            case ast.Call():
                return self._call(node)
            case ast.Attribute(value=value, attr=attr):
                return self._attribute(value, attr)
            case ast.Subscript(value=value):
                inner = self.value(value)
                return inner if inner is Value.TENSOR else Value.UNKNOWN
            case ast.BinOp(left=left, right=right):
                sides = {self.value(left), self.value(right)}
                return Value.TENSOR if Value.TENSOR in sides else _agree(sides)
            case ast.UnaryOp(operand=operand):
                return self.value(operand)
            case ast.IfExp(body=body, orelse=orelse):
                return _agree({self.value(body), self.value(orelse)})
            case ast.NamedExpr(value=value):
                return self.value(value)
            case _ if isinstance(node, _DISPLAYS):
                return Value.OTHER
        return Value.UNKNOWN

    def _attribute(self, value: ast.expr, attr: str) -> Value:
        if attr in ("shape", "dtype", "device", "ndim", "requires_grad"):
            return Value.OTHER
        if self.value(value) is Value.TENSOR and attr in ("T", "mT", "H", "data", "grad", "real"):
            return Value.TENSOR
        return Value.OTHER if self.dotted(value) else Value.UNKNOWN

    def _call(self, node: ast.Call) -> Value:
        name = self.dotted(node.func)
        if name:
            return self._imported_call(name, node)
        match node.func:
            case ast.Name(id=builtin) if builtin in _BUILTIN_OTHER and builtin not in self.names:
                return Value.OTHER
            case ast.Attribute(value=value, attr=attr):
                inner = self.value(value)
                if inner is Value.TENSOR:
                    pair = attr in _PAIRS_IF_DIM and (node.args or node.keywords)
                    return Value.OTHER if attr in _GIVES_OTHER or pair else Value.TENSOR
                if isinstance(value, (ast.Constant, ast.JoinedStr)):
                    return Value.OTHER
        return Value.UNKNOWN

    def _imported_call(self, name: str, node: ast.Call) -> Value:
        head, _, tail = name.rpartition(".")
        if name.split(".")[0] not in ARRAY_MODULES:
            return Value.UNKNOWN
        if head in ("torch", "torch.nn.functional", "numpy", "torch.linalg", "einops"):
            pair = tail in _PAIRS_IF_DIM and len(node.args) + len(node.keywords) > 1
            other = tail in _TORCH_OTHER or tail in _GIVES_OTHER or pair
            return Value.OTHER if other or tail[0].isupper() else Value.TENSOR
        return Value.TENSOR if name == "torch.nn.Parameter" else Value.UNKNOWN

    def is_foreign(self, node: ast.expr) -> bool:
        """Whether an expression hangs on an imported module that knows no arrays (`os.path`)."""
        name = self.dotted(node)
        return bool(name) and name.split(".")[0] not in ARRAY_MODULES


def knows_arrays(tree: ast.Module) -> bool:
    """Whether a module imports a library of arrays, at any place in it."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(_first(a.name) in _KNOW_ARRAYS for a in names):
                return True
            case ast.ImportFrom(module=str(name)) if _first(name) in _KNOW_ARRAYS:
                return True
    return False


def _first(dotted: str) -> str:
    return dotted.split(".")[0]
