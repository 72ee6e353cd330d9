"""What the rules on trials have in common: where a finding stands, its picture, its evidence."""

from __future__ import annotations

from shapecheck.core.axis import Role, role_of
from shapecheck.core.evidence import Matrix, Trial
from shapecheck.core.finding import Finding, Severity


def is_batch(axis: str) -> bool:
    """True where the name of an axis says that it counts samples."""
    hint = role_of(axis)
    return hint is not None and hint.role is Role.BATCH


def sure(trial: Trial, severity: Severity = Severity.ERROR) -> Severity:
    """The severity, less where one letter is all that the axis is called."""
    hint = role_of(trial.axis)
    weak = hint is not None and hint.weak
    return Severity.WARNING if weak and severity is Severity.ERROR else severity


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
        cause=cause,
        remedy=trial.remedy,
        notes=notes,
        picture=drawn(trial.matrix) if trial.matrix else (),
        evidence={
            "function": trial.function,
            "axis": trial.axis,
            "output": trial.output,
            "declared": trial.declared,
            "law": trial.law,
            "pattern": trial.pattern,
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
