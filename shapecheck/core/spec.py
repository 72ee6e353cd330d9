"""A parsed expectation: the ordered axes of a tensor and the dtypes it may have."""

from __future__ import annotations

from dataclasses import dataclass

from shapecheck.core.axis import Axis, AxisKind


@dataclass(frozen=True)
class Spec:
    """Ordered axes plus dtype, as a declaration states them.

    `text` is the axes as written (`"batch seq feature"`). `dtype` is the name of jaxtyping's
    dtype class (`Float`), empty where the source states none. `dtypes` are the dtype names it
    accepts (`("float32", …)`); empty means any.
    """

    axes: tuple[Axis, ...]
    text: str
    dtype: str = ""
    dtypes: tuple[str, ...] = ()

    @property
    def variadic_at(self) -> int | None:
        """Index of the element that stands for any number of axes, if there is one."""
        return next((i for i, axis in enumerate(self.axes) if axis.spans_many), None)

    @property
    def rank(self) -> int | None:
        """Number of axes, or None where an element stands for any number of them."""
        return None if self.variadic_at is not None else len(self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names that bind a size, in order."""
        return tuple(a.name for a in self.axes if a.kind is AxisKind.NAMED)

    def accepts_rank(self, rank: int) -> bool:
        """True where a tensor of this many axes can be laid along the spec at all."""
        if self.variadic_at is None:
            return rank == len(self.axes)
        return rank >= len(self.axes) - 1

    def lay(self, rank: int) -> tuple[Axis, ...]:
        """The axis declared for each of `rank` positions, the variadic one repeated.

        Raises ValueError where `accepts_rank(rank)` is false.
        """
        if not self.accepts_rank(rank):
            raise ValueError(f"{rank} axes cannot be laid along {self.text!r}")
        at = self.variadic_at
        if at is None:
            return self.axes
        many = rank - (len(self.axes) - 1)
        return self.axes[:at] + (self.axes[at],) * many + self.axes[at + 1 :]

    def __str__(self) -> str:
        axes = f"({', '.join(axis.text for axis in self.axes)}{',' if len(self.axes) == 1 else ''})"
        return f"{self.dtype} {axes}" if self.dtype else axes
