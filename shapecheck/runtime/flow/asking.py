"""What is asked of a tensor: whether all of it is right, how sure it is, how large it is to be."""

from __future__ import annotations

import ast
import linecache
import re
from contextlib import suppress

from torch import Tensor
from torch.nn import Parameter

from shapecheck.core.asked import AllAveraged, ConfidenceOfAll, SizesTurned, TargetsAcross
from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisReading, Normalised
from shapecheck.runtime.flow.axes import Axes, Axis, view_of
from shapecheck.runtime.flow.call import Call, shape_of
from shapecheck.runtime.flow.statistics.normalised import softmaxed
from shapecheck.runtime.flow.wording.reading import text_of

_EQUALS = ("eq", "__eq__")
_QUESTIONS = ("all",)
_LARGEST = ("max", "amax")
_LINEAR = "nn.Linear"
_SIZED = ("interpolate", "upsample")
_OUTPUTS = re.compile(
    r"(?:num|n)_?(?:labels|outputs|targets|attributes|tags|classes)$", re.IGNORECASE
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_WIDTHS, _HEIGHTS = {"width", "w"}, {"height", "h"}
# `w, h = x.shape[2:]`: there the width stands before the height, whoever wrote it.
_WIDTH_FIRST = re.compile(
    r"(?<![a-z])w(?:idth)?\w*\s*,\s*\w*h(?:eight)?\w*\s*=.*\.(?:shape|size\()", re.IGNORECASE
)


def averaged(call: Call, source: Axes, dims: set[int]) -> None:
    """The share of outputs that are right for all samples, where that of samples was meant."""
    asked = source.root.reduced
    if source.root.reduced_by not in _QUESTIONS or asked is None or len(source.items) != 1:
        return
    if call.name != "mean" or dims != {0} or asked.made_by not in _EQUALS:
        return
    if len(asked.items) != 2 or source.items[0].single is not asked.items[1].single:
        return
    if _outputs(asked.items[1]) and not _outputs(asked.items[0]):
        where = source.root.made_at or call.place
        operand = call.described(asked, "")
        call.emit(AllAveraged(call.place, operand, source.root.reduced_by, where))


def weights(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor]) -> None:
    """The largest of all probabilities of all samples, times what is to be learned of each."""
    for (number, given), (whole, values) in ((left, right), (right, left)):
        source = number.root.reduced
        if number.items or source is None or number.root.reduced_by not in _LARGEST:
            continue
        normalised = softmaxed(source)
        if normalised is None or given.requires_grad or not values.requires_grad:
            continue
        at, _ = normalised
        several = sum(axis.size > 1 for axis in source.items) > 1
        if several and _of_each(whole.shape, source.shape, at):
            operands = call.described(source), call.described(whole, call.operand_text(1))
            made = number.root.made_at or call.place
            call.emit(ConfidenceOfAll(call.place, *operands, at, number.root.reduced_by, made))


def picked(call: Call, left: tuple[Axes, Tensor], right: tuple[Axes, Tensor]) -> None:
    """A cross entropy by hand: targets that are one-hot along another axis than the softmax ran."""
    for place, ((scores, one), (targets, other)) in enumerate(((left, right), (right, left))):
        normalised = softmaxed(scores)
        if normalised is None or one.shape != other.shape or other.requires_grad:
            continue
        if scores.root.made_by != "log_softmax":
            continue  # weights of attention may well be masked by what belongs to whom
        with suppress(RuntimeError):  # inside vmap or on the meta device values cannot be read
            hot = _hot_along(other)
            at, made = normalised
            if len(hot) == 1 and at not in hot and one.shape[at] > 1 and made is not None:
                texts = call.operand_text(place), call.operand_text(1 - place)
                operands = call.described(scores, texts[0]), call.described(targets, texts[1])
                call.emit(TargetsAcross(call.place, *operands, at, hot[0], made))


