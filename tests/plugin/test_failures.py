"""How a ShapeError looks in pytest: the user's line, our words, no frame between."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

Golden = Callable[[str, str], None]

MODEL = """
import torch
from jaxtyping import Float
from torch import Tensor, nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(20, 1)

    def forward(self, x: Float[Tensor, "batch hidden"]) -> Float[Tensor, "batch"]:
        y = self.out(x)
        return y.squeeze(0)


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()

    def forward(self, x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
        return self.net(x)


def crash(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    return Net().out(x)
"""

TESTS = """
import torch
from model import Net, Outer, crash

def test_parameter():
    Net()(torch.ones(2, 3, 20))

def test_return():
    assert Net()(torch.ones(3, 20)).shape == (3,)

def test_within():
    Outer()(torch.ones(20))
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(model=MODEL, test_it=TESTS)
    pytester.syspathinsert()
    return pytester


def shown(result: pytest.RunResult) -> str:
    """What pytest prints from its failures on, without times and folders."""
    text = re.sub(r"in \d+\.\d+s", "in 0.00s", str(result.stdout))
    start = text.find("= FAILURES =")
    return text[start if start >= 0 else text.rfind("shapecheck: ") :]


@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "no"])
def test_styles_of_traceback(project: pytest.Pytester, golden: Golden, style: str) -> None:
    result = project.runpytest_inprocess("--shapecheck=model", f"--tb={style}")
    result.assert_outcomes(failed=3)
    text = shown(result).replace(f"{project.path}/", "")
    assert not re.search("site-packages|shapecheck/|__tracebackhide__", text)
    golden(f"style_{style}.txt", text)


def test_native_style_has_pytests_frames_but_none_between_the_users(
    project: pytest.Pytester,
) -> None:
    result = project.runpytest_inprocess("--shapecheck=model", "--tb=native", "-k", "within")
    result.assert_outcomes(failed=1)
    files = re.findall(r'File ".*?([^/"]+)", line', str(result.stdout))
    assert files[-2:] == ["test_it.py", "model.py"]
    assert "/shapecheck/" not in str(result.stdout)


def test_full_trace_hides_nothing(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--shapecheck=model", "--full-trace", "-k", "within")
    text = str(result.stdout)
    assert "shapecheck/runtime/guard.py" in text
    assert "torch/nn/modules/module.py" in text


def test_lines_fit_in_80_columns(project: pytest.Pytester) -> None:
    text = shown(project.runpytest_inprocess("--shapecheck=model"))
    ours = [line for line in text.splitlines() if line.startswith("E ")]
    assert len(ours) > 10
    assert [line for line in ours if len(line) > 80] == []


def test_junit_says_the_same(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--shapecheck=model", "--junitxml=out.xml")
    terminal = str(result.stdout)
    cases = ElementTree.parse(project.path / "out.xml").getroot().iter("testcase")
    failures = [failure for case in cases for failure in case.iter("failure")]
    assert len(failures) == 3
    for failure in failures:
        lines = [line for line in (failure.text or "").splitlines() if line.strip()]
        assert any("ShapeError" in line for line in lines)
        assert all(line in terminal for line in lines)
        assert (failure.get("message") or "").startswith("shapecheck.ShapeError: ")


def test_torchs_own_error_is_explained_after_it(project: pytest.Pytester, golden: Golden) -> None:
    project.makepyfile(
        test_it="import torch\nfrom model import crash\n\n"
        "def test_crash():\n    crash(torch.ones(2, 3))\n"
    )
    result = project.runpytest_inprocess("--shapecheck=model", "--tb=short", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    text = str(result.stdout)
    assert "/shapecheck/" not in text  # torch's frames stay: the error is its own
    section = text.partition("- shapecheck explains -")[2].partition("- generated xml")[0]
    golden("crash.txt", section.partition("\n")[2])
    assert "model.py:26: in crash" in (project.path / "out.xml").read_text()


def test_the_users_other_errors_are_left_alone(project: pytest.Pytester) -> None:
    project.makepyfile(
        model="def f(x: int) -> int:\n    return 1 // x\n",
        test_it="from model import f\n\ndef test_f():\n    f(0)\n",
    )
    with_us = project.runpytest_inprocess("--shapecheck=model")
    without = project.runpytest_inprocess()
    assert failure(with_us) == failure(without)
    assert "ZeroDivisionError" in failure(without)


def failure(result: pytest.RunResult) -> str:
    text = str(result.stdout)
    return (
        text[text.index("= FAILURES") :]
        .split("shapecheck:")[0]
        .split("= short test")[0]
        .rstrip("=\n")
    )


def test_errors_while_importing_have_no_frame_of_ours(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        model="""
        import torch
        from jaxtyping import Float

        def f(x: Float[torch.Tensor, "row column"]):
            return x

        TABLE = f(torch.ones(3))
        """,
        test_it="import model\n\ndef test_nothing():\n    pass\n",
    )
    pytester.syspathinsert()
    result = pytester.runpytest_inprocess("--shapecheck=model")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "test_it.py:1: in <module>",
            "    import model",
            "model.py:7: in <module>",
            "    TABLE = f(torch.ones(3))",
            "E   shapecheck.ShapeError: `x` of f lacks an axis [[]axis-missing[]]",
        ]
    )
    assert not re.search("/shapecheck/|<frozen", str(result.stdout))


def test_our_own_failure_is_ours(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_it="""
        import torch
        from model import Net

        def test_one(shapecheck, monkeypatch):
            def broken(violation):
                raise RuntimeError("a bug of shapecheck")

            monkeypatch.setattr(shapecheck.guard, "explain", broken)
            Net()(torch.ones(1, 1, 20))
        """
    )
    result = project.runpytest_inprocess("--shapecheck=model")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*= shapecheck: errors of its own, none of yours =*",
            "shapecheck failed while checking *; the program went on unchecked.",
            "RuntimeError: a bug of shapecheck",
        ]
    )
