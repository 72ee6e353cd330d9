"""What is said and cannot be raised goes where it went, except for what a replay did."""

import sys
import threading
import warnings
from typing import Any

import pytest

from shapecheck.runtime.state.mute import muted


class Falls:
    """Raises where Python cannot."""

    def __del__(self) -> None:
        raise ValueError("in __del__")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda said: found.append(str(said.exc_value)))
    return found


def elsewhere(action: Any) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def test_only_the_muted_thread_is_not_heard(told: list[Any]) -> None:
    with muted(threading.get_ident()):
        Falls()
        assert told == []
        elsewhere(Falls)
        assert told == ["in __del__"]
    Falls()
    assert told == ["in __del__"] * 2


def test_a_hook_set_meanwhile_stays(told: list[Any]) -> None:
    with muted(threading.get_ident()):
        ours = sys.unraisablehook
        theirs: Any = lambda said: ours(said)  # noqa: E731 # a hook that chains, as pytest's does
        sys.unraisablehook = theirs
    assert sys.unraisablehook is theirs
    Falls()
    assert told == ["in __del__"]


def test_hooks_that_end_in_any_order_leave_none_behind(told: list[Any]) -> None:
    hook = sys.unraisablehook
    first, second = muted(threading.get_ident()), muted(threading.get_ident())
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert sys.unraisablehook is hook


def test_warnings_that_code_records_are_recorded_and_others_are_not_shown() -> None:
    with warnings.catch_warnings(record=True) as outside:
        warnings.simplefilter("always")
        with muted(threading.get_ident()):
            with warnings.catch_warnings(record=True) as inside:
                warnings.simplefilter("always")
                warnings.warn("recorded", stacklevel=1)
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("lost", stacklevel=1)
        warnings.warn("heard", stacklevel=1)
    assert [str(w.message) for w in inside] == ["recorded"]
    assert [str(w.message) for w in outside] == ["heard"]


def warns(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=1)


def test_another_thread_is_heard_by_the_filters_that_were_there() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.resetwarnings()
        warnings.filterwarnings("ignore", message="not this")
        before = warnings.filters
        with muted(threading.get_ident()):
            warns("mine")
            elsewhere(lambda: warns("theirs"))
            elsewhere(lambda: warns("not this"))
        assert warnings.filters is before
    assert [str(w.message) for w in heard] == ["theirs"]


def test_another_thread_raises_what_the_filters_make_an_error() -> None:
    raised: list[str] = []

    def fails() -> None:
        try:
            warns("theirs")
        except UserWarning as error:
            raised.append(str(error))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with muted(threading.get_ident()):
            warns("mine")
            elsewhere(fails)
    assert raised == ["theirs"]


def test_what_was_muted_is_shown_when_it_is_said_again() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")  # each once for a line
        with muted(threading.get_ident()):
            warns("said in vain")
        warns("said in vain")
    assert [str(w.message) for w in heard] == ["said in vain"]


@pytest.mark.parametrize("records", [False, True])
def test_filters_of_another_thread_outlive_a_replay(records: bool) -> None:
    """`catch_warnings` begun beside a replay ends after it, and what it set holds until then."""
    kept: list[Any] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        theirs = warnings.catch_warnings(record=records)

        def begins() -> None:
            kept.append(theirs.__enter__())
            warnings.simplefilter("always" if records else "ignore")

        with muted(threading.get_ident()):
            elsewhere(begins)
        warns("theirs")
        theirs.__exit__(None, None, None)
        warns("heard")
    assert [str(w.message) for w in heard] == ["heard"]
    assert [str(w.message) for w in kept[0] or ()] == ["theirs"] * records
