"""Laws in pytest: on for the packages under test, told once, failing each test that breaks one."""

import re
from collections.abc import Callable

import pytest

Golden = Callable[[str, str], None]

NETS = """
import torch
from jaxtyping import Float
from torch import Tensor, nn

import shapecheck


class Reader(nn.Module):
    def __init__(self, **options) -> None:
        super().__init__()
        self.rnn = nn.LSTM(2, 4, **options)
        self.out = nn.Linear(4, 1)

    def forward(self, x: Float[Tensor, "batch seq 2"]) -> Float[Tensor, "batch seq 1"]:
        r_out, _ = self.rnn(x)
        return self.out(r_out)


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Float[Tensor, "batch 3"]) -> Float[Tensor, "batch 3"]:
        return self.norm(x)


def standardised(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return (x - x.mean(0)) / x.std(0)


def summed(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.cumsum(0)


def shared(x: Float[Tensor, "B d"], y: Float[Tensor, "B d"]) -> Float[Tensor, "B d"]:
    return x * torch.softmax(y, 0)


@shapecheck.axes(probe=False)
def left_alone(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.cumsum(0)


@shapecheck.axes(batch="mixes")
def meant(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    return x.cumsum(0)


def logged(x: Float[Tensor, "batch d"]) -> Float[Tensor, "batch d"]:
    with open("log", "a") as file:
        file.write("x")
    return x
"""

TWO = """
import torch
from nets import Reader


def test_one():
    assert Reader()(torch.randn(3, 5, 2)).shape == (3, 5, 1)


def test_two():
    assert Reader()(torch.randn(4, 6, 2)).shape == (4, 6, 1)


def test_right():
    assert Reader(batch_first=True)(torch.randn(4, 6, 2)).shape == (4, 6, 1)
"""


