"""What the rules on trials have in common: where a finding stands, its picture, its evidence."""

from __future__ import annotations

from shapecheck.core.axis import Role, role_of, says_batch
from shapecheck.core.evidence import Matrix, Trial
from shapecheck.core.finding import Finding, Severity


def is_batch(axis: str) -> bool:
    """True where the name of an axis says that it is a batch; a letter may say so as well."""
    hint = role_of(axis)
    return says_batch(axis) or (hint is not None and hint.role is Role.BATCH and hint.weak)


_MOVES = frozenset((
    "view", "reshape", "flatten", "unflatten", "permute", "transpose", "repeat", "expand",
))  # fmt: skip


def sure(trial: Trial, severity: Severity = Severity.ERROR) -> Severity:
    """The severity, less where one letter is all that the axis is called."""
    if trial.witnesses:
        return max(severity, _undeclared(trial), key=lambda each: each.rank)
    hint = role_of(trial.axis)
    weak = (hint is not None and hint.weak) or (trial.law_by == "name" and not is_batch(trial.axis))
    return Severity.WARNING if weak and severity is Severity.ERROR else severity


def _undeclared(trial: Trial) -> Severity:
    """The most that can be said of an axis that nobody declared.

    A model whose layer reads the samples as time, or that lays them out anew, is wrong; what else
    meets on the way may be wanted. Sizes that never occurred trouble nobody yet.
    """
    known = trial.witnesses[0].kind == "loader" or not trial.witnesses[0].weak
    model = trial.within == "module"
    if trial.kind == "shape":
        loaded = trial.witnesses[0].kind == "loader"
        return Severity.WARNING if model and loaded else Severity.NOTE
    if not known:
        return Severity.WARNING if model and trial.reads else Severity.NOTE
    moved = trial.operation.partition("(")[0] in _MOVES
    return Severity.ERROR if model and (trial.reads or moved) else Severity.WARNING


def because(trial: Trial) -> str:
    """Why the axis is taken for a batch, where no annotation says it."""
    said = [f"{w.text} (line {w.place.line})" for w in trial.witnesses]
    return f"{trial.carrier} is the {trial.axis}: {', '.join(dict.fromkeys(said))}" if said else ""


def finding(
    trial: Trial,
    slug: str,
    severity: Severity,
    message: str,
    *,
    expected: str = "",
    actual: str = "",
    cause: str = "",
    notes: tuple[str, ...] = (),
) -> Finding:
    """The finding at the operation at fault, or at the function where none is known."""
    return Finding(
        slug,
        severity,
        trial.first_break or trial.place,
        message,
        expected=expected,
        actual=actual,
        cause="; ".join(filter(None, (cause, because(trial)))),
        remedy=trial.remedy,
        notes=notes,
        picture=drawn(trial.matrix) if trial.matrix else (),
        cites=tuple(dict.fromkeys(w.place for w in trial.witnesses)),
        evidence={
            "function": trial.function,
            "axis": trial.axis,
            "output": trial.output,
            "declared": trial.declared,
            "law": trial.law,
            "pattern": trial.pattern,
            "matrix": [list(row) for row in trial.matrix or ()],
            "operation": trial.operation,
            "sizes_seen": list(trial.seen_sizes),
            "sizes_tried": list(trial.after or trial.before),
            "expected": list(trial.expected),
            "actual": list(trial.actual),
        },
    )


def at_fault(trial: Trial) -> str:
    """What the operation at fault is: `line 34: nn.LSTM(batch_first=False) takes (seq, …)`."""
    said = trial.reads or trial.operation
    if not said or trial.first_break is None:
        return said
    return f"line {trial.first_break.line}: {said}"


def drawn(matrix: Matrix) -> tuple[str, ...]:
    """A dependency matrix, a row for each output index, a column for each input index."""
    head = "output ↓ input → " + " ".join(str(i % 10) for i in range(len(matrix[0])))
    rows = [
        f"{o:>15}  " + " ".join("■" if moved else "·" for moved in row)
        for o, row in enumerate(matrix)
    ]
    return (head, *rows)


def sizes(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
