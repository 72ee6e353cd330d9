"""The rewriting of a module, read as source: what is put in, and where nothing is."""

from __future__ import annotations

import ast
import textwrap

import pytest

from shapecheck.runtime.importing.transform import names_by_function, transform


def rewritten(source: str) -> str:
    source = textwrap.dedent(source).strip()
    tree = ast.parse(source)
    transform(tree, names_by_function(source, "here.py"))
    compile(tree, "here.py", "exec")
    return ast.unparse(tree).replace("__shapecheck__", "guard")


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x",
        "x: int = 3",
        "class C:\n    x: int = 3",
        "def f(x):\n    y: int",
        "for x in y:\n    z: int = x",
        "@no_type_check\ndef f(x: int):\n    y: int = x",
        "@typing.overload\ndef f(x: int) -> int:\n    ...",
        "@no_type_check\nclass C:\n\n    def f(self, x: int):\n        return x",
        '"""doc"""\nfrom __future__ import annotations',
    ],
)
def test_where_nothing_is_declared_nothing_changes(source: str) -> None:
    assert rewritten(source) == source


def test_the_guard_is_the_innermost_decorator() -> None:
    assert rewritten("@cache\n@other(1)\ndef f(x: int): pass").splitlines()[:3] == [
        "@cache",
        "@other(1)",
        "@guard.checked",
    ]


def test_a_decorated_class_is_guarded_outermost() -> None:
    assert rewritten("@dataclass\nclass C:\n    x: int").startswith("@guard.checked_class\n@datac")
    assert rewritten("class C:\n    x: int = 3") == "class C:\n    x: int = 3"


def test_assignments_pass_through_the_guard() -> None:
    assert rewritten("""
        def f(x):
            y: int = x
        """) == ("@guard.watched\ndef f(x):\n    y: int = guard.assigned(x, 'y', 'int', 2, 1)")


def test_the_first_line_is_that_of_the_first_decorator() -> None:
    assert "'y', 'int', 4, 1)" in rewritten("""
        @cache
        @other
        def f(x):
            y: int = x
        """)


def test_an_annotation_with_local_names_is_evaluated_later() -> None:
    code = rewritten("""
        def f(T):
            y: T = 1
            def g():
                z: list[T] = [1]
        """)
    assert "guard.assigned(1, 'y', 'T', 2, 1, lambda: T)" in code
    assert "guard.assigned([1], 'z', 'list[T]', 4, 3, lambda: list[T])" in code


def test_each_pass_of_a_loop_is_told() -> None:
    code = rewritten("""
        def f(xs):
            for x in xs:
                y: int = x
                z: int = y
            while xs:
                def g():
                    k: int = 3
        """)
    assert "for x in xs:\n        guard.again(3, 4, 1)\n        y: int" in code
    assert "while xs:\n\n        @guard.watched" in code  # the declaration is another function's


def test_only_where_several_returns_may_be_at_fault_are_they_marked() -> None:
    assert "returning" not in rewritten("def f(x) -> int:\n    return x")
    assert "returning" not in rewritten("def f(x: int):\n    if x: return 1\n    return 2")
    code = rewritten("def f(x) -> int:\n    if x: return 1\n    return 2")
    assert "guard.returning(1, 2, 1)" in code
    assert "guard.returning(2, 3, 1)" in code


def test_every_node_has_a_position() -> None:
    source = "def f(x) -> int:\n    for i in x:\n        y: int = (\n            i)\n    return y"
    tree = transform(ast.parse(source), names_by_function(source, "here.py"))
    for node in ast.walk(tree):
        if "lineno" in node._attributes:
            assert 1 <= node.lineno <= 5  # type: ignore[attr-defined]  # just looked up