def _hot_along(values: Tensor) -> list[int]:
    """The axes along which every row holds one 1 and else 0."""
    flat = values.detach()
    if flat.dim() < 2 or not bool(((flat == 0) | (flat == 1)).all()):
        return []
    axes = [i for i, size in enumerate(flat.shape) if size > 1]
    return [i for i in axes if bool((flat.sum(i) == 1).all())]


def _of_each(shape: tuple[int, ...], source: tuple[int, ...], at: int) -> bool:
    """True for a number for each probability, or one for each set of them that adds up to one."""
    rest = source[:at] + source[at + 1 :]
    return shape in (source, rest, (*source[:at], 1, *source[at + 1 :]))


def distilled(call: Call, left: Axes, right: Axes) -> None:
    """Two distributions of scores are compared: those over what a layer gives, not over places."""
    one, other = softmaxed(left), softmaxed(right)
    if call.name != "kl_div" or one is None or other is None or one[0] != other[0]:
        return
    beside = len(left.items) > 2 and one[0] < len(left.items) - 1
    if beside and not _outputs(left.items[one[0]]) and _scores(left) and _scores(right):
        call.emit(Normalised(call.place, call.name, call.described(left, ""), one[0]))


def _scores(axes: Axes) -> bool:
    return axes.items[-1].size > 1 and _outputs(axes.items[-1])


def _outputs(axis: Axis) -> bool:
    """True for what a linear layer gives, by where it comes from or by what it is called."""
    view = view_of(axis)
    named = any(_OUTPUTS.search(name) for name in view.names)
    return view.origin.startswith(_LINEAR) or view.role is Role.CLASS or named


def fed(call: Call, x: Tensor, weight: Tensor) -> None:
    """A layer sums over the batch that a loader made, as if the samples were its features."""
    axes = call.track(x)
    if len(axes.items) < 2 or not isinstance(weight, Parameter) or not _loaded(axes.items[-1]):
        return
    if any(_loaded(axis) for axis in axes.items[:-1]):
        return  # of two samples at a time
    contract = "a linear layer reads its last axis as features"
    operand = call.operand(x)
    call.emit(
        AxisReading(
            call.place, call.name, contract, "input", operand, len(axes.items) - 1,
            Role.FEATURE, (), f"{operand.text or 'x'}.transpose(0, -1)",
        )
    )  # fmt: skip


def _loaded(axis: Axis) -> bool:
    single = axis.single
    return single is not None and any(w.kind == "loader" for w in single.declared)


def resized(call: Call, source: Axes) -> None:
    """Sizes that are called width and height, given to what takes the height first."""
    node = call.written_argument(1, "size", method=False)
    if call.name not in _SIZED or not isinstance(node, (ast.Tuple, ast.List)):
        return
    shape = shape_of(call.result)
    if len(node.elts) != 2 or len(shape) != 4 or shape[2] == shape[3]:
        return
    names = (text_of(node.elts[0]), text_of(node.elts[1]))
    if not (_says(node.elts[0], _WIDTHS, _HEIGHTS) and _says(node.elts[1], _HEIGHTS, _WIDTHS)):
        return
    if _wide_first(source) or any(_WIDTH_FIRST.search(line) for line in _lines(call)):
        return
    operand = call.described(source, call.operand_text(0))
    call.emit(SizesTurned(call.place, call.name, operand, names, (shape[2], shape[3])))


def _says(node: ast.expr, wanted: set[str], other: set[str]) -> bool:
    """True where the words of the names in an expression say the one and not the other."""
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    names += [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    words = {word.lower() for name in names for word in _WORDS.findall(name)}
    return bool(words & wanted) and not words & other


def _wide_first(axes: Axes) -> bool:
    """True for pictures that were laid out (…, width, height), by name."""
    high = view_of(axes.items[-2])
    said = {word.lower() for name in high.names for word in _WORDS.findall(name)}
    return high.role is Role.WIDTH or bool(said & _WIDTHS)


def _lines(call: Call) -> list[str]:
    return linecache.getlines(call.place.file)
