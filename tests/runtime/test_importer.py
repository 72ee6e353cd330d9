"""Packages under the import hook: what is checked in them, and everything that stays as it was."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import runpy
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from shapecheck import DeclarationError, Finding, ShapeError
from shapecheck.check import explain
from shapecheck.runtime.guard import Guard
from shapecheck.runtime.importer import AlreadyImported, ImportHook

zeros = torch.zeros
HEAD = "import torch\nfrom torch import Tensor\nfrom jaxtyping import Float, Int\n"


class Project:
    """A folder of the test's own on the import path, with a hook over `pkg`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.guard = Guard(explain)

    def write(self, path: str, body: str, head: str = HEAD) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        for folder in file.relative_to(self.root).parents:
            if folder != Path() and not (self.root / folder / "__init__.py").exists():
                (self.root / folder / "__init__.py").write_text("")
        file.write_text(head + textwrap.dedent(body))
        return file

    def load(self, name: str = "pkg.mod", packages: tuple[str, ...] = ("pkg",)) -> Any:
        importlib.invalidate_caches()
        for loaded in [m for m in sys.modules if m.split(".")[0] in ("pkg", "other")]:
            del sys.modules[loaded]
        with ImportHook(self.guard, packages) as hook:
            hook.install()
            return importlib.import_module(name)

    def module(self, body: str, head: str = HEAD) -> Any:
        self.write("pkg/mod.py", body, head)
        return self.load()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    made = Project(tmp_path)
    yield made
    for loaded in [m for m in sys.modules if m.split(".")[0] in ("pkg", "other")]:
        del sys.modules[loaded]
    assert made.guard.record.internal_errors == []


def refused(function: Callable[..., Any], *args: Any) -> Finding:
    with pytest.raises(ShapeError) as caught:
        function(*args)
    return caught.value.finding


def line_of(module: ModuleType, text: str) -> int:
    lines = inspect.getsource(module).splitlines()
    return next(i for i, line in enumerate(lines, 1) if text in line)


# --- what is covered --------------------------------------------------------------------------


def test_a_package_its_subpackages_and_relative_imports(project: Project) -> None:
    body = "def f(x: Float[Tensor, 'a b']): return x\n"
    project.write("pkg/deep/leaf.py", body)
    project.write("pkg/mod.py", "from .deep.leaf import f\nfrom . import deep\n")
    project.write("other/mod.py", body)
    assert refused(project.load().f, zeros(1)).slug == "axis-missing"
    assert project.load("other.mod").f(zeros(1)).shape == (1,)


def test_functions_methods_and_classes(project: Project) -> None:
    m = project.module("""
        from dataclasses import dataclass
        class Net(torch.nn.Module):
            def forward(self, x: Float[Tensor, "a b"]): return x
            @staticmethod
            def s(x: Float[Tensor, "a b"]): return x
            @classmethod
            def c(cls, x: Float[Tensor, "a b"]): return x
            @property
            def p(self) -> Float[Tensor, "3"]: return torch.zeros(4)
            class Inner:
                def f(self, x: Float[Tensor, "a b"]): return x
        @dataclass
        class Pair:
            x: Float[Tensor, "n"]
            y: Float[Tensor, "n"]
        def plain(x): return x
        """)
    net = m.Net()
    for function in (net, net.s, net.c, m.Net.Inner().f):
        assert refused(function, zeros(1)).slug == "axis-missing"
    assert refused(lambda: net.p).slug == "size-mismatch"
    assert refused(m.Pair, zeros(2), zeros(3)).message == "`Pair.y` disagrees about the size of `n`"
    assert not hasattr(m.plain, "__wrapped__")


def test_other_decorators_keep_wrapping_what_they_wrapped(project: Project) -> None:
    m = project.module("""
        import contextlib, functools
        @functools.lru_cache(maxsize=3)
        def cached(n: int) -> Float[Tensor, "3"]: return torch.zeros(n)
        @contextlib.contextmanager
        def managed(x: Float[Tensor, "a"]): yield x
        @torch.no_grad()
        def quiet(x: Float[Tensor, "a"]): return torch.is_grad_enabled()
        """)
    assert m.cached(3) is m.cached(3)
    assert refused(m.cached, 4).slug == "size-mismatch"
    with m.managed(zeros(3)) as x:
        assert x.shape == (3,)
    assert m.quiet(zeros(3)) is False


