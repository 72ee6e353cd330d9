"""jaxtyping and typeguard as the judge of one value against one annotation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import walk_tb
from typing import Any

import jaxtyping
from jaxtyping import AnnotationError
from typeguard import (
    CollectionCheckStrategy,
    ForwardRefPolicy,
    TypeCheckConfiguration,
    TypeCheckError,
    check_type_internal,
)

from shapecheck.core.evidence import Binding, Observation
from shapecheck.runtime.judging.annotation import annotation_text
from shapecheck.runtime.judging.checkers import JudgeMemo, TensorRefused, steps_of
from shapecheck.runtime.judging.scope import Scope, current_memos, restore_memos
from shapecheck.runtime.observe import observe, parts

_CONFIG = TypeCheckConfiguration(
    forward_ref_policy=ForwardRefPolicy.ERROR,
    collection_check_strategy=CollectionCheckStrategy.ALL_ITEMS,
)
_JAXTYPING = str(Path(jaxtyping.__file__).parent)
_LONGEST_KEY = 40


@dataclass
class Names:
    """Where names in string annotations are looked up; with `symbols`, sizes may be symbols."""

    globals: dict[str, Any]
    locals: dict[str, Any] = field(default_factory=dict)
    self_type: type | None = None
    symbols: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why the judge refused: which element, what was declared and seen there, in plain values.

    `leaf` is jaxtyping's class for the tensor that was refused, or None where something that is
    no tensor annotation was. `values` are the formatted texts of its symbolic axes; `wrong_type`
    says that the value is no instance of its array type.
    """

    said: str
    element: str
    actual: Observation
    text: str
    leaf: Any = None
    bindings: tuple[Binding, ...] = ()
    values: dict[str, str] | None = None
    wrong_type: bool = False


class Unresolved(Exception):
    """A name in the annotation that does not exist at run time (under TYPE_CHECKING, say)."""


class Unreadable(Exception):
    """An annotation that jaxtyping cannot read or evaluate as it is written."""


def judge(
    value: object,
    annotation: Any,
    scope: Scope,
    names: Names,
    source: str,
    *,
    line: int = 0,
    keep: bool = True,
) -> Refusal | None:
    """None where the value satisfies the annotation under the bindings of `scope`.

    New bindings are credited to `source` (at `line`), or forgotten again without `keep`. Where
    the value is refused the scope is left as it was. Raises Unresolved or Unreadable where there
    is nothing to judge by, Sizeless where there is nothing to judge.
    """
    memo = JudgeMemo(names.globals, names.locals, self_type=names.self_type, config=_CONFIG)
    memo.symbols = names.symbols
    with scope:
        before = current_memos()
        kept = False
        try:
            check_type_internal(value, annotation, memo)
            kept = keep
        except TypeCheckError as error:
            return _refusal(error, value, annotation, scope, source)
        except AnnotationError as error:
            raise Unreadable(str(error)) from None
        except NameError as error:
            raise Unresolved(missing_name(error)) from None
        except ValueError as error:
            if raised_by_jaxtyping(error):
                raise Unreadable(str(error)) from None
            raise
        finally:
            if not kept:
                restore_memos(before)
        if kept:
            scope.attribute(source, line)
    return None


def missing_name(error: NameError) -> str:
    """Why an annotation with an unknown name is not checked."""
    return f"`{getattr(error, 'name', None) or error}` does not exist at run time"


def raised_by_jaxtyping(error: BaseException) -> bool:
    """True where jaxtyping raised: it could not read a shape string."""
    last = ""
    for frame, _ in walk_tb(error.__traceback__):
        last = frame.f_code.co_filename
    return last.startswith(_JAXTYPING)


def _refusal(
    error: TypeCheckError, value: object, annotation: Any, scope: Scope, source: str
) -> Refusal:
    steps = steps_of(error)
    element = "".join(map(_subscript, steps))
    if isinstance(error, TensorRefused):
        return Refusal(
            said=str(error.args[0]),
            element=element,
            actual=error.actual,
            text=error.text,
            leaf=error.leaf,
            bindings=scope.bindings(error.memos, source),
            values=error.values,
            wrong_type=error.wrong_type,
        )
    part = _part(value, steps)
    seen = observe(part)
    return Refusal(
        said=str(error.args[0]),
        element=element,
        actual=seen if seen.shape is not None else replace(seen, type=parts(part)),
        text=annotation_text(annotation),
        bindings=scope.bindings(pending=source),
    )


def _subscript(step: str) -> str:
    """typeguard's words for a step into a value, as Python: `item 1` → `[1]`."""
    if found := re.fullmatch(r"item (\d+)", step):
        return f"[{found[1]}]"
    if found := re.fullmatch(r"attribute '(.*)'", step):
        return f".{found[1]}"
    if found := re.fullmatch(r"(value of )?key (.*)", step, re.DOTALL):
        key = found[2] if len(found[2]) <= _LONGEST_KEY else "…"
        return f"[{key}]" if found[1] else f" (key {key})"
    return " (an item)"  # of a set: typeguard shows its contents, we do not


def _part(value: Any, steps: list[str]) -> Any:
    """What the steps lead to inside a value, as far as they can be followed."""
    for step in steps:
        if found := re.fullmatch(r"item (\d+)", step):
            value = value[int(found[1])]
        elif found := re.fullmatch(r"attribute '(.*)'", step):
            value = getattr(value, found[1])
        elif found := re.fullmatch(r"value of key (.*)", step, re.DOTALL):
            value = next(v for k, v in value.items() if repr(k) == found[1])
        else:
            break
    return value
