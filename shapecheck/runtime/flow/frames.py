"""Which frames are the user's, and the lines they stand at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType, FrameType

from shapecheck.core.site import Place
from shapecheck.runtime.ownership import is_programs

IsUsers = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Spot:
    """An instruction of a frame: where a call stands, exactly."""

    code: CodeType
    lasti: int
    filename: str

    @property
    def key(self) -> tuple[int, int]:
        """What names this spot in a memo; `Frames` keeps the code alive."""
        return (id(self.code), self.lasti)


class Frames:
    """Finds the user's frames of a call stack; remembers its verdict on each code object."""

    def __init__(self, users: IsUsers = is_programs) -> None:
        self._users = users
        self._verdicts: dict[int, bool] = {}
        self._kept: dict[int, CodeType] = {}  # the ids above are of codes that live
        self._places: dict[tuple[int, int], Place] = {}

    def belongs(self, code: CodeType) -> bool:
        """True where the code was written by the user."""
        known = self._verdicts.get(id(code))
        if known is None:
            self._kept[id(code)] = code
            known = self._verdicts[id(code)] = self._users(code.co_filename)
        return known

    def innermost(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the user's at or above this one."""
        known = self._verdicts.get
        while frame is not None:
            verdict = known(id(frame.f_code))
            if verdict or (verdict is None and self.belongs(frame.f_code)):
                return frame
            frame = frame.f_back
        return None

    def chain(self, frame: FrameType | None, most: int = 4) -> list[FrameType]:
        """The user's frames from the innermost outwards."""
        found: list[FrameType] = []
        while len(found) < most and (frame := self.innermost(frame)) is not None:
            found.append(frame)
            frame = frame.f_back
        return found

    def place(self, code: CodeType, lasti: int) -> Place:
        """The position of an instruction."""
        key = (id(code), lasti)
        place = self._places.get(key)
        if place is None:
            line, column = position(code, lasti)[:2]
            name = code.co_qualname if sys.version_info >= (3, 11) else code.co_name
            place = Place(code.co_filename, line, column, "" if name == "<module>" else name)
            self._places[key] = place
            self.belongs(code)
        return place


def position(code: CodeType, lasti: int) -> tuple[int, int, int, int]:
    """(line, column, end line, end column) of an instruction; zeros where it is not known."""
    for index, spot in enumerate(_positions(code)):
        if index == lasti // 2:
            line, end, column, end_column = spot
            return (line or 0, column or 0, end or 0, end_column or 0)
    return (0, 0, 0, 0)


def _positions(
    code: CodeType,
) -> Iterable[tuple[int | None, int | None, int | None, int | None]]:
    return code.co_positions()