def test_no_type_check_and_overload_are_respected(project: Project) -> None:
    m = project.module("""
        import typing
        from typing import overload
        @typing.no_type_check
        def f(x: Float[Tensor, "a b"]):
            y: Float[Tensor, "a b"] = x
            return y
        @typing.no_type_check
        class C:
            def f(self, x: Float[Tensor, "a b"]): return x
        @overload
        def g(x: int) -> int: ...
        @overload
        def g(x: str) -> str: ...
        def g(x): return x
        """)
    assert m.f(zeros(1)).shape == m.C().f(zeros(1)).shape == (1,)
    assert m.g([]) == []


# --- annotated assignments --------------------------------------------------------------------


def test_assignments_are_judged_where_they_stand(project: Project) -> None:
    m = project.module("""
        def f(x: Float[Tensor, "batch seq"], wrong=None):
            if True:
                with torch.no_grad():
                    try:
                        h: Float[Tensor, "batch 3"] = x[:, :3]
                    finally:
                        pass
            if wrong == "size":
                h: Float[Tensor, "batch 4"] = x[:, :3]  # here
            pair: tuple[Float[Tensor, "batch"], int] = x[:, 0], 3
            if wrong == "tuple":
                pair: tuple[Float[Tensor, "batch"], int] = x[0], 3
            return h, pair
        """)
    assert m.f(zeros(2, 5))[1][1] == 3
    found = refused(m.f, zeros(2, 5), "size")
    assert found.message == "`h` in f has another size than declared"
    assert found.cause == "axis 1 should be 4 and is 3"
    assert found.place.line == line_of(m, "# here")
    assert found.notes == (f'declared {m.__file__}:{found.place.line} as Float[Tensor, "batch 4"]',)
    assert refused(m.f, zeros(2, 5), "tuple").message.startswith("`pair[0]` in f disagrees")


def test_attributes_items_walrus_yield_and_await(project: Project) -> None:
    m = project.module("""
        class Net:
            def set(self, x):
                self.h: Float[Tensor, "a b"] = x
        def item(x):
            d = {}
            d["h"]: Float[Tensor, "a b"] = x
            return d
        def walrus(x):
            y: Float[Tensor, "a"] = (z := x)[0]
            return z
        def gen():
            x: Float[Tensor, "a b"] = yield
            yield x
        async def co(x):
            async def inner(): return x
            y: Float[Tensor, "a b"] = await inner()
            return y
        def starred(x):
            y: tuple[int, ...] = *x, 3
            return y
        """)
    net = m.Net()
    net.set(zeros(2, 3))
    assert net.h.shape == (2, 3)
    assert refused(net.set, zeros(1)).message == "`self.h` in Net.set lacks an axis"
    assert refused(m.item, zeros(1)).message == "`d['h']` in item lacks an axis"
    assert m.walrus(zeros(2, 3)).shape == (2, 3)
    steps = m.gen()
    next(steps)
    assert steps.send(zeros(2, 3)).shape == (2, 3)
    steps = m.gen()
    next(steps)
    assert refused(steps.send, zeros(1)).message == "`x` in gen lacks an axis"
    steps = m.co(zeros(1))
    assert refused(steps.send, None).message == "`y` in co lacks an axis"
    assert m.starred([1, 2]) == (1, 2, 3)
    assert refused(m.starred, ["a"]).slug == "type-mismatch"


def test_module_level_and_class_bodies_are_left_alone(project: Project) -> None:
    m = project.module("""
        x: Float[Tensor, "a b"] = torch.zeros(1)
        class C:
            y: Float[Tensor, "a b"] = torch.zeros(1)
        def f():
            class D:
                z: Float[Tensor, "a b"] = torch.zeros(1)
            return D
        """)
    assert m.x.shape == m.C.y.shape == m.f().z.shape == (1,)


