"""The kernels that have a name, listed: their size, and what they do."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from inkwise.convolution.kernels import NAMED, NamedKernel


def kernel_lines(width: int = 80) -> Iterator[str]:
    """Yield the lines of a table: name, size and what a kernel does, those over two axes first.

    Args:
        width: Columns that there are.
    """
    column = max(len(name) for name in NAMED) + 2
    indent = column + 10
    for rank, title in ((2, "Over images"), (1, "Over signals")):
        yield f"{title}:"
        for kernel in NAMED.values():
            if kernel.rank == rank:
                head, *rest = wrap(_does(kernel), max(20, width - indent - 2))
                yield f"  {kernel.name:<{column}}{kernel.extent:<10}{head}"
                yield from (" " * (indent + 2) + line for line in rest)
        yield ""
    yield from wrap(
        "* when correlated (--correlate), as networks do; a convolution rotates it by 180 degrees first. The others "
        "are symmetric, so that both are the same.",
        width,
    )


def kernel_dicts() -> list[dict[str, Any]]:
    """Return the same as plain values, with the weights and where they are from."""
    return [
        {
            "name": kernel.name,
            "aliases": list(kernel.aliases),
            "size": list(kernel.size),
            "rows": [list(row) for row in kernel.rows],
            "divisor": kernel.divisor,
            "symmetric": kernel.symmetric,
            "does": kernel.does,
            "source": kernel.source,
        }
        for kernel in NAMED.values()
    ]


def _does(kernel: NamedKernel) -> str:
    also = f"; also {' or '.join(kernel.aliases)}" if kernel.aliases else ""
    return f"{kernel.does}{'' if kernel.symmetric else ' *'}{also}"
