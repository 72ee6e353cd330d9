"""Code is exchanged in functions wherever they are kept, and put back to the byte."""

import ast
import asyncio
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from shapecheck.check import install
from shapecheck.core.finding import ShapeError
from shapecheck.runtime.mutate import CannotSwap, Exchange, LiveModule, Witness, plain

CODE = """
import functools

def deco(f):
    @functools.wraps(f)
    def wrapper(*a, **k):
        return f(*a, **k)
    return wrapper

def free():
    return "old"

@deco
@deco
def wrapped():
    return "old"

class Things:
    @property
    def prop(self):
        return "old"

    @functools.cached_property
    def cached(self):
        return "old"

    @staticmethod
    def static():
        return "old"

    @classmethod
    @deco
    def klass(cls):
        return "old"

    def method(self):
        return super().__repr__() and "old"

def make(n):
    def inner():
        return "old" if n else n
    return inner

kept = make(1)
pair = (lambda: "old", lambda: "old")

def gen():
    yield "old"

async def coro():
    return "old"

@functools.lru_cache
def cached():
    return "old"
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    file = tmp_path / "things_that_live.py"
    file.write_text(CODE)
    yield load(file)
    del sys.modules["things_that_live"]


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def live(module: ModuleType) -> LiveModule:
    assert module.__file__ is not None
    return LiveModule(module.__file__, Path(module.__file__).read_text())


def new(module: ModuleType, text: str = '"new"') -> ast.Module:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text().replace('"old"', text))


WAYS: dict[str, Callable[[ModuleType], object]] = {
    "free": lambda m: m.free(),
    "wrapped": lambda m: m.wrapped(),
    "prop": lambda m: m.Things().prop,
    "cached_property": lambda m: m.Things().cached,
    "static": lambda m: m.Things.static(),
    "klass": lambda m: m.Things.klass(),
    "method": lambda m: m.Things().method(),
    "inner": lambda m: m.make(1)(),
    "kept": lambda m: m.kept(),
    "first lambda": lambda m: m.pair[0](),
    "second lambda": lambda m: m.pair[1](),
    "gen": lambda m: next(m.gen()),
    "coro": lambda m: asyncio.run(m.coro()),
    "lru_cache": lambda m: m.cached.__wrapped__(),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_function_is_found_wherever_it_is_kept(module: ModuleType, way: str) -> None:
    call = WAYS[way]
    with live(module).prepared(new(module)).made():
        assert call(module) == "new"
    assert call(module) == "old"


def test_everything_is_as_it_was_after_an_error_too(module: ModuleType) -> None:
    code, defaults = module.free.__code__, vars(module.free).copy()
    exchange = live(module).prepared(new(module))
    with pytest.raises(KeyboardInterrupt), exchange.made():
        raise KeyboardInterrupt
    assert module.free.__code__ is code
    assert vars(module.free) == defaults


def test_code_with_other_free_variables_is_refused_and_nothing_stays(module: ModuleType) -> None:
    exchange = live(module).prepared(new(module, '"new" or __class__'))
    before = module.free.__code__
    with pytest.raises(CannotSwap), exchange.made():
        pass
    assert module.free.__code__ is before
    assert module.Things.static() == "old"


def test_only_what_differs_is_exchanged(module: ModuleType) -> None:
    text = CODE.replace('def free():\n    return "old"', 'def free():\n    return "new"')
    assert len(live(module).prepared(ast.parse(text))) == 1
    assert len(live(module).prepared(ast.parse(CODE))) == 0


def test_a_part_of_the_module_is_enough(module: ModuleType) -> None:
    tree = new(module)
    part = ast.Module([s for s in tree.body if getattr(s, "name", "") == "free"], [])
    with live(module).prepared(part).made():
        assert module.free() == "new"
        assert module.wrapped() == "old"


def test_code_that_is_not_what_the_file_says_is_not_touched(module: ModuleType) -> None:
    module.free.__code__ = module.free.__code__.replace(co_consts=(None, "patched"))
    with live(module).prepared(new(module)).made():
        assert module.free() == "patched"


def test_a_file_that_nothing_was_imported_from_is_not_alive(tmp_path: Path) -> None:
    file = tmp_path / "never.py"
    file.write_text(CODE)
    assert not LiveModule(str(file), CODE).alive


def test_functions_under_the_import_hook_are_exchanged_and_still_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shapecheck.verify.workshop import guarded

    code = (
        "from jaxtyping import Float\nfrom torch import Tensor\n"
        'def f(x: Float[Tensor, "a b"]) -> Float[Tensor, "b a"]:\n'
        '    y: Float[Tensor, "b a"] = x.T\n    return y\n'
    )
    (tmp_path / "hooked_for_mutation.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    with install("hooked_for_mutation"):
        import hooked_for_mutation as module  # type: ignore[import-not-found]
    file = str(module.__file__)
    assert not LiveModule(file, code, (plain,)).alive
    alive = LiveModule(file, code, (plain, guarded))
    wrong = alive.prepared(ast.parse(code.replace("x.T", "x")))
    with wrong.made(), pytest.raises(ShapeError, match="`y`"):
        module.f(torch.zeros(2, 3))
    assert module.f(torch.zeros(2, 3)).shape == (3, 2)
    del sys.modules["hooked_for_mutation"]


def test_a_witness_gives_back_what_it_sees_and_remembers_shapes_alone() -> None:
    witness = Witness("__heard__", most=2)
    value = torch.zeros(2, 3)
    with witness.listening():
        assert __heard__(4, value) is value  # type: ignore[name-defined]
        assert __heard__(4, "text") == "text"  # type: ignore[name-defined]
        __heard__(4, 1.5)  # type: ignore[name-defined]
    assert list(witness.seen[4]) == [("Tensor", (2, 3)), ("str", None)]
    with pytest.raises(NameError):
        __heard__(4, value)  # type: ignore[name-defined]


def test_an_exchange_of_nothing_is_false() -> None:
    assert not Exchange([])
