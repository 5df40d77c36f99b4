"""The layers whose arithmetic is known, in the groups that are computed alike, and which values they mix.

A module counts as known by what it computes: a subclass with a forward method of its own is another layer. To add
one, name it here in its group and give its formula in `pointwise` (or the file of its group).
"""

from typing import Final

from torch import nn

from inkwise.explain.activations import Call
from inkwise.explain.stencil import SLIDING, sliding_rank
from inkwise.models.deskewing import Deskewing
from inkwise.models.kernels import Dropout
from inkwise.models.network import Pixels

ACTIVATIONS: Final = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Tanh,
    nn.Sigmoid,
    nn.LogSigmoid,
    nn.Softplus,
    nn.Softsign,
    nn.Hardtanh,
    nn.Hardsigmoid,
    nn.Hardswish,
)
DROPOUTS: Final = (
    Dropout,
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.Dropout3d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
)
UNCHANGED: Final = (nn.Identity, *DROPOUTS)
BATCH_NORMS: Final = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
INSTANCE_NORMS: Final = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)
NORMS: Final = (*BATCH_NORMS, *INSTANCE_NORMS, nn.LayerNorm, nn.GroupNorm)
VIEWS: Final = (nn.Flatten, nn.Unflatten)
SOFTMAXES: Final = (nn.Softmax, nn.LogSoftmax, nn.Softmin)
KNOWN: Final[tuple[type[nn.Module], ...]] = (
    *SLIDING,
    *NORMS,
    *ACTIVATIONS,
    *UNCHANGED,
    *VIEWS,
    *SOFTMAXES,
    nn.Linear,
    Pixels,
    Deskewing,
)
SPOKEN: Final = (
    "convolutions (transposed ones too), maximum and average pools, linear layers, batch, layer, group and instance "
    "normalisation, softmax, flatten, dropout, padding by a constant, cropping, deskewing, and activations such as "
    "ReLU, GELU and tanh"
)
_WORKERS: Final = ("forward", "_conv_forward")  # the methods that compute


def known(module: nn.Module) -> bool:
    """Return whether `module` computes exactly what one of KNOWN does in evaluation mode."""
    if "forward" in vars(module):
        return False  # replaced on the object itself
    cls = type(module)
    return any(
        isinstance(module, base) and all(getattr(cls, name, None) is getattr(base, name, None) for name in _WORKERS)
        for base in KNOWN
    )


def keeps_batch(call: Call) -> bool:
    """Return whether a known layer's input and output have the batch of one image as their first axis."""
    if not (call.given.ndim and call.output.ndim and call.given.shape[0] == call.output.shape[0] == 1):
        return False
    return not isinstance(call.module, SLIDING) or call.given.ndim == sliding_rank(call.module) + 2


def mixed_axes(module: nn.Module, rank: int) -> frozenset[int]:
    """Return the axes of the input, without the batch, along which a value depends on every other one."""
    if isinstance(module, nn.Linear):
        return frozenset({rank - 1})
    if isinstance(module, SOFTMAXES):
        # torch's default for three axes and for one, the batch included, is the first axis
        chosen = (0 if rank in {0, 2} else 1) if module.dim is None else module.dim % (rank + 1)
        return frozenset({chosen - 1} & set(range(rank)))
    if isinstance(module, nn.LayerNorm):
        return frozenset(range(rank - len(module.normalized_shape), rank))
    # A deskewed value is read between two neighbours of its row, but which two and how much of each the slope says, and
    # every pixel has a part in the slope: even where there is no ink, since ink put there would turn it. So the box is
    # the whole image; the two neighbours alone would break the promise that no pixel outside can change the value.
    if isinstance(module, (nn.GroupNorm, Deskewing)):
        return frozenset(range(rank))
    if isinstance(module, (*BATCH_NORMS, *INSTANCE_NORMS)) and module.running_mean is None:
        return frozenset(range(1, rank))  # the statistics are the image's own
    return frozenset()
