"""What plain size checks see: every annotation held at each call, and nothing more.

The yardstick for tests/programs/annotated: a mutant that this catches needs no law. It stands
alone on jaxtyping, so that it cannot share a fault with what it measures.
"""

import functools
import importlib
import inspect
import sys
import typing
from collections.abc import Callable
from pathlib import Path

from jaxtyping import AbstractArray, jaxtyped

Function = Callable[..., object]


def install(name: str, folder: Path) -> None:
    """Import the package ``name`` from ``folder`` with all its functions checked."""
    sys.path.insert(0, str(folder))
    module = importlib.import_module(name)
    for owner in [module, *(v for v in vars(module).values() if inspect.isclass(v))]:
        if owner is not module and owner.__module__ != name:
            continue
        for key, value in list(vars(owner).items()):
            if inspect.isfunction(value) and value.__module__ == name and key != "__init__":
                setattr(owner, key, jaxtyped(typechecker=_checked)(value))


def _checked(function: Function) -> Function:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> object:
        bound = signature.bind(*args, **kwargs)
        for name, value in bound.arguments.items():
            _hold(value, signature.parameters[name].annotation, name)
        result = function(*args, **kwargs)
        _hold(result, signature.return_annotation, "return")
        return result

    return call


def _hold(value: object, declared: object, name: str) -> None:
    if typing.get_origin(declared) is tuple and isinstance(value, tuple):
        for item, part in zip(value, typing.get_args(declared), strict=True):
            _hold(item, part, name)
    elif (
        inspect.isclass(declared)
        and issubclass(declared, AbstractArray)
        and not isinstance(value, declared)
    ):
        raise TypeError(f"{name}: {tuple(getattr(value, 'shape', ()))} is not {declared.__name__}")
