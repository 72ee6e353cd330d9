"""A worker's verdicts, on a small module and tests that are plain functions."""

import builtins
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

from shapecheck.core.ledger import Entry, Outcome, Pin, Verdict
from shapecheck.source.mutations import WITNESS
from shapecheck.source.sites import sites
from shapecheck.verify.failure import failure_of
from shapecheck.verify.journal import Journal, Reader
from shapecheck.verify.rerun import Outcome as RunOutcome
from shapecheck.verify.state import State
from shapecheck.verify.worker import work

Test = Callable[[ModuleType], object]
SHAPES = {
    "column": "return x.unsqueeze(1)",
    "only": "return x.squeeze(0)",
    "total": "return x.sum()",
    "weights": "return torch.softmax(x, dim=1)",
    "times": "return x @ y",
    "never": "return x.sum(0)",
}


class Runner:
    """Runs functions of a module as tests."""

    def __init__(self, module: ModuleType, tests: dict[str, Test]) -> None:
        self._module = module
        self._tests = tests
        self.items = list(tests)
        self.folders: list[Path] = []
        self.laws = False

    def run(self, item: str, laws: bool) -> RunOutcome:
        try:
            self._tests[item](self._module)
        except Exception as error:
            return RunOutcome(failure_of(error))
        return RunOutcome()


