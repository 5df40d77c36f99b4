"""Many images at once: a folded row of modules as calls of oneDNN, on a CPU.

Weights are laid out once, and maps stay in oneDNN's blocked layout from a convolution to the next layer that it does
not compute; that one is called as the module it is, on an ordinary tensor. torch's own max-pool also writes an index
for each value, oneDNN's does not. docs/log.md has what each brought.
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

Forward = Callable[[Tensor], Tensor]

# What torch.utils.mkldnn calls to lay out a weight; there is no public name for it.
_LAYOUT: Callable[..., Tensor] | None = getattr(torch._C._nn, "mkldnn_reorder_conv2d_weight", None)  # noqa: SLF001

# Layers whose result is memory of its own and needed by nobody else, so that a ReLU may overwrite it.
_OWN = (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.BatchNorm1d, nn.BatchNorm2d)


def is_possible() -> bool:
    """Return whether this torch has oneDNN."""
    return bool(torch.backends.mkldnn.is_available()) and _LAYOUT is not None  # type: ignore[no-untyped-call]


def compile_batched(row: Sequence[nn.Module]) -> Forward:
    """Return a function from float32 (B, C, H, W) to what the row of modules gives, for use without gradients."""
    steps: list[Forward] = []
    blocked = False
    before: nn.Module | None = None
    for module in _pooled_first(row):
        known = _is_plain_convolution(module) or (blocked and _is_blocked_too(module))
        if known != blocked:
            steps.append(Tensor.to_mkldnn if known else Tensor.to_dense)
            blocked = known
        if isinstance(module, nn.Conv2d) and known:
            steps.append(_convolution(module))
        else:
            steps.append(torch.relu_ if type(module) is nn.ReLU and type(before) in _OWN else module)
        before = module
    if blocked:
        steps.append(Tensor.to_dense)

    def run(images: Tensor) -> Tensor:
        values = images
        for step in steps:
            values = step(values)
        return values

    return run


def _pooled_first(row: Iterable[nn.Module]) -> list[nn.Module]:
    """Return the modules with every ReLU behind the max-pools that follow it: fewer values are left to cut off."""
    order: list[nn.Module] = []
    for module in row:
        at = len(order)
        while type(module) is nn.MaxPool2d and at and type(order[at - 1]) is nn.ReLU:
            at -= 1
        order.insert(at, module)
    return order


def _is_plain_convolution(module: nn.Module) -> bool:
    return type(module) is nn.Conv2d and module.padding_mode == "zeros" and not isinstance(module.padding, str)


def _is_blocked_too(module: nn.Module) -> bool:
    if type(module) is nn.MaxPool2d:
        return module.dilation in {1, (1, 1)} and not module.return_indices
    if type(module) is nn.AdaptiveAvgPool2d:
        return module.output_size in {1, (1, 1)}
    return type(module) is nn.ReLU


def _convolution(conv: nn.Conv2d) -> Forward:
    pad, stride, dilation, groups = conv.padding, conv.stride, conv.dilation, conv.groups
    assert not isinstance(pad, str)
    assert _LAYOUT is not None
    weight = _LAYOUT(conv.weight.detach().to_mkldnn(), pad, stride, dilation, groups)
    bias = None if conv.bias is None else conv.bias.detach().to_mkldnn()

    def step(values: Tensor) -> Tensor:
        return torch.conv2d(values, weight, bias, stride, pad, dilation, groups)

    return step
