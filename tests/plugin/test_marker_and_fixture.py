"""`@pytest.mark.shapecheck(enabled=False)` and the fixture `shapecheck`."""

import pytest


def test_the_marker_switches_off_one_test_with_its_fixtures(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest, torch
        from shapes import flip, swallow

        @pytest.fixture
        def flipped():
            yield flip(torch.ones(3))
            flip(torch.ones(3))

        @pytest.mark.shapecheck(enabled=False)
        def test_off(flipped):
            flip(torch.ones(3))
            swallow(torch.ones(3))

        def test_on():
            flip(torch.ones(3))

        @pytest.mark.shapecheck(enabled=False)
        class TestOff:
            def test_off(self):
                flip(torch.ones(3))

            @pytest.mark.shapecheck(enabled=True)
            def test_on(self):
                flip(torch.ones(3))
        """
    )
    result = project.runpytest_inprocess("--shapecheck=shapes", "--strict-markers")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["FAILED *::test_on*", "FAILED *::TestOff::test_on*"])


def test_the_marker_is_known_without_configuration(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.shapecheck(enabled=False)
        def test_one():
            pass
        """
    )
    pytester.runpytest_inprocess("--strict-markers").assert_outcomes(passed=1)


@pytest.mark.parametrize("arguments", [["--shapecheck=shapes"], [], ["--no-shapecheck"]])
def test_the_fixture_gives_findings_guard_and_checked(
    project: pytest.Pytester, arguments: list[str]
) -> None:
    project.makepyfile(
        """
        import pytest, torch
        from jaxtyping import Float
        from shapecheck import ShapeError

        def test_findings_of_this_test(shapecheck):
            @shapecheck.checked
            def double(x: Float[torch.Tensor, "row column"]):
                return 2 * x

            assert shapecheck.findings == []
            with pytest.raises(ShapeError):
                double(torch.ones(3))
            assert [f.slug for f in shapecheck.findings] == ["axis-missing"]
            shapecheck.guard.enabled = False
            double(torch.ones(3))
            shapecheck.guard.enabled = True

        def test_not_of_another(shapecheck):
            assert shapecheck.findings == []
        """
    )
    project.runpytest_inprocess(*arguments).assert_outcomes(passed=2)


def test_findings_of_a_fixture_are_seen_in_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest, torch
        from shapes import flip
        from shapecheck import ShapeError

        @pytest.fixture
        def tried():
            with pytest.raises(ShapeError):
                flip(torch.ones(3))

        def test_one(tried, shapecheck):
            assert len(shapecheck.findings) == 1
        """
    )
    project.runpytest_inprocess("--shapecheck=shapes").assert_outcomes(passed=1)
