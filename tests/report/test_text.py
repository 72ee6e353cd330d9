"""The lines of the terminal summary."""

from pathlib import Path

from shapecheck.core.evidence import CheckedFunction, Declaration, Unchecked
from shapecheck.core.finding import Finding, Severity
from shapecheck.core.site import Place
from shapecheck.report.text import finding_lines, listing, shown, total


def function(
    name: str, line: int, declarations: int, calls: int, file: str = "/p/a.py"
) -> CheckedFunction:
    return CheckedFunction(Place(file, line, function=name), name, declarations, calls)


UNCHECKED = Unchecked(
    Declaration("x", "variable", "Later"), Place("/p/a.py", 9), "f", "`Later` does not exist"
)


def test_total_counts_what_was_called() -> None:
    functions = [function("f", 1, 3, 10), function("g", 5, 1, 1), function("idle", 9, 0, 0)]
    assert total(0, functions, []) == "4 declarations of 2 functions checked in 11 calls"
    assert total(2, functions[1:2], [UNCHECKED]) == (
        "2 findings; 1 declaration of 1 function checked in 1 call; 1 declaration not checked"
    )


def test_listing_by_file_and_line() -> None:
    functions = [
        function("later", 20, 1, 1),
        function("f", 3, 2, 5),
        function("g", 1, 0, 0, file="/p/sub/b.py"),
    ]
    assert listing(functions, [UNCHECKED], "/p") == [
        "a.py",
        "     3  f      2 declarations, 5 calls",
        "    20  later  1 declaration, 1 call",
        "sub/b.py",
        "     1  g  never called",
        "not checked: `x: Later` of f (a.py:9)",
        "    `Later` does not exist",
    ]


def test_a_finding_stands_below_its_line_of_code(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text("def f(x):\n    return x.T\n")
    finding = Finding("a-fault", Severity.ERROR, Place(str(file), 2, function="f"), "Wrong")
    lines = finding_lines(finding, str(tmp_path))
    assert lines == ["code.py:2: in f", "    return x.T", "Wrong [a-fault]"]


def test_files_elsewhere_keep_their_path() -> None:
    assert shown("/p/a.py", "/p") == shown("/p/a.py", "/p/") == "a.py"
    assert shown("/other/a.py", "/p") == "/other/a.py"
    assert shown("/pp/a.py", "/p") == "/pp/a.py"
    assert shown("/p/a.py", "") == "/p/a.py"
