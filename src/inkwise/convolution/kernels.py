"""Kernels that have a name: averages, derivatives and their relatives, in one and two dimensions.

Each is written as it lies on the image when it is correlated, which is what cv2.filter2D and a network's layer do.
Under a true convolution the symmetric ones do the same, and the odd ones (a derivative) change their sign, since
convolving turns them by 180 degrees. Whole numbers over a divisor, so that each is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from inkwise.convolution.window import spelled
from inkwise.errors import UnknownName, UsageError

Line = tuple[int, ...]

_BINOMIAL: Final = "binomial weights (a row of Pascal's triangle over its sum)"
_SOBEL: Final = "Sobel and Feldman, An isotropic 3x3 image gradient operator, Stanford 1968"
_PREWITT: Final = "Prewitt, Object enhancement and extraction, 1970"
_SCHARR: Final = "Scharr, Optimale Operatoren in der digitalen Bildverarbeitung, Heidelberg 2000"


@dataclass(frozen=True)
class NamedKernel:
    """A kernel with its name: whole numbers, row by row, over a divisor; one row where it has one axis."""

    name: str
    rows: tuple[Line, ...]
    does: str  # when it is correlated
    source: str
    divisor: int = 1
    rank: int = 2

    @property
    def size(self) -> tuple[int, ...]:
        """Values along each axis."""
        return (len(self.rows), len(self.rows[0]))[-self.rank :]

    @property
    def extent(self) -> str:
        """The size in words: "3 x 3", or "3 values" along one axis."""
        return spelled(self.size) if self.rank > 1 else f"{self.size[0]} values"

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""
        return tuple(alias for alias, name in ALIASES.items() if name == self.name)

    @property
    def symmetric(self) -> bool:
        """Whether turning it by 180 degrees changes nothing, so that correlating and convolving are one."""
        return self.rows == tuple(row[::-1] for row in self.rows[::-1])


def _outer(column: Line, row: Line) -> tuple[Line, ...]:
    return tuple(tuple(c * r for r in row) for c in column)


_ALL: Final = (
    NamedKernel("identity", _outer((0, 1, 0), (0, 1, 0)), "the image itself", "the unit of convolution"),
    NamedKernel("blur", _outer((1,) * 3, (1,) * 3), "the mean of 3 x 3 values", "the box filter", 9),
    NamedKernel("gaussian", _outer((1, 2, 1), (1, 2, 1)), "a soft blur over 3 x 3 values", _BINOMIAL, 16),
    NamedKernel(
        "gaussian-5", _outer((1, 4, 6, 4, 1), (1, 4, 6, 4, 1)), "a soft blur over 5 x 5 values", _BINOMIAL, 256
    ),
    NamedKernel(
        "sharpen",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        "the image and its difference from its neighbours",
        "identity minus laplacian",
    ),
    NamedKernel(
        "sobel-x",
        _outer((1, 2, 1), (-1, 0, 1)),
        "how fast it grows brighter to the right (upright edges)",
        _SOBEL,
    ),
    NamedKernel(
        "sobel-y",
        _outer((-1, 0, 1), (1, 2, 1)),
        "how fast it grows brighter downward (level edges)",
        _SOBEL,
    ),
    NamedKernel(
        "prewitt-x",
        _outer((1, 1, 1), (-1, 0, 1)),
        "how fast it grows brighter to the right, without weights",
        _PREWITT,
    ),
    NamedKernel(
        "prewitt-y",
        _outer((-1, 0, 1), (1, 1, 1)),
        "how fast it grows brighter downward, without weights",
        _PREWITT,
    ),
    NamedKernel(
        "scharr-x",
        _outer((3, 10, 3), (-1, 0, 1)),
        "like sobel-x, nearly alike in every direction of an edge",
        _SCHARR,
    ),
    NamedKernel(
        "scharr-y",
        _outer((-1, 0, 1), (3, 10, 3)),
        "like sobel-y, nearly alike in every direction of an edge",
        _SCHARR,
    ),
    NamedKernel(
        "roberts",
        ((1, 0), (0, -1)),
        "the difference along a diagonal",
        "Roberts, Machine perception of three-dimensional solids, 1963",
    ),
    NamedKernel(
        "laplacian",
        ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
        "the sum of the second differences over rows and columns",
        "the five-point stencil",
    ),
    NamedKernel(
        "edge",
        ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        "the difference from all eight neighbours (edges of any direction)",
        "the nine-point laplacian, its sign turned",
    ),
    NamedKernel(
        "emboss",
        ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
        "the image as a relief lit from the upper left",
        "a derivative along the diagonal, plus identity",
    ),
    NamedKernel("identity-1d", ((0, 1, 0),), "the signal itself", "the unit of convolution", rank=1),
    NamedKernel("moving-average", ((1, 1, 1),), "the mean of 3 values", "the box filter", 3, rank=1),
    NamedKernel("moving-average-5", ((1,) * 5,), "the mean of 5 values", "the box filter", 5, rank=1),
    NamedKernel("smooth", ((1, 2, 1),), "a soft mean of 3 values", _BINOMIAL, 4, rank=1),
    NamedKernel("smooth-5", ((1, 4, 6, 4, 1),), "a soft mean of 5 values", _BINOMIAL, 16, rank=1),
    NamedKernel("difference", ((-1, 1),), "each value less the one before", "the first difference", rank=1),
    NamedKernel(
        "central-difference", ((-1, 0, 1),), "the slope, from both neighbours", "the central difference", 2, rank=1
    ),
    NamedKernel("second-difference", ((1, -2, 1),), "how the slope changes", "the three-point stencil", rank=1),
)

NAMED: Final[Mapping[str, NamedKernel]] = {each.name: each for each in _ALL}

ALIASES: Final[Mapping[str, str]] = {
    "box": "blur",
    "gauss": "gaussian",
    "gaussian-3": "gaussian",
    "sobel": "sobel-x",
    "prewitt": "prewitt-x",
    "scharr": "scharr-x",
    "laplace": "laplacian",
}


def find_kernel(name: str) -> NamedKernel:
    """Return the kernel called `name`, in capitals or not; UnknownName with suggestions where there is none."""
    plain = name.lower()
    plain = ALIASES.get(plain, plain)
    if plain not in NAMED:
        raise UnknownName("kernel", name, (*NAMED, *ALIASES))
    return NAMED[plain]


def named_kernel(name: str, *, dtype: torch.dtype = torch.float32) -> Float[Tensor, "1 1 *space"]:
    """Return the kernel called `name`, ready for `correlate` with an image of one channel.

    Args:
        name: A key of `NAMED` or of `ALIASES`, in capitals or not.
        dtype: A floating-point dtype.

    Returns:
        (1, 1, *space), over one or two axes.

    Raises:
        UnknownName: There is no such kernel; names that are close are suggested.
        UsageError: The dtype is not a floating-point one.

    Example:
        >>> named_kernel("sobel-x")[0, 0]
        tensor([[-1.,  0.,  1.],
                [-2.,  0.,  2.],
                [-1.,  0.,  1.]])
    """
    kernel = find_kernel(name)
    if not dtype.is_floating_point:
        raise UsageError(
            f"A kernel of dtype {str(dtype).removeprefix('torch.')} was asked for; averages need a floating-point "
            "dtype, such as torch.float32."
        )
    whole = torch.tensor(kernel.rows, dtype=torch.float64).reshape(kernel.size)
    return (whole / kernel.divisor).to(dtype)[None, None]


def spell_kernel(kernel: NamedKernel) -> str:
    """Return one line about a kernel: "sobel-x (3 x 3), when correlated: how fast ...", or "blur (3 x 3): ..."."""
    when = "" if kernel.symmetric else ", when correlated"
    return f"{kernel.name} ({kernel.extent}){when}: {kernel.does}"