@pytest.fixture
def nets(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with models whose every size is right."""
    pytester.makepyprojecttoml('[tool.shapecheck]\npackages = ["nets"]\n')
    pytester.makepyfile(nets=NETS)
    pytester.syspathinsert()
    return pytester


def test_each_test_that_makes_the_call_fails_and_the_finding_is_told_once(
    nets: pytest.Pytester, golden: Golden
) -> None:
    nets.makepyfile(test_two=TWO)
    result = nets.runpytest_inprocess("--tb=short")
    result.assert_outcomes(passed=1, failed=2)
    text = str(result.stdout).replace(f"{nets.path}/", "")
    assert re.search(r"^shapecheck: 1 finding; ", text, re.MULTILINE)
    assert "shapecheck: 1 broken\n" in text
    failures = text.partition("= FAILURES =")[2].partition("= short test summary")[0]
    golden("laws_batch_first_forgotten.txt", failures.partition("\n")[2])
    # The same tests fail again by themselves, in whatever order and process.
    nets.runpytest_inprocess("--lf").assert_outcomes(failed=2)
    nets.runpytest_inprocess("test_two.py::test_two").assert_outcomes(failed=1)


def test_workers_agree_and_tell_it_once(nets: pytest.Pytester) -> None:
    nets.makepyfile(test_two=TWO)
    result = nets.runpytest_inprocess("-n2", "--dist=each", "--shapecheck-report")
    result.assert_outcomes(passed=2, failed=4)
    assert re.search(r"^shapecheck: 1 finding; ", str(result.stdout), re.MULTILINE)
    assert str(result.stdout).count("Reader.forward  batch independent ✗ (causal)") == 1


def test_a_test_that_is_run_again_fails_again(nets: pytest.Pytester) -> None:
    nets.makeconftest("""
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for _ in range(2):  # as plugins do that run failures again
                runtestprotocol(item, nextitem=nextitem)
            return True
        """)
    nets.makepyfile(test_two=TWO)
    nets.runpytest_inprocess().assert_outcomes(passed=2, failed=4)


def test_trials_come_after_the_body(nets: pytest.Pytester) -> None:
    nets.makepyfile("""
        import torch
        from nets import Reader
        from shapecheck.runtime.trials import bench

        BODY, SEEN = [False], []

        def test_body(monkeypatch):
            replay = bench.replay
            monkeypatch.setattr(bench, "replay", lambda *a: SEEN.append(BODY[0]) or replay(*a))
            BODY[0] = True
            Reader(batch_first=True)(torch.randn(3, 5, 2))
            BODY[0] = False

        def test_after():
            assert SEEN and not any(SEEN)
        """)
    nets.runpytest_inprocess().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("flag", "setting", "mark"),
    [
        ("--shapecheck-no-probe", "", ""),
        ("", 'laws = {batch = "mixes"}', ""),
        ("--shapecheck-laws=batch=mixes", "", ""),
        ("", "probe_seconds = 1e-9", ""),
        ("", "", "@pytest.mark.shapecheck(probe=False)"),
    ],
)
def test_ways_to_leave_it_out(nets: pytest.Pytester, flag: str, setting: str, mark: str) -> None:
    nets.makepyprojecttoml(f'[tool.shapecheck]\npackages = ["nets"]\n{setting}\n')
    nets.makepyfile(f"""
        import pytest
        import torch
        from nets import summed

        {mark}
        def test_it():
            for _ in range(2):
                summed(torch.randn(3, 5))
        """)
    nets.runpytest_inprocess(*filter(None, [flag])).assert_outcomes(passed=1)


def test_it_is_on_by_default(nets: pytest.Pytester) -> None:
    nets.makepyfile("""
        import torch
        from nets import summed

        def test_it():
            summed(torch.randn(3, 5))
        """)
    nets.runpytest_inprocess().assert_outcomes(failed=1)


def test_what_a_call_may_have_and_take_is_set(nets: pytest.Pytester) -> None:
    nets.makepyfile("""
        import torch
        from nets import standardised

        def test_large():
            standardised(torch.zeros(1 << 10, 300))
        """)
    flag = "--shapecheck-probe-megabytes=1"
    result = nets.runpytest_inprocess(flag)
    result.stdout.fnmatch_lines(
        ["*not tried: its state (1.2 MiB, most of it x (1024, 300)) is larger than 1 MiB *(1?)"]
    )


def test_what_importing_a_module_calls_is_its_own_matter(nets: pytest.Pytester) -> None:
    nets.makepyfile("""
        import torch
        from nets import summed

        summed(torch.randn(3, 5))

        def test_first():
            pass

        def test_the_same_call():
            summed(torch.randn(3, 5))
        """)
    result = nets.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result = nets.runpytest_inprocess("-k", "first")
    result.assert_outcomes(passed=1, deselected=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*= shapecheck: while no test was running =*",
            "*`batch` should be independent*",
            "*of a call that was made while modules were imported*",
            "shapecheck: 1 finding; *",
        ]
    )
    assert nets.runpytest_inprocess("--collect-only").ret == pytest.ExitCode.OK


def test_the_report(nets: pytest.Pytester, golden: Golden) -> None:
    nets.makepyfile("""
        import torch
        from nets import Normed, Reader, left_alone, logged, meant, shared, standardised

        def test_all():
            Reader(batch_first=True)(torch.randn(3, 5, 2))
            Normed()(torch.randn(4, 3))
            for function in (standardised, meant, left_alone, logged):
                for _ in range(3):
                    function(torch.randn(4, 3))
            shared(torch.randn(4, 3), torch.randn(4, 3))
        """)
    result = nets.runpytest_inprocess("--shapecheck-report")
    result.assert_outcomes(passed=1)  # notes and warnings fail no test
    text = str(result.stdout).replace(f"{nets.path}/", "")
    assert (nets.path / "log").read_text(encoding="utf-8") == "xxx"
    told = text.partition("= shapecheck: findings that fail no test =")[2]
    golden("laws_report.txt", re.sub(r"\d+ passed.*", "", told.partition("\n")[2]))


def test_beside_another_failure(nets: pytest.Pytester) -> None:
    nets.makepyfile("""
        import torch
        from nets import Reader

        def test_it():
            Reader()(torch.randn(3, 5, 2))
            assert 1 == 2
        """)
    result = nets.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([
        "E +assert 1 == 2",
        "-+ shapecheck: a law is broken as well -+",
        "`batch` should be independent, .*",
    ])  # fmt: skip


def test_what_a_fixture_calls_at_its_end_is_no_matter_of_the_next_test(
    nets: pytest.Pytester,
) -> None:
    nets.makepyfile("""
        import pytest
        import torch
        from nets import summed

        @pytest.fixture
        def late():
            yield
            summed(torch.randn(3, 5))

        def test_one(late):
            pass

        def test_two():
            pass
        """)
    result = nets.runpytest_inprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_one*"])


KINDS = """
from collections.abc import Iterator

from jaxtyping import Float
from torch import Tensor

A = Float[Tensor, "batch d"]

{}

class Own(Tensor):
    pass


def generated(x: A) -> Iterator[A]:
    yield x


async def awaited(x: A) -> A:
    return x


def given(x: A, file: object) -> A:
    return x
"""
PLAIN = ("compiled", "mapped", "traced", "symbolic", "faked", "empty", "kept", "under_a_mode")
CALLS = """
import asyncio

import nets
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

X = torch.randn(4, 3)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("twice", [1, 2])
def test_all(twice, tmp_path):
    torch.compile(nets.compiled, backend="eager")(X)
    torch.vmap(nets.mapped)(torch.randn(2, 4, 3))
    torch.jit.trace(nets.traced, (X,), check_trace=False)
    torch.fx.symbolic_trace(nets.symbolic)
    with FakeTensorMode() as mode:
        fake = torch.randn(4, 3)
    nets.faked(fake)
    nets.empty(X.to("meta"))
    nets.kept(X.as_subclass(nets.Own))
    with FlopCounterMode(display=False):
        nets.under_a_mode(X)
    list(nets.generated(X))
    asyncio.run(nets.awaited(X))
    with open(tmp_path / "a", "w") as file:
        nets.given(X, file)
"""


def test_what_is_never_called_again_is_said_once(nets: pytest.Pytester, golden: Golden) -> None:
    plain = "\n".join(f"def {name}(x: A) -> A:\n    return x * 2\n" for name in PLAIN)
    nets.makepyfile(nets=KINDS.format(plain), test_it=CALLS)
    # In a process of its own: parts of torch that compile can be imported only once.
    result = nets.runpytest_subprocess("--shapecheck-report")
    result.assert_outcomes(passed=2)
    said = [
        line for line in result.outlines if re.match(r"not tried|shapecheck: (not|\d+ calls)", line)
    ]
    golden("laws_not_tried.txt", "\n".join(said))
