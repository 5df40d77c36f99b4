"""The same layers, faster on a CPU: equal values, fewer passes over memory.

Where a ReLU stands before a max-pool, pooling first gives the same values and the same gradients, since a ReLU keeps
the order of values, and leaves the ReLU a quarter of the work. A ReLU may overwrite its input where nothing before it
needs that for its gradient. A kernel as large as the image is a matrix product, equal up to the order of a sum, and
skips the convolution's set-up. Dropout draws whole words of random bits and cuts them up, instead of a random number
per value. docs/log.md has what each brought.
"""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

# Layers whose gradient does not need their own output, so that it may be overwritten.
_FORGETFUL = (nn.Conv2d, nn.BatchNorm2d, nn.Linear, nn.MaxPool2d)


class Dropout(nn.Dropout):
    """Dropout whose mask is cut from whole random words; on other devices than the CPU it is torch's own.

    The probability is rounded to a multiple of 1/256 where that is exact, and of 1/65536 otherwise.
    Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Return `values` with each set to 0 with probability p and the others scaled by 1 / (1 - p), in training."""
        if not self.training or self.p in {0.0, 1.0} or values.device.type != "cpu" or values.numel() == 0:
            return super().forward(values)
        return values * keep_mask(values, self.p).mul_(1 / (1 - self.p))


def keep_mask(values: Tensor, p: float) -> Tensor:
    """Return ones and, with probability `p`, zeros: shape, dtype and memory layout of `values`, on the CPU."""
    coarse = p * 256
    bits, levels = (torch.uint8, 256) if coarse == int(coarse) else (torch.uint16, 65536)
    size = values.numel() * (1 if bits == torch.uint8 else 2)
    words = torch.empty(-(-size // 8), dtype=torch.int64).random_(-(2**63), None)
    drawn = words.view(bits)[: values.numel()]
    if bits == torch.uint16:
        drawn = drawn.to(torch.int32)  # torch compares no uint16
    mask = torch.empty_like(values)  # keeps a channels-last layout
    flat = mask.as_strided((mask.numel(),), (1,))
    flat.copy_(drawn >= round(p * levels))
    return mask


def steps(children: Iterable[nn.Module]) -> Iterator[tuple[nn.Module, bool]]:
    """Yield the children in the order to compute them, each with whether it is a ReLU that may overwrite its input.

    A child that someone listens to by a hook keeps its place and its own output.
    """
    waiting: nn.Module | None = None
    before: nn.Module | None = None
    for child in children:
        if waiting is not None:
            swaps = type(child) is nn.MaxPool2d and not _watched(child)
            pair = (child, waiting) if swaps else (waiting, child)
            waiting = None
            yield from _mark(pair, before)
            before = pair[1]
        elif type(child) is nn.ReLU and not _watched(child, before):
            waiting = child
        else:
            yield child, False
            before = child
    if waiting is not None:
        yield from _mark((waiting,), before)


def compute(child: nn.Module, values: Tensor, overwrite: bool) -> Tensor:
    """Return what `child` makes of `values`."""
    if type(child) is nn.Conv2d and _covers(child, values) and not _watched(child):
        flat = functional.linear(values.flatten(1), child.weight.flatten(1), child.bias)  # (N, C_out)
        return flat[:, :, None, None]
    if overwrite:
        return functional.relu_(values)
    result: Tensor = child(values)
    return result


def _mark(pair: Iterable[nn.Module], before: nn.Module | None) -> Iterator[tuple[nn.Module, bool]]:
    for child in pair:
        yield child, type(child) is nn.ReLU and type(before) in _FORGETFUL
        before = child


def _covers(conv: nn.Conv2d, values: Tensor) -> bool:
    """Return whether the kernel is as large as the image, so that there is one place to put it: a matrix product."""
    return (
        conv.kernel_size == tuple(values.shape[-2:])
        and conv.padding == (0, 0)
        and conv.dilation == (1, 1)
        and conv.groups == 1
    )


def _watched(*children: nn.Module | None) -> bool:
    # torch has no public way to ask whether a module has hooks. A backward hook counts: torch hands it a view of the
    # output, which must not be overwritten.
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return any(bool(getattr(child, name, None)) for child in children for name in hooks)
