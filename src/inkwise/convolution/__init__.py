"""The convolution from its definition, on tensors of any rank; knows no images and no training.

Images are (N, C_in, *space), kernels (C_out, C_in / groups, *space), over one to three axes of space. Everything is a
pure function that torch's autograd can differentiate (torch.func's transforms are not supported), written so that it
can be read beside its formula. The field says "convolution" for what is a cross-correlation; here `correlate` is the
one, and `convolve`, with the kernel rotated by 180 degrees, the other.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkwise.convolution.choice import Choice, choose
    from inkwise.convolution.correlation import convolve, correlate
    from inkwise.convolution.gradient import weight_gradient
    from inkwise.convolution.kernels import named_kernel
    from inkwise.convolution.matrix import as_matrix
    from inkwise.convolution.pooling import pool
    from inkwise.convolution.sight import Sight, receptive_field
    from inkwise.convolution.transposed import transpose
    from inkwise.convolution.walk import Step, steps
    from inkwise.convolution.window import Window, output_size

__all__ = [
    "Choice",
    "Sight",
    "Step",
    "Window",
    "as_matrix",
    "choose",
    "convolve",
    "correlate",
    "named_kernel",
    "output_size",
    "pool",
    "receptive_field",
    "steps",
    "transpose",
    "weight_gradient",
]

_HOMES = {
    "Choice": "choice",
    "Sight": "sight",
    "Step": "walk",
    "Window": "window",
    "as_matrix": "matrix",
    "choose": "choice",
    "convolve": "correlation",
    "correlate": "correlation",
    "named_kernel": "kernels",
    "output_size": "window",
    "pool": "pooling",
    "receptive_field": "sight",
    "steps": "walk",
    "transpose": "transposed",
    "weight_gradient": "gradient",
}


# Loaded when first used: the window and the sight are for everyone, and need no torch.
def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'inkwise.convolution' has no attribute {name!r}")
    return getattr(import_module(f"inkwise.convolution.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