def test_each_pass_of_a_loop_binds_anew(project: Project) -> None:
    """The last batch may be smaller, a sequence may grow; what was bound before the loop holds."""
    m = project.module("""
        def train(batches, features: Float[Tensor, "f"]):
            sizes = []
            for x in batches:
                xb: Float[Tensor, "batch f"] = x
                yb: Float[Tensor, "batch"] = xb[:, 0]
                sizes.append(len(yb))
            while len(sizes) < 4:
                grown: Float[Tensor, "time"] = torch.zeros(len(sizes))
                if len(sizes) % 2:
                    odd: Float[Tensor, "time"] = grown
                sizes.append(0)
            return sizes
        def wrong(batches):
            for x in batches:
                xb: Float[Tensor, "batch f"] = x
                yb: Float[Tensor, "batch"] = x[0]
        def outer(h: Float[Tensor, "batch"], batches):
            for x in batches:
                xb: Float[Tensor, "batch f"] = x
        """)
    assert m.train([zeros(4, 3), zeros(2, 3)], zeros(3)) == [4, 2, 0, 0]
    assert refused(m.train, [zeros(4, 3), zeros(2, 4)], zeros(3)).slug == "axis-conflict"
    assert refused(m.wrong, [zeros(4, 3)]).slug == "axis-conflict"
    assert refused(m.outer, zeros(4), [zeros(4, 3), zeros(2, 3)]).bindings[0] == "batch=4 from h"


def test_nested_functions_and_recursion_have_their_own(project: Project) -> None:
    m = project.module("""
        def outer(x: Float[Tensor, "n"]):
            def inner(y):
                z: Float[Tensor, "n"] = y
                return z
            a: Float[Tensor, "n"] = x
            return inner(torch.zeros(len(x) + 1))
        def shrink(x: Float[Tensor, "n"]):
            y: Float[Tensor, "n"] = x
            if len(x) > 1:
                shrink(x[1:])
            z: Float[Tensor, "n"] = y
            return z
        """)
    assert len(m.outer(zeros(3))) == 4
    assert len(m.shrink(zeros(4))) == 4