class Ground:
    """A module of shape functions, and the ledger that tests on it give."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.journal = folder / "journal"
        self.file = folder / "ground_to_stand_on.py"
        body = [f"def {name}(x, y=None):\n    {code}\n" for name, code in SHAPES.items()]
        self.write("import torch\n" + "\n".join(body))

    def write(self, code: str) -> None:
        self.file.write_text(code)
        spec = importlib.util.spec_from_file_location(self.file.stem, self.file)
        assert spec is not None
        assert spec.loader is not None
        self.module = importlib.util.module_from_spec(spec)
        sys.modules[self.file.stem] = self.module
        spec.loader.exec_module(self.module)

    def work(self, **tests: Test) -> State:
        found = sites(self.file.read_text(), str(self.file))
        work(Runner(self.module, tests), found, self.journal)
        return self.state()

    def state(self) -> State:
        state = State()
        for line in Reader(self.journal).news():
            state.take(line)
        return state


def by_function(state: State) -> dict[str, Entry]:
    return {entry.site.place.function: entry for entry in state.entries.values()}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    sys.modules.pop(made.file.stem, None)


def test_each_verdict_and_what_it_rests_on(ground: Ground) -> None:
    def shape(module: ModuleType) -> None:
        assert module.column(torch.ones(3)).shape == (3, 1)

    def batch_of_one(module: ModuleType) -> None:
        module.only(torch.ones(1, 3)).sum(0)

    def scalar(module: ModuleType) -> None:
        assert module.total(torch.ones(4)) == 4

    def same_shape(module: ModuleType) -> None:
        assert module.weights(torch.eye(3)).shape == (3, 3)

    def sizes(module: ModuleType) -> None:
        module.times(torch.ones(2, 3), torch.ones(3, 4))

    state = ground.work(a=shape, b=batch_of_one, c=scalar, d=same_shape, e=sizes)
    entries = by_function(state)
    assert state.done

    assert entries["column"].verdict is Verdict.VERIFIED
    assert entries["column"].pin is Pin.ASSERTION
    assert "assert" in entries["column"].mutants[0].message.lower()

    # squeeze(0) and squeeze() are equal on (1, 3), and differ on (1, 1).
    only = entries["only"]
    assert only.verdict is Verdict.UNVERIFIED
    assert only.survivor == "return x.squeeze()"
    assert "(1, 1)" in only.suggestion

    assert entries["total"].verdict is Verdict.EQUIVALENT
    assert entries["weights"].verdict is Verdict.UNVERIFIED
    assert "law" in entries["weights"].suggestion

    assert entries["times"].verdict is Verdict.VERIFIED
    assert entries["times"].pin is Pin.ERROR
    assert entries["never"].verdict is Verdict.NOT_REACHED


def test_the_product_of_two_vectors_is_equivalent_and_of_two_squares_is_not(
    ground: Ground,
) -> None:
    vectors = ground.work(a=lambda m: m.times(torch.ones(3), torch.ones(3)))
    assert by_function(vectors)["times"].verdict is Verdict.EQUIVALENT
    ground.journal.unlink()
    squares = ground.work(a=lambda m: m.times(torch.eye(3), torch.ones(3, 3)))
    assert by_function(squares)["times"].verdict is Verdict.UNVERIFIED


def test_a_declaration_that_would_notice_is_suggested_with_sizes_that_were_seen(
    ground: Ground,
) -> None:
    state = ground.work(a=lambda m: m.column(torch.ones(3)), b=lambda m: m.column(torch.ones(5)))
    suggestion = by_function(state)["column"].suggestion
    assert suggestion == 'declare the result: "a 1" takes what it gives now and refuses (3,)'


def test_tests_that_do_not_pass_twice_pin_nothing_and_are_named(ground: Ground) -> None:
    count: list[int] = []

    def once(module: ModuleType) -> None:
        assert module.column(torch.ones(3)).shape == (3, 1)
        count.append(1)
        assert len(count) < 2

    def never(module: ModuleType) -> None:
        raise ValueError("no")

    state = ground.work(a=once, b=never)
    reasons = {left.item: left.reason for left in state.left_out}
    assert reasons["a"].startswith("it passes once but not twice")
    assert reasons["b"] == "it does not pass when it is run again: ValueError: no"
    assert by_function(state)["column"].verdict is Verdict.NOT_REACHED


def test_a_test_that_writes_elsewhere_is_left_out(ground: Ground, tmp_path: Path) -> None:
    def writes(module: ModuleType) -> None:
        module.column(torch.ones(3))
        (tmp_path / "result").write_text("x")

    def writes_here(module: ModuleType) -> None:
        Path("result").write_text("x")
        assert module.column(torch.ones(3)).shape == (3, 1)

    state = ground.work(a=writes, b=writes_here)
    (left,) = state.left_out
    assert (left.item, left.reason) == (
        "a",
        f"it writes outside its own folder: {tmp_path / 'result'}",
    )
    assert by_function(state)["column"].verdict is Verdict.VERIFIED
    assert not Path("result").exists()


def test_every_run_starts_from_the_same_random_numbers(ground: Ground) -> None:
    drawn: set[float] = set()

    def draws(module: ModuleType) -> None:
        drawn.add(float(torch.rand(())))
        assert module.column(torch.ones(3)).shape == (3, 1)

    before = torch.get_rng_state()
    ground.work(a=draws)
    assert len(drawn) == 1
    torch.set_rng_state(before)


def test_what_a_cache_holds_hides_no_mutant_and_outlives_none(ground: Ground) -> None:
    ground.write(
        "import functools, torch\n"
        "@functools.lru_cache\n"
        "def mask(n):\n    return torch.ones(n, n).tril().unsqueeze(0)\n"
    )

    def shape(module: ModuleType) -> None:
        assert module.mask(3).shape == (1, 3, 3)

    state = ground.work(a=shape)
    assert state.left_out == []
    unsqueeze = [e for e in state.entries.values() if e.site.kind.value == "unsqueeze"]
    assert [e.verdict for e in unsqueeze] == [Verdict.VERIFIED]


def test_a_mutant_that_leaves_something_behind_ends_the_process_and_the_next_goes_on(
    ground: Ground,
) -> None:
    ground.write(
        "import torch\nKEPT = []\n"
        "def column(x):\n"
        "    y = x.unsqueeze(1)\n"
        "    if y.shape != (3, 1):\n"
        "        KEPT.append(1)\n"
        "    return y\n"
    )

    def stained(module: ModuleType) -> None:
        module.column(torch.ones(3))
        assert not module.KEPT

    def clean(module: ModuleType) -> None:
        assert module.column(torch.ones(3)).shape == (3, 1)

    state = ground.work(a=stained, b=clean)
    assert not state.done
    assert [left.item for left in state.left_out] == ["a"]
    ground.module.KEPT.clear()  # a new process has none of it
    state = ground.work(a=stained, b=clean)
    assert state.done
    entry = by_function(state)["column"]
    assert entry.verdict is Verdict.VERIFIED
    assert {mutant.item for mutant in entry.mutants} == {"b"}


def test_a_mutant_that_ended_a_process_is_not_run_again(ground: Ground) -> None:
    def shape(module: ModuleType) -> None:
        assert module.column(torch.ones(3)).shape == (3, 1)

    found = sites(ground.file.read_text(), str(ground.file))
    number = next(i for i, site in enumerate(found) if site.place.function == "column")
    journal = Journal(ground.journal)
    journal.write("plan", sites=list(found))
    journal.write("doing", site=number, mutation=0, item="a", limit=1.0)
    journal.write("died", how="the process exited with status 3")
    state = ground.work(a=shape)
    first, *others = by_function(state)["column"].mutants
    assert (first.outcome, first.pin, first.message) == (
        Outcome.KILLED,
        Pin.DEATH,
        "the process exited with status 3",
    )
    assert Pin.DEATH not in {mutant.pin for mutant in others}


def test_what_runs_at_import_is_not_verifiable(ground: Ground) -> None:
    ground.write("import torch\nMASK = torch.ones(3).unsqueeze(0)\n")
    state = ground.work(a=lambda m: m.MASK)
    assert {e.verdict for e in state.entries.values()} == {Verdict.NOT_VERIFIABLE}


def test_the_modules_are_what_they_were(ground: Ground) -> None:
    def codes() -> dict[str, object]:
        return {n: f.__code__ for n, f in vars(ground.module).items() if hasattr(f, "__code__")}

    before, text = codes(), ground.file.read_text()
    ground.work(a=lambda m: [m.column(torch.ones(3)), m.only(torch.ones(1, 2)).sum(0)])
    assert codes() == before
    assert all(codes()[name] is code for name, code in before.items())
    assert ground.file.read_text() == text
    assert not hasattr(builtins, WITNESS)
