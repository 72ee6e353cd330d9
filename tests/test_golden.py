"""The golden fixture of conftest.py: it compares, it explains, and it writes only when asked."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")


@pytest.fixture
def story(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_message='def test_it(golden): golden("it.txt", "one\\ntwo  \\n\\n")')
    return pytester


def written(story: pytest.Pytester) -> Path:
    return story.path / "golden" / "it.txt"


def write(story: pytest.Pytester, text: str) -> None:
    written(story).parent.mkdir()
    written(story).write_text(text, encoding="utf-8")


def test_a_missing_golden_file_fails_and_names_the_flag(story: pytest.Pytester) -> None:
    result = story.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no golden file golden/it.txt: *--update-golden*"])
    assert not written(story).exists()


def test_update_writes_the_file_with_one_newline_at_the_end(story: pytest.Pytester) -> None:
    story.runpytest("--update-golden").assert_outcomes(passed=1)
    assert written(story).read_text(encoding="utf-8") == "one\ntwo  \n"
    story.runpytest().assert_outcomes(passed=1)


def test_update_replaces_a_text_that_has_changed(story: pytest.Pytester) -> None:
    write(story, "old\n")
    story.runpytest("--update-golden").assert_outcomes(passed=1)
    assert written(story).read_text(encoding="utf-8") == "one\ntwo  \n"


@pytest.mark.parametrize("expected", ["one\nthree\n", "one\ntwo\n"], ids=["word", "blank"])
def test_another_text_fails_with_a_diff(story: pytest.Pytester, expected: str) -> None:
    write(story, expected)
    result = story.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["--- golden/it.txt (expected)", "+++ actual", " one", "-t*", "+two  "]
    )
    assert written(story).read_text(encoding="utf-8") == expected
