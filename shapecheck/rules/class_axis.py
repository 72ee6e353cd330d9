"""A loss, softmax or argmax reads another axis as the classes."""

from __future__ import annotations

from collections.abc import Iterator

from shapecheck.core.asked import AllAveraged, TargetsAcross
from shapecheck.core.axis import Role
from shapecheck.core.facts import AxisView, ClassAxis, Fact, Normalised, at_odds
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.rule import Rule
from shapecheck.rules._axes import because, featured, finding, line, named, read_as, shape, single

_CHOOSING = ("argmax", "max", "softmax", "log_softmax", "multinomial", "topk")
_ASKED = ("all", "any", "cosine_similarity")
_OF_VECTORS = ("cosine_similarity", "normalize")
_DRAWS = frozenset(("samples", "n_samples", "nsamples", "n_sample"))
_LAYERS = ("linear", "softmax", "log_softmax")


def check(fact: Fact) -> Iterator[Finding]:
    """The class axis of a loss, and normalisations of scores over the batch."""
    if isinstance(fact, ClassAxis):
        yield from _loss(fact)
    elif isinstance(fact, Normalised) and _among_best(fact):
        yield _hits(fact)
    elif isinstance(fact, Normalised):
        yield from _over_batch(fact)
    elif isinstance(fact, AllAveraged):
        yield _of_all_samples(fact)
    elif isinstance(fact, TargetsAcross):
        yield _picked(fact)


def _among_best(fact: Normalised) -> bool:
    """True where it is asked of all samples together whether they have their own among the best."""
    axes = fact.operand.axes
    over = fact.operation == "any" and fact.position == 0 and len(axes) == 2
    return over and axes[1].origin == "topk" and min(axes[0].size, axes[1].size) > 1


def _hits(fact: Normalised) -> Finding:
    text = fact.operand.text or "x"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"any over axis 0 of {text} asks whether anyone has a hit at each rank: the best of each "
        "sample lie along axis 1",
        expected="any over axis 1, one answer for each sample",
        actual=shape(fact.operand),
        cause="topk left as many entries along axis 1 as it was asked for",
        remedy="dim=1",
    )


def _loss(fact: ClassAxis) -> Iterator[Finding]:
    read = fact.input.axes[fact.axis]
    if not single(read) or read.size == 1 or read.shared:
        return
    rest = [axis for i, axis in enumerate(fact.input.axes) if i != fact.axis]
    labelled = {axis.identity for axis in fact.target.axes if single(axis) and axis.size > 1}
    same = read.identity in labelled and not any(a.identity == read.identity for a in rest)
    same = same and not fact.counted
    alike = any(axis.role is read.role for axis in rest)
    odd = read.sure and at_odds(read.role, Role.CLASS) and not alike
    normalised = [i for i, axis in enumerate(fact.input.axes) if axis.normalised]
    if normalised and fact.axis not in normalised and not (same or odd):
        yield _normalised_elsewhere(fact, normalised[0])
    if not (same or odd):
        return
    last = len(fact.input.axes) - 1
    why = (
        f"the target has this axis too: {shape(fact.target)}" if same else because(read, fact.place)
    )
    text = fact.input.text or "input"
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.loss} reads axis {fact.axis} of {text} as the classes, but it is {named(read)}",
        expected="(batch, class, …)",
        actual=shape(fact.input),
        cause=why,
        remedy=f"{text}.transpose({fact.axis}, {last})" if last > fact.axis else "",
    )


def _normalised_elsewhere(fact: ClassAxis, at: int) -> Finding:
    where = fact.input.axes[at].normalised
    return finding(
        fact,
        RULE.slug,
        Severity.ERROR,
        f"{fact.loss} reads axis {fact.axis} as the classes, but the softmax "
        f"({line(where, fact.place)}) ran over axis {at}",
        expected=f"a softmax over axis {fact.axis}, the classes",
        actual=shape(fact.input),
        cause="the probabilities of one sample do not add up to one",
        remedy=f"dim={fact.axis}",
    )


