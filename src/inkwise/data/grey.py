"""Grey levels: samples of any depth, and grey with alpha, as uint8 from 0 (black) to 255 (white).

Pure functions on arrays. Grey levels are scaled, never clipped, and which of dark and light is ink is not decided
here. Knows nothing of files.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.errors import ImageError

Grey = NDArray[np.uint8]
_DEPTHS = (8, 10, 12, 14, 16)  # bits in which scanners and cameras count
_FLAT = 32  # grey levels: what is drawn in fewer has its shape in the alpha channel alone


def from_unit(array: NDArray[Any], name: str) -> Grey:
    """Return floating point samples from 0 to 1 as uint8.

    Args:
        array: any shape with at least one sample.
        name: what a message calls the picture.

    Raises:
        ImageError: a sample is nan, infinite or outside 0 to 1.
    """
    _check_finite(array, name)
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise ImageError(
            f"The values of {name} go from {low:g} to {high:g}; floating point from 0 to 1 is accepted: scale them."
        )
    return np.asarray(np.rint(array * 255), np.uint8)


def from_depth(array: NDArray[np.uint16]) -> Grey:
    """Return 16-bit samples as uint8, scaled by their depth: the least of 8, 10, 12, 14 and 16 bits that holds them.

    Scanners and cameras often keep 10 to 14 bits in 16; divided by 65,535 these would come out nearly black.
    """
    top = int(array.max())
    depth = next(bits for bits in _DEPTHS if top < 2**bits)
    table: Grey = np.rint(np.arange(top + 1) * (255 / (2**depth - 1))).astype(np.uint8)
    return np.asarray(table[array], np.uint8)


def from_range(array: NDArray[Any], name: str) -> Grey:
    """Return 32-bit samples as uint8: 0 to 1, 0 to 255 or 16-bit where they fit, else from their least to their most.

    Args:
        array: int32 or float32 samples, any shape with at least one.
        name: what a message calls the picture.

    Raises:
        ImageError: a sample is nan or infinite.
    """
    _check_finite(array, name)
    low, high = float(array.min()), float(array.max())
    if low >= 0 and array.dtype.kind == "i" and high < 2**16:
        return from_depth(array.astype(np.uint16))
    if low >= 0 and high <= 1:
        return from_unit(array, name)
    if low >= 0 and high <= 255:
        return np.asarray(np.rint(array), np.uint8)
    span = max(high - low, 1e-30)
    return np.asarray(np.rint((array.astype(np.float64) - low) * (255 / span)), np.uint8)


def flatten(grey: Grey, alpha: Grey) -> Grey:
    """Return the picture laid on white; on black where it is one light colour, whose shape white would swallow.

    Args:
        grey: (H, W), what is seen where alpha is 255.
        alpha: (H, W), 0 transparent and 255 opaque.
    """
    seen = grey[alpha >= 128]
    if not seen.size:
        seen = grey[alpha > 0]
    light = seen.size > 0 and int(seen.min()) >= 128 and int(seen.max()) - int(seen.min()) < _FLAT
    paper = np.uint16(0 if light else 255)
    share = alpha.astype(np.uint16)
    mixed = grey * share + paper * (255 - share)  # at most 255 * 255, which 16 bits hold
    return np.asarray((mixed + 127) // 255, np.uint8)


def _check_finite(array: NDArray[Any], name: str) -> None:
    bad = array.size - int(np.count_nonzero(np.isfinite(array)))
    if bad:
        raise ImageError(f"{name} has {bad:,} values that are nan or infinite; replace them with numbers.")
