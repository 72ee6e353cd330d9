"""Every family of operations: importing them fills the register. The order settles names that
two families know (`normal_` fills a tensor, `normal` makes one)."""

from shapecheck.runtime.flow.operations import (  # noqa: I001  (reason: the order is meant)
    views,
    expansion,
    indexing,
    gathering,
    joining,
    elementwise,
    reduce,
    matmul,
    layers,
    losses,
    factories,
    reading_sizes,
    sequences,
    decompositions,
    gradients,
    spectra,
)

__all__ = [
    "decompositions",
    "elementwise",
    "expansion",
    "factories",
    "gathering",
    "gradients",
    "indexing",
    "joining",
    "layers",
    "losses",
    "matmul",
    "reading_sizes",
    "reduce",
    "sequences",
    "spectra",
    "views",
]
