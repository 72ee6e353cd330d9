"""Code with the trace's probes in it computes, prints and raises what it does without."""

import ast
import asyncio
import contextlib
import io
import traceback
import warnings
from pathlib import Path
from typing import Any

import pytest

from shapecheck.runtime.trace_probes import instrument
from shapecheck.runtime.tracing import Tracing
from shapecheck.source.declarations import read_comments
from shapecheck.source.units import CodeUnit

PROGRAMS = Path(__file__).parents[1] / "programs"

SNIPPETS = {
    "targets": "a = b = [1, 2]\n(c, *d), e = (1, 2, 3), 4\na[0], x = 5, 6\na[1:] = (7, 8)\n",
    "generators are not consumed": "a, b = (n * n for n in (2, 3))\nc = (n for n in [1])\n"
    "d = list(c)\n",
    "private names": "class A:\n    __x = 1\n    def f(self, __y):\n        __z = self.__x + __y\n"
    "        return __z\nprint(A().f(2))\n",
    "super and closures": "class A:\n    def f(self): return 'A'\nclass B(A):\n    def f(self):\n"
    "        return super().f() + 'B'\nprint(B().f())\ndef g():\n    n = 0\n    def h():\n"
    "        nonlocal n\n        n += 1\n        return n\n    return h() + h()\nprint(g())\n",
    "docstrings": "'''module'''\ndef f(x):\n    '''function'''\n    return x\n"
    "print(__doc__, f.__doc__, f(3))\n",
    "only a docstring": "def f(x):\n    '''function'''\nprint(f(1), f.__doc__)\n",
    "future first": "from __future__ import annotations\nx: undefined = abs(1)\ny: int\n",
    "operators": "x = 3\nx += 2 * (x - 1)\n"
    "print(1 < x < 10, x if x else 0, not x, -x, [*range(x)])\n"
    "print(f'{x + 1!r:>4}', {'a': x, **{'b': 1}}, (lambda y: y + x)(1), {x for x in range(2)})\n",
    "walrus and while": "n = 3\nwhile (m := n - 1) > 0:\n    n = m\nprint(n, m)\n",
    "short circuit": "def boom(): raise SystemError\nx = None\ny = x and boom()\nz = 1 or boom()\n"
    "assert x is None or boom()\n",
    "order of evaluation": "seen = []\ndef f(n):\n    seen.append(n)\n    return n\n"
    "r = f(1) + f(2) * f(3)\nd = {f(4): f(5)}\nd[f(6)] = f(7)\nprint(seen)\n",
    "names of a frame": "def f(a, b=2):\n    c = a + b\n    return sorted(locals())\nprint(f(1))\n"
    "print(sorted(globals()))\n",
    "with and for": "import contextlib\nwith contextlib.nullcontext([1, 2]) as (a, b):\n"
    "    for i, (j, k) in enumerate([(a, b)]):\n        print(i, j, k)\n    else:\n"
    "        print('end')\n",
    "generators": "def g():\n    x = yield 1\n    y = yield x + 1\n    yield from [x, y]\n"
    "it = g()\nprint(next(it), it.send(4), it.send(5), list(it))\n",
    "match": "def f(p):\n    match p:\n        case [x, *rest]:\n            y = x\n"
    "            return y, rest\n        case _:\n            return None\n"
    "print(f([1, 2]), f(3))\n",
    "try": "def f():\n    try:\n        x = 1 / 0\n"
    "    except ZeroDivisionError as e:\n        y = e\n"
    "        return type(y)\n    finally:\n        print('last')\nprint(f())\n",
    "decorators and defaults": "def twice(f): return lambda *a, **k: [f(*a, **k)] * 2\n"
    "@twice\ndef f(x, /, y=[1], *args, z=3, **kw):\n    return x, y, args, z, kw\n"
    "print(f(0, 1, 2, z=4, w=5))\n",
    "deleted": "x = [1]\ndel x[0], x\nprint('x' in globals())\n",
}


def plain(text: str) -> tuple[str, str]:
    return run(ast.parse(text), {})


