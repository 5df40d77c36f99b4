"""A network in evaluation as a shorter row of modules with the same values.

Sequences within sequences become one row, and what does nothing in evaluation goes. A ReLU behind a max-pool comes
before it: it keeps the order of values. A batch normalisation becomes part of the convolution or linear layer before
it, through a max-pool too where no channel is turned upside down. Folded weights are computed in float64. The network
is left as it is, and the row has weights of its own; modules of unknown kinds are shared, untouched.
"""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from inkwise.models import kernels

_IDLE = {nn.Identity, nn.Dropout, kernels.Dropout}  # do nothing in evaluation; what a subclass does is not known
_WEIGHTED = {nn.Conv2d, nn.Linear, nn.BatchNorm1d, nn.BatchNorm2d}

Norm = nn.BatchNorm1d | nn.BatchNorm2d


def fold(network: nn.Module) -> list[nn.Module]:
    """Return the modules to compute one after the other for what `network` gives in evaluation mode."""
    row: list[nn.Module] = []
    for module in _unrolled(network):
        if type(module) in _IDLE:
            continue
        at = len(row)
        while type(module) in {nn.ReLU, nn.BatchNorm2d} and at and type(row[at - 1]) is nn.MaxPool2d:
            at -= 1  # the place in front of the pools
        before = row[at - 1] if at else None
        if type(module) is nn.ReLU:
            row.insert(at, module)
        elif _foldable(before, module) and (at == len(row) or bool((affine(module)[0] >= 0).all())):  # type: ignore[arg-type]
            row[at - 1] = _absorbed(before, module)  # type: ignore[arg-type]  # _foldable has looked
        else:
            row.append(_with_own_weights(module))
    return row


def affine(norm: Norm) -> tuple[Tensor, Tensor]:
    """Return scale and shift per channel, float64 (C,), of a batch normalisation in evaluation."""
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None
    assert variance is not None
    scale = (variance.detach().double() + norm.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.detach().double()
    shift = -mean.detach().double() * scale
    if norm.bias is not None:
        shift = shift + norm.bias.detach().double()
    return scale, shift


def has_statistics(module: nn.Module) -> bool:
    """Return whether this is a batch normalisation that uses its running statistics in evaluation."""
    return type(module) in {nn.BatchNorm1d, nn.BatchNorm2d} and getattr(module, "running_mean", None) is not None


def _unrolled(module: nn.Module) -> Iterator[nn.Module]:
    # A subclass of Sequential may compute something else; a Network is known to be a row.
    from inkwise.models.network import Network

    if isinstance(module, nn.Sequential) and type(module) in {nn.Sequential, Network}:
        for child in module:
            yield from _unrolled(child)
    else:
        yield module


def _foldable(before: nn.Module | None, module: nn.Module) -> bool:
    pairs = {nn.Conv2d: nn.BatchNorm2d, nn.Linear: nn.BatchNorm1d}
    return pairs.get(type(before)) is type(module) and has_statistics(module)


def _absorbed(layer: nn.Conv2d | nn.Linear, norm: Norm) -> nn.Module:
    """Return a layer that gives what `norm` makes of what `layer` gives."""
    scale, shift = affine(norm)
    weight = layer.weight.detach().double()
    bias = torch.zeros_like(shift) if layer.bias is None else layer.bias.detach().double()
    with torch.device("meta"):  # no random numbers are drawn for weights that are replaced
        if isinstance(layer, nn.Conv2d):
            twin: nn.Module = nn.Conv2d(
                layer.in_channels,
                layer.out_channels,
                layer.kernel_size,  # type: ignore[arg-type]
                layer.stride,  # type: ignore[arg-type]
                layer.padding,  # type: ignore[arg-type]
                layer.dilation,  # type: ignore[arg-type]
                layer.groups,
                padding_mode=layer.padding_mode,
            )
        else:
            twin = nn.Linear(layer.in_features, layer.out_features)
    twin.weight = nn.Parameter((weight * scale.reshape(-1, *[1] * (weight.ndim - 1))).float(), requires_grad=False)
    twin.bias = nn.Parameter((bias * scale + shift).float(), requires_grad=False)
    return twin.eval()


def _with_own_weights(module: nn.Module) -> nn.Module:
    """Return a twin of a layer, so that nobody else writes into weights that some forms of the row have copied."""
    if type(module) not in _WEIGHTED:
        return module
    twin = copy.copy(module)
    # What is not there, such as a bias, keeps its entry of None.
    weights = {name: _parameter(weight) for name, weight in module.named_parameters()}
    buffers = {name: buffer.detach().clone() for name, buffer in module.named_buffers()}
    vars(twin)["_parameters"] = vars(module)["_parameters"] | weights
    vars(twin)["_buffers"] = vars(module)["_buffers"] | buffers
    return twin


def _parameter(value: Tensor) -> nn.Parameter:
    return nn.Parameter(value.detach().clone(), requires_grad=False)
