"""Output as shown beside output as printed: what counts as the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shapecheck.core.printed import difference, stable, without_trace

SAME = [
    ("loss:0.590\nloss:0.58\n", "loss:0.591\nloss:0.58"),
    ("0.5000", "0.5001"),
    ("1.2e-08", "-3.1e-09"),
    ("tensor([ 0.0000, -0.2000])", "tensor([-0.0000, -0.2000])"),
    ("a  b \n", "a b"),
    ("\na\n\n", "a"),
    ("nan inf", "nan inf"),
    ("<f at 0x7f12>", "<f at 0xdeadbeef>"),
    ("\x1b[31mred\x1b[0m", "red"),
    (" 10%|#  |\r100%|###|", "100%|###|"),
    ("x ... 3", "x 1 2 3"),
    ("a\n...\nz", "a\nb\nc\nz"),
    ("a\n...\nz", "a\nz"),
    ("a\n...", "a\nb\nc"),
    ("...", ""),
    ("[0.1, 0.2,  ..., 0.9]", "[0.1, 0.2,  ..., 0.9]"),
    ("a\r\nb\r\n", "a\nb\n"),
]
OTHER = [
    ("torch.Size([1, 1, 100])", "torch.Size([1, 10, 1])", 0),
    ("loss:0.590", "loss:0.595", 0),
    ("0.5", "0.6", 0),
    ("0.1", "nan", 0),
    ("1", "1.0", 0),
    ("3 dogs", "4 dogs", 0),
    ("a\nb", "a\nc", 1),
    ("a\nb", "a", 1),
    ("a", "a\nb", 1),
    ("", "a", 0),
    ("a", "", 0),
    ("a\n...\nz", "a\nb", 2),
    ("x ... 3", "x 1 2 4", 0),
    ("a\n...\nm\n...\nz", "a\nb\nz", 2),
]


@pytest.mark.parametrize(("shown", "printed"), SAME)
def test_what_is_the_same(shown: str, printed: str) -> None:
    assert difference(shown, printed) is None


@pytest.mark.parametrize(("shown", "printed", "line"), OTHER)
def test_what_differs_and_where(shown: str, printed: str, line: int) -> None:
    found = difference(shown, printed)
    assert found is not None
    assert found.line == line


def test_as_words_the_folding_of_a_value_does_not_count() -> None:
    shown, printed = "{'a': [1, 2],\n 'b': 3}", "{'a': [1, 2], 'b': 3}"
    assert difference(shown, printed, as_words=True) is None
    assert difference(shown, printed) is not None
    assert difference(shown, printed.replace("3", "4"), as_words=True) is not None


def test_what_two_runs_print_alike_is_sure() -> None:
    assert stable("a\n", "b\n", "b\n") == "b\n"
    assert stable("size 1\nat 3 s\n", "size 2\nat 5 s\n", "size 2\nat 6 s\n") == "size 2\nat 3 s"
    assert stable("a\n", "b\n", "b\nc\n") is None


def test_of_a_traceback_what_it_says_stays() -> None:
    text = 'x\nTraceback (most recent call last):\n  File "a", line 1\n    f()\nKeyError: 1\n'
    assert without_trace(text) == "x\nKeyError: 1\n"


@given(st.text(max_size=60))
def test_every_output_is_the_same_as_itself(text: str) -> None:
    assert difference(text, text) is None
    assert stable(text, text, text) == text


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_raises(shown: str, printed: str) -> None:
    found = difference(shown, printed)
    assert found is None or found.line >= 0
