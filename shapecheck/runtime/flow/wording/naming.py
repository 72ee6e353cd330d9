"""What the user's line calls the states of a recurrent layer: `out, (h, c) = lstm(x)`."""

from __future__ import annotations

import ast
import re

from shapecheck.core.sums import StatesNamed
from shapecheck.runtime.flow.call import Call
from shapecheck.runtime.flow.wording.reading import text_of

_CELL = re.compile(r"(^|_)(c|cell|cn|ct|c0|c1)(_|$)|cell_?states?$", re.IGNORECASE)
_HIDDEN = re.compile(r"(^|_)(h|hid|hidden|hn|ht|h0|h1)(_|$)|hidden_?states?$", re.IGNORECASE)


def named(call: Call) -> None:
    """An LSTM gives (hidden, cell): record names that say it the other way round."""
    node, source = call.expression, call.source
    around = source.parent(node) if node is not None and source is not None else None
    if not isinstance(around, ast.Assign) or around.value is not node:
        return
    for target in around.targets:
        if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
            continue
        states = target.elts[1]
        if isinstance(states, ast.Tuple) and len(states.elts) == 2:
            first, second = (text_of(e).rpartition(".")[2] for e in states.elts)
            if _is(_CELL, _HIDDEN, first) and _is(_HIDDEN, _CELL, second):
                call.emit(StatesNamed(call.place, call.name, (first, second)))


def _is(one: re.Pattern[str], other: re.Pattern[str], name: str) -> bool:
    return bool(one.search(name)) and not other.search(name)