def _over_batch(fact: Normalised) -> Iterator[Finding]:
    axes = fact.operand.axes
    axis = axes[fact.position]
    if fact.operation == "kl_div":
        yield _distilled(fact)
        return
    if fact.operation in _OF_VECTORS and len(axes) > 2:
        if not featured(axis) and featured(axes[-1]):
            yield _beside_features(fact)
        return
    others = [a for i, a in enumerate(axes) if i != fact.position and a.size > 1]
    classes = [i for i, a in enumerate(axes) if i != fact.position and _scored(a)]
    if fact.operation in _CHOOSING and classes and not read_as(axis, Role.CLASS):
        yield _beside_classes(fact, classes[0])
        return
    if fact.operation == "max":
        return  # the largest of all samples is a fair question, where nothing says they are classes
    if axis.role is not Role.BATCH or axis.size == 1 or not others:
        return
    if any(_samples(a) or a.identity == axis.identity for a in others) or _drawn(fact):
        return  # similarities between samples, or what was drawn for one decision
    if len(axes) > 2 and not fact.implicit:
        return
    if fact.operation in ("topk", "multinomial") and not axis.sure:
        return
    if fact.operation in ("argmax", "topk") and fact.operand.made_by not in _LAYERS:
        return
    if fact.operation in _ASKED and (not axis.sure or any(a.role is Role.TIME for a in others)):
        return  # which steps are padding in all samples is a fair question
    dim = "dim left out" if fact.implicit else f"dim={fact.position}"
    yield finding(
        fact,
        RULE.slug,
        Severity.ERROR if fact.implicit and axis.sure else Severity.WARNING,
        f"{fact.operation} with {dim} runs over {named(axis)}: samples "
        f"{'are mixed' if fact.operation in _ASKED else 'compete with one another'}",
        expected=f"dim={len(axes) - 1}, within each sample",
        actual=shape(fact.operand),
        cause=because(axis, fact.place),
        remedy=f"dim={len(axes) - 1}",
    )


def _scored(axis: AxisView) -> bool:
    """True for what a loss read as classes; one index of them is a step that was picked."""
    return axis.size > 1 and read_as(axis, Role.CLASS)


def _drawn(fact: Normalised) -> bool:
    """True for what is only called samples: draws, candidates, particles of something in front."""
    axis = fact.operand.axes[fact.position]
    words = {name.rpartition(".")[2].lower().removeprefix("num_") for name in axis.names}
    return fact.position > 0 and bool(words) and words <= _DRAWS and not axis.reads


def _samples(axis: AxisView) -> bool:
    """True for an axis of samples, if merged with another: hypotheses of each of them."""
    return any(part.role is Role.BATCH for part in (axis, *axis.parts))


def _beside_features(fact: Normalised) -> Finding:
    last = len(fact.operand.axes) - 1
    axis = fact.operand.axes[fact.position]
    other = "" if axis.label == "?" else f", {named(axis)}"
    dim = "dim left out" if fact.implicit else f"dim={fact.position}"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} with {dim} runs over axis {fact.position}{other}, but the features of a "
        f"layer are axis {last}",
        expected=f"dim={last}: one vector at each place",
        actual=shape(fact.operand),
        cause=f"axis {last} is what {_maker(fact.operand.axes[last])} gives",
        remedy=f"dim={last}",
    )


def _distilled(fact: Normalised) -> Finding:
    axis, last = fact.operand.axes[fact.position], len(fact.operand.axes) - 1
    other = "" if axis.label == "?" else f", {named(axis)}"
    where = f" ({line(axis.normalised, fact.place)})" if axis.normalised else ""
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"kl_div compares distributions over axis {fact.position}{other}{where}, but the scores "
        f"of a layer are axis {last}",
        expected=f"both softmaxes with dim={last}: one distribution at each place",
        actual=shape(fact.operand),
        cause=f"axis {last} is what {_maker(fact.operand.axes[last])} gives",
        remedy=f"dim={last}",
    )


def _picked(fact: TargetsAcross) -> Finding:
    scores, targets = fact.scores.text or "the scores", fact.targets.text or "the targets"
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{targets} pick one entry along axis {fact.along} each, but {scores} add up to one along "
        f"axis {fact.axis} ({line(fact.made, fact.place)})",
        expected=f"a softmax over axis {fact.along}, where the targets are one-hot",
        actual=shape(fact.scores),
        cause="a cross entropy compares two distributions over the same classes",
        remedy=f"dim={fact.along}",
    )


def _of_all_samples(fact: AllAveraged) -> Finding:
    samples, outputs = fact.operand.shape
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} over axis 0 ({line(fact.asked, fact.place)}) asks {fact.operation} "
        f"{samples} samples at once for each of the {outputs} outputs of a layer: their mean is "
        "no share of the samples",
        expected=f"{fact.operation}(dim=1), one answer for each of {samples} samples",
        actual=shape(fact.operand),
        cause=f"axis 1 is what {_maker(fact.operand.axes[1])} gives for one sample",
        remedy="dim=1",
    )


def _maker(axis: AxisView) -> str:
    return axis.origin if axis.origin.startswith("nn.") else "a layer"


def _beside_classes(fact: Normalised, at: int) -> Finding:
    read = next(w for w in fact.operand.axes[at].reads if w.role is Role.CLASS)
    return finding(
        fact,
        RULE.slug,
        Severity.WARNING,
        f"{fact.operation} runs over axis {fact.position}, but the classes are axis {at}",
        expected=f"dim={at}",
        actual=shape(fact.operand),
        cause=f"{read.text} ({line(read.place, fact.place)})",
        remedy=f"dim={at}",
    )


RULE = Rule(
    "class-axis",
    Severity.ERROR,
    "A loss, softmax or argmax reads another axis as the classes.",
    Fact,
    check,
)
