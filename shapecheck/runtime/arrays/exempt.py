"""Which code gets no probes: what looks at code itself, and what may pause halfway."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# What compiles code objects, sends them elsewhere, or steps through them.
_WORDS_OF_MODULES = (
    "pdb ipdb bdb dis cProfile profile trace joblib cloudpickle dill loky ray dask numba jax "
    "tensorflow concurrent multiprocess"
)
_MODULES = frozenset(_WORDS_OF_MODULES.split())
_WORDS_OF_NAMES = (
    "breakpoint set_trace settrace setprofile jit symbolic_trace _dynamo dynamo export n_jobs "
    "__code__ getrefcount getweakrefcount getweakrefs get_referrers"
)
_NAMES = frozenset(_WORDS_OF_NAMES.split())


def looks_at_code(tree: ast.Module) -> bool:
    """True where something in the code looks at code objects, or counts who refers to what."""
    return any(map(_looks, ast.walk(tree)))


def _looks(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(alias.name.partition(".")[0] in _MODULES for alias in names)
        case ast.ImportFrom(module=str() as module):
            return module.partition(".")[0] in _MODULES
        case ast.Name(id=name) | ast.keyword(arg=name):
            return name == "compile" or name in _NAMES
        case ast.Attribute(attr="compile", value=base):
            return not (isinstance(base, ast.Name) and base.id in ("re", "regex"))
        case ast.Attribute(attr=name):
            return name in _NAMES
    return False


def modules(tree: ast.Module) -> frozenset[str]:
    """The names under which the code knows numpy."""
    return frozenset(
        alias.asname or "numpy"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numpy" or (alias.name.startswith("numpy.") and not alias.asname)
    )


def suspending(tree: ast.Module) -> frozenset[int]:
    """The nodes, by id, in which a generator may pause: what they met would wait for long."""
    pauses = (ast.Yield, ast.YieldFrom, ast.Await)
    if not any(isinstance(node, pauses) for node in ast.walk(tree)):
        return frozenset()
    return frozenset(_pausing(tree, pauses))


def _pausing(node: ast.AST, pauses: tuple[type[ast.expr], ...]) -> Iterator[int]:
    inner = [number for child in ast.iter_child_nodes(node) for number in _pausing(child, pauses)]
    yield from inner
    holds = inner and isinstance(node, (ast.expr, ast.keyword, ast.AugAssign))
    if holds or isinstance(node, pauses):
        yield id(node)
