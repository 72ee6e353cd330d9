"""What Python cannot raise goes to the hook that was there, except for what a replay did."""

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
