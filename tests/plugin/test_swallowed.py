"""A ShapeError that user code swallows is not hidden, unless it was asked for by name."""

import pytest

IMPORTS = """
import contextlib, threading, unittest, warnings
import pytest, torch
from shapes import flip, swallow
from shapecheck import ShapeError
from shapecheck import ShapeError as Renamed
"""

# A handler in between hands the error on.
HANDED_ON = """with pytest.raises(ShapeError):
        try:
            flip(torch.ones(3))
        except Exception:
            print("seen")
            raise"""


def run(project: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    lines = text.splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    source = IMPORTS + "\n".join(line[indent:] for line in lines)
    project.makepyfile(test_it=source)
    return project.runpytest_inprocess("--shapecheck=shapes", *arguments)


def test_the_test_fails_at_the_users_line_and_names_the_handler(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_one():
            x = swallow(torch.ones(3))
            assert x.shape == (3,)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "    def swallow(x):",
            "        try:",
            ">           return flip(x)",
            "E *shapecheck.ShapeError: `x` of flip lacks an axis*",
            "E *note      raised, then swallowed by the handler at",
            "E *shapes/__init__.py:14; catch `shapecheck.ShapeError`*",
            "shapes/__init__.py:13: ShapeError",
            "shapecheck: 1 finding; *",
        ]
    )


@pytest.mark.parametrize(
    "body",
    [
        "with pytest.raises(Exception):\n        flip(torch.ones(3))",
        "with contextlib.suppress(TypeError):\n        flip(torch.ones(3))",
        "try:\n        flip(torch.ones(3))\n    except:\n        pass",
        "[swallow(torch.ones(3)) for _ in range(3)]",
        # the handler nearby is the one that gets it
        "with contextlib.suppress(ShapeError):\n        swallow(torch.ones(3))",
        "swallow(torch.ones(3)); pytest.skip('later')",
    ],
)
def test_handlers_for_a_wider_class(project: pytest.Pytester, body: str) -> None:
    result = run(project, f"def test_one():\n    {body}\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *raised, then swallowed*", "shapecheck: * finding*"])


@pytest.mark.parametrize(
    "body",
    [
        "with pytest.raises(ShapeError):\n        flip(torch.ones(3))",
        "with pytest.raises((ValueError, Renamed)):\n        flip(torch.ones(3))",
        "with pytest.raises(expected_exception=ShapeError):\n        flip(torch.ones(3))",
        "with contextlib.suppress(ShapeError):\n        flip(torch.ones(3))",
        "try:\n        flip(torch.ones(3))\n    except ShapeError:\n        pass",
        HANDED_ON,
    ],
)
def test_handlers_that_ask_for_it(project: pytest.Pytester, body: str) -> None:
    result = run(project, f"def test_one():\n    {body}\n")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["shapecheck: 2 declarations of 1 function checked*"])


def test_in_setup_and_teardown_of_a_fixture(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        @pytest.fixture
        def early():
            swallow(torch.ones(3))

        @pytest.fixture
        def late():
            yield
            swallow(torch.ones(3))

        def test_early(early):
            pass

        def test_late(late):
            pass

        def test_after():
            pass
        """,
    )
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_early*",
            "E *raised, then swallowed*",
            "*ERROR at teardown of test_late*",
            "E *raised, then swallowed*",
        ]
    )


def test_beside_another_failure(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_one():
            x = swallow(torch.ones(3))
            assert x.shape == (2, 3)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       assert x.shape == (2, 3)",
            "*- shapecheck: swallowed as well -*",
            "shapes/__init__.py:13: in swallow",
            "    return flip(x)",
            "`x` of flip lacks an axis*",
        ]
    )


def test_what_a_wrapping_error_shows_is_not_told_twice(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_from():
            try:
                flip(torch.ones(3))
            except Exception as error:
                raise RuntimeError("no") from error

        def test_group():
            try:
                flip(torch.ones(3))
            except Exception as error:
                raise ExceptionGroup("no", [error])

        def test_hidden():
            try:
                flip(torch.ones(3))
            except Exception:
                raise RuntimeError("no") from None
        """,
    )
    result.assert_outcomes(failed=3)
    assert str(result.stdout).count("swallowed as well") == 1


def test_a_fault_in_a_loop_is_told_once(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_one():
            for _ in range(50):
                swallow(torch.ones(3))
        """,
    )
    result.assert_outcomes(failed=1)
    assert str(result.stdout).count("raised, then swallowed") == 1


def test_two_faults_are_both_told(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_one():
            swallow(torch.ones(3))
            swallow(torch.ones(3, 3, 3))
        """,
    )
    result.assert_outcomes(failed=1)
    assert str(result.stdout).count("raised, then swallowed") == 2


def test_in_a_thread(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        def test_one():
            thread = threading.Thread(target=swallow, args=(torch.ones(3),))
            thread.start()
            thread.join()
        """,
    )
    result.assert_outcomes(failed=1)


def test_an_expected_failure_stays_one(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        @pytest.mark.xfail
        def test_marked():
            swallow(torch.ones(3))

        @pytest.mark.xfail(raises=ShapeError, strict=True)
        def test_raised():
            flip(torch.ones(3))
        """,
    )
    result.assert_outcomes(xfailed=2)


def test_unittest_cases_and_subtests_are_reported_once(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        class TestCase(unittest.TestCase):
            def test_raised(self):
                flip(torch.ones(3))

            def test_named(self):
                with self.assertRaises(ShapeError):
                    flip(torch.ones(3))

            def test_swallowed(self):
                swallow(torch.ones(3))

        def test_subtests(subtests):
            with subtests.test("first"):
                flip(torch.ones(3))
        """,
    )
    text = str(result.stdout)
    assert text.count("raised, then swallowed") == 1
    assert "/shapecheck/" not in text
    result.stdout.fnmatch_lines_random(
        ["FAILED *::test_raised*", "FAILED *::test_swallowed*", "SUBFAILED*first*"]
    )


def test_doctests(project: pytest.Pytester) -> None:
    (project.path / "shapes/doc.py").write_text(
        '''
def named():
    """
    >>> import torch
    >>> from shapes import flip
    >>> flip(torch.ones(3))
    Traceback (most recent call last):
    shapecheck.ShapeError: ...
    """

def raised():
    """
    >>> import torch
    >>> from shapes import flip
    >>> flip(torch.ones(3))
    """
'''
    )
    result = project.runpytest_inprocess(
        "--shapecheck=shapes",
        "--doctest-modules",
        "shapes/doc.py",
        "-o",
        "doctest_optionflags=ELLIPSIS",
    )
    result.assert_outcomes(passed=1, failed=1)


def test_while_modules_are_imported(project: pytest.Pytester) -> None:
    result = run(
        project,
        """
        swallow(torch.ones(3))

        def test_one():
            pass
        """,
    )
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*= shapecheck: while no test was running =*",
            "shapes/__init__.py:13:*",
            "`x` of flip lacks an axis*",
            "shapecheck: 1 finding; *",
        ]
    )


def test_in_a_conftest_file(project: pytest.Pytester) -> None:
    project.makeconftest("import torch\nfrom shapes import swallow\nswallow(torch.ones(3))\n")
    result = run(project, "def test_one():\n    pass\n")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*= shapecheck: while no test was running =*"])