def test_annotations_may_use_local_names(project: Project) -> None:
    m = project.module("""
        def f(x, kind, width: int):
            Local = kind[Tensor, f"a {width}"]
            y: Local = x
            def inner(z):
                w: Local = z
                return w
            return inner(y)
        class C:
            def m(self, x):
                Row = Float[Tensor, "3"]
                y: "Row | None" = x
                return y
        """)
    from jaxtyping import Float

    assert m.f(zeros(2, 3), Float, 3).shape == (2, 3)
    assert refused(m.f, zeros(2, 4), Float, 3).message.startswith("`y` in f")
    assert m.C().m(None) is None
    assert refused(m.C().m, zeros(4)).message.startswith("`y` in C.m")


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_names_that_do_not_exist_are_listed_and_never_raise(project: Project, future: str) -> None:
    m = project.module(
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from nowhere import Missing
        def f(x: "Missing") -> "list[Missing]":
            y: "Missing" = x
            z: Missing[Tensor, "a"] = y
            return [z]
        """,
        future + HEAD,
    )
    assert m.f(3) == [3]
    assert m.f(3) == [3]
    left = [u.declaration.name for u in project.guard.record.unchecked()]
    assert left == ["x", "return", "y", "z"]
    reasons = {u.reason for u in project.guard.record.unchecked()}
    assert reasons == {"`Missing` does not exist at run time"}


def test_under_future_annotations_all_is_judged_too(project: Project) -> None:
    m = project.module(
        """
        def f(x: Float[Tensor, "a b"]) -> Float[Tensor, "b"]:
            Row = Float[Tensor, "3"]
            y: Row = x[0]
            def inner():
                z: Row = x[:, 0]
                return z
            return inner()
        """,
        "from __future__ import annotations\n" + HEAD,
    )
    # `Row` stands in annotations alone, and Python itself would keep it in no closure
    assert m.f(zeros(3, 3)).shape == (3,)
    assert refused(m.f, zeros(2, 3)).message.startswith("`z` in inner has another size")
    assert refused(m.f, zeros(2, 4)).message.startswith("`y` in f has another size")


# --- what stays as it was ---------------------------------------------------------------------


def test_docstring_future_imports_main_and_source(project: Project) -> None:
    file = project.module(
        '''
        def f(x: int) -> int:
            """Doc of f."""
            return x
        if __name__ == "__main__":
            raise SystemExit("main")
        ''',
        '"""The doc."""\nfrom __future__ import annotations\n',
    )
    assert file.__doc__ == "The doc."
    assert file.f.__doc__ == "Doc of f."
    assert inspect.getsource(file.f).startswith("def f(x: int)")
    assert file.annotations.compiler_flag
    assert file.__file__.endswith("mod.py")
    assert file.__spec__.loader.get_source("pkg.mod").startswith('"""The doc."""')


def test_lines_of_tracebacks_are_the_users(project: Project) -> None:
    body = """
        def f(
            x: Float[Tensor, "a b"],
        ) -> Float[Tensor, "a b"]:
            y: Float[Tensor, "a b"] = (
                x
                + 1
            )
            for _ in range(1):
                z: int = 1 // 0  # fails
            return y
        """
    m = project.module(body)
    with pytest.raises(ZeroDivisionError) as caught:
        m.f(zeros(2, 3))
    frames = [
        f for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == m.__file__
    ]
    assert [f.lineno for f in frames] == [line_of(m, "# fails")]
    (frame,) = frames
    assert frame.line is not None
    assert Path(m.__file__).read_text().splitlines()[frame.lineno - 1].index("1 //") == frame.colno


def test_the_right_return_is_named(project: Project) -> None:
    m = project.module("""
        def f(x, way: str) -> Float[Tensor, "a b"]:
            if way == "first":
                return x  # first
            try:
                return x  # second
            finally:
                pass
            def unrelated():
                return 3
        async def g(x, way: str) -> Float[Tensor, "a b"]:
            if way == "first":
                return x  # third
            return x
        """)
    assert refused(m.f, zeros(1), "first").place.line == line_of(m, "# first")
    assert refused(m.f, zeros(1), "second").place.line == line_of(m, "# second")
    assert refused(m.g(zeros(1), "first").send, None).place.line == line_of(m, "# third")
    assert m.f(zeros(1, 2), "first").shape == (1, 2)


@pytest.mark.parametrize("calls", [1, 50])
def test_the_right_return_is_named_however_often_it_was_called(
    project: Project, calls: int
) -> None:
    m = project.module("""
        def inner(x, way: str) -> Float[Tensor, "..."]:
            if way:
                return x  # inner
            return x
        def f(x, way: str) -> Float[Tensor, "a b"]:
            if way == "first":
                return x  # first
            inner(x, "way")
            if way == "second":
                return x  # second
        """)
    for _ in range(calls):
        assert m.f(zeros(1, 2), "first").shape == (1, 2)
    assert refused(m.f, zeros(1), "first").place.line == line_of(m, "# first")
    assert refused(m.f, zeros(1), "second").place.line == line_of(m, "# second")
    assert refused(m.f, zeros(1), "none").place.line == line_of(m, "def f(")  # by none of them


def test_coverage_sees_the_same_lines(project: Project) -> None:
    body = """
        def f(x: int) -> int:
            total: int = 0
            for i in range(x):
                part: int = i
                total += part
            while False:
                never: int = 1
            if x > 100:
                return 1
            return total
        """
    m = project.module(body)

    def lines_run(function: Callable[[int], Any]) -> set[int]:
        seen: set[int] = set()

        def trace(frame: Any, event: str, argument: Any) -> Any:
            if frame.f_code.co_name == "f" and event == "line":
                seen.add(frame.f_lineno)
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            function(3)
        finally:
            sys.settrace(before)
        return seen

    plain = {}  # type: ignore[var-annotated]  # a namespace
    exec(compile(Path(m.__file__).read_text(), "plain", "exec"), plain)
    assert lines_run(m.f) == lines_run(plain["f"])


def test_runpy_runs_the_module_as_python_does(project: Project) -> None:
    project.write("pkg/mod.py", "def f(x: int) -> int: return x\nresult = f('a')\n")
    with ImportHook(project.guard, ["pkg"]) as hook:
        hook.install()
        assert runpy.run_module("pkg.mod")["result"] == "a"


def test_reloading_keeps_the_guard(project: Project) -> None:
    project.write("pkg/mod.py", "def f(x: int) -> int: return x\n")
    importlib.invalidate_caches()
    with ImportHook(project.guard, ["pkg"]) as hook:
        hook.install()
        again = importlib.reload(importlib.import_module("pkg.mod"))
    assert refused(again.f, "a").slug == "type-mismatch"


def test_pickles_of_functions_and_classes(project: Project) -> None:
    import pickle

    m = project.module("""
        from dataclasses import dataclass
        def f(x: int) -> int: return x
        @dataclass
        class P:
            x: int
        """)
    assert pickle.loads(pickle.dumps(m.f)) is m.f
    assert pickle.loads(pickle.dumps(m.P(3))) == m.P(3)


# --- byte code --------------------------------------------------------------------------------


def cached(file: Path) -> list[str]:
    return sorted(p.name for p in (file.parent / "__pycache__").glob(f"{file.stem}.*"))


def test_byte_code_is_kept_under_a_tag_of_its_own(project: Project) -> None:
    file = project.write("pkg/mod.py", "def f(x: int) -> int: return x\n")
    project.load()
    (name,) = cached(file)
    assert re.fullmatch(r"mod\.cpython-\d+\.opt-shapecheck\w+\.pyc", name)
    assert refused(project.load().f, "a")  # from the cache
    plain = subprocess.run(
        [sys.executable, "-c", "import pkg.mod; print(pkg.mod.f('a'))"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout == "a\n"


def test_a_source_that_changed_is_compiled_again(project: Project) -> None:
    m = project.module("def f(x: int) -> int: return x\n")
    assert refused(m.f, "a")
    changed = project.module("def f(x: str) -> str: return x\n")
    assert changed.f("a") == "a"


def test_a_folder_that_cannot_be_written_is_no_matter(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project.write("pkg/mod.py", "def f(x: int) -> int: return x\n")
    (file.parent / "__pycache__").write_text("in the way")
    assert refused(project.load().f, "a")


# --- clear errors -----------------------------------------------------------------------------


def test_a_package_imported_too_early_says_who_did(project: Project) -> None:
    project.write("pkg/mod.py", "def f(x): return x\n")
    project.write("other/user.py", "from pkg.mod import f\nimport pkg\n")
    importlib.import_module("other.user")
    with pytest.raises(
        AlreadyImported, match=r"pkg was already imported by other\.user \(.*user\.py\)"
    ):
        ImportHook(project.guard, ["pkg"]).install()


def test_an_annotation_that_cannot_be_read_is_named_with_file_and_line(project: Project) -> None:
    file = project.write("pkg/mod.py", "def f():\n    pass\ndef g(x: Float[Tensor, 'a, b']): ...\n")
    with pytest.raises(DeclarationError, match="spaces, not commas") as caught:
        project.load()
    assert (caught.value.place.file, caught.value.place.line) == (str(file), 6)


def test_a_local_annotation_that_cannot_be_read_is_too(project: Project) -> None:
    m = project.module("""
        def f(x):
            y: Float[Tensor, "a, b"] = x  # here
            return y
        """)
    with pytest.raises(DeclarationError, match="`y` cannot be read") as caught:
        m.f(zeros(1))
    assert caught.value.place.line == line_of(m, "# here")


def test_a_users_error_at_import_is_the_users(project: Project) -> None:
    with pytest.raises(ValueError, match="mine"):
        project.module("raise ValueError('mine')\n")
    with pytest.raises(SyntaxError):
        project.module("def f(:\n")


def test_what_is_no_source_file_is_left_to_python(project: Project) -> None:
    hook = ImportHook(project.guard, ["math", "pkg"])
    assert hook.find_spec("math") is None
    assert hook.find_spec("pkg.missing") is None
    (project.root / "pkg").mkdir()
    importlib.invalidate_caches()
    assert hook.find_spec("pkg") is None  # a namespace package has no code


def test_folders_are_covered_whatever_their_modules_are_called(project: Project) -> None:
    project.write("pkg/mod.py", "def f(x: int) -> int: return x\n")
    importlib.invalidate_caches()
    with ImportHook(project.guard, [], [project.root / "pkg"]) as hook:
        hook.install()
        assert refused(importlib.import_module("pkg.mod").f, "a")
        assert hook.seen == {"pkg", "pkg.mod"}