def run(tree: ast.Module, names: dict[str, Any]) -> tuple[str, str]:
    """What a program prints and what its names hold at the end."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, "snippet.py", "exec", dont_inherit=True), names)
    kinds = (int, str, list, tuple, dict, type(None))
    names.pop("__builtins__", None)
    return out.getvalue(), repr({k: v for k, v in names.items() if isinstance(v, kinds)})


def probed(text: str) -> tuple[Tracing, ast.Module]:
    unit = CodeUnit("snippet.py", text)
    tree, tracing = unit.tree(), Tracing()
    tracing.attach(tree, unit)
    return tracing, tree


@pytest.mark.parametrize("text", SNIPPETS.values(), ids=SNIPPETS.keys())
def test_nothing_changes(text: str) -> None:
    tracing, tree = probed(text)
    seen: list[int] = []
    tracing.listen(_Listener(seen))
    assert run(tree, {}) == plain(text)
    assert seen


class _Listener:
    def __init__(self, seen: list[int]) -> None:
        self.see = lambda number, value: seen.append(number)


def test_a_traceback_is_the_same() -> None:
    text = (
        "def f(x):\n    y = (x +\n         g(x))\n    return y\ndef g(x):\n    return x.no\nf(1)\n"
    )
    shown = []
    for tree in (ast.parse(text), probed(text)[1]):
        try:
            exec(compile(tree, "snippet.py", "exec"), {})
        except AttributeError as error:
            stack = traceback.extract_tb(error.__traceback__)[1:]
            shown.append([(f.name, f.lineno, f.colno, f.end_colno) for f in stack])
    assert len(shown) == 2
    assert shown[0] == shown[1]


def test_coroutines() -> None:
    text = "async def f(x):\n    y = await g(x)\n    async with c() as z:\n        y += z\n"
    text += "    return [v async for v in h()] + [y]\nasync def g(x): return x + 1\n"
    text += "async def h():\n    for v in range(2):\n        yield v\nimport contextlib\n"
    text += "@contextlib.asynccontextmanager\nasync def c():\n    yield 10\n"
    names: dict[str, Any] = {}
    exec(compile(probed(text)[1], "snippet.py", "exec"), names)
    assert asyncio.run(names["f"](1)) == [0, 1, 12]


def test_points_tell_what_is_where() -> None:
    text = "def f(x):\n    self.h, y = g(x.view(\n        2, 3))\n    return y @ x\n"
    points = probed(text)[0].points
    told = [(p.place.line, p.place.column, p.name, p.made_as, p.place.function) for p in points]
    assert sorted(told) == [
        (1, 6, "x", "argument", "f"),
        (2, 4, "self.h", "assigned", "f"),
        (2, 12, "y", "assigned", "f"),
        (2, 18, "x.view( 2, 3)", "step", "f"),
        (4, 4, "return", "returned", "f"),
    ]


def test_other_probes_are_looked_through() -> None:
    """Those of shape comments are put in first; the text of a step is still the author's."""
    text = "import torch\nx = torch.ones(2, 3).sum(0)  # (3,)\n"
    unit = CodeUnit("snippet.py", text)
    tree = unit.tree()
    from shapecheck.runtime.comments import CommentWatch

    names: dict[str, Any] = {}
    watch = CommentWatch("snippet.py")
    watch._file.attach(tree, read_comments(unit), names)
    tracing = Tracing()
    tracing.attach(tree, unit)
    exec(compile(tree, "snippet.py", "exec"), names)
    assert [p.name for p in tracing.points] == ["torch.ones(2, 3)", "x"]
    assert watch.evidence().moments


def test_every_program_we_have_can_be_instrumented() -> None:
    files = sorted(PROGRAMS.rglob("*.py"))
    assert len(files) > 100
    for file in files:
        text = file.read_text("utf-8")
        tree = ast.parse(text)
        points = instrument(tree, str(file), text, 1, "__shapecheck_trace_0_", 0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # programs that are odd on purpose
            compile(tree, str(file), "exec", dont_inherit=True)
        assert points
