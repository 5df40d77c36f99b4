"""Columns: what they hold, how they are cut into blocks, and that they are never there as a whole."""

from math import prod
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.convolution import im2col as module
from inkwise.convolution.correlation import correlate
from inkwise.convolution.direct import direct
from inkwise.convolution.im2col import blocks, im2col, in_bfloat16, patches, patches_first
from inkwise.convolution.setting import Setting

SHAPES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((5, 2, 90), (3, 2, 4), {"stride": 2, "dilation": 3}),
    ((5, 4, 9, 12), (6, 2, 3, 2), {"groups": 2, "stride": (1, 2), "dilation": (2, 1)}),
    ((3, 3, 8, 9), (3, 1, 3, 3), {"groups": 3}),
    ((2, 1, 6, 5, 7), (2, 1, 2, 3, 2), {"dilation": (1, 1, 2)}),
    ((7, 4, 6, 6), (4, 2, 5, 5), {"groups": 2}),  # few places
    ((7, 1, 9), (1, 1, 9), {}),  # a single one
]
NAMES = ["signal", "groups", "depthwise", "volume", "few", "single"]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("image", "kernel", "settings"), SHAPES, ids=NAMES)
@pytest.mark.parametrize("block", [1, 3000, 4 * 2**20])
@pytest.mark.parametrize("gradient", [False, True])
def test_any_size_of_block_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    settings: dict[str, Any],
    block: int,
    gradient: bool,
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    setting = Setting.make(image, kernel, **settings)
    padded, weights, bias = noise(*image), noise(*kernel, seed=1).requires_grad_(gradient), noise(kernel[0], seed=2)
    for added in (bias, None):
        expected = direct(padded, weights, added, setting)
        torch.testing.assert_close(im2col(padded, weights, added, setting), expected)


@pytest.mark.parametrize(("image", "kernel", "settings"), SHAPES[:4], ids=NAMES[:4])
@pytest.mark.parametrize("block", [1, 3000, 20000, 4 * 2**20])
def test_the_blocks_hold_every_place_once_and_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    settings: dict[str, Any],
    block: int,
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    setting = Setting.make(image, kernel, **settings)
    visits = torch.zeros(setting.batch, setting.output_size[0])
    one_row = 8 * prod(setting.image_shape[1:2]) * prod(setting.kernel) * prod(setting.output_size[1:])
    for images, row, count in blocks(setting, itemsize=8):
        part = visits[images, row : row + count]
        part += 1
        assert part.numel() * one_row <= max(block, one_row)
    assert (visits == 1).all()


def test_patches_are_what_the_kernel_sees_and_copy_nothing() -> None:
    setting = Setting.make((1, 2, 5, 9), (1, 2, 2, 3), stride=(1, 2), dilation=(2, 1))
    padded = torch.arange(90).reshape(1, 2, 5, 9)
    seen = patches(padded, setting)
    assert seen.shape == (1, 2, *setting.output_size, 2, 3) == (1, 2, 3, 4, 2, 3)
    assert seen.untyped_storage().data_ptr() == padded.untyped_storage().data_ptr()
    for i in range(3):
        for j in range(4):
            expected = padded[0, 1, i : i + 3 : 2, 2 * j : 2 * j + 3]
            assert torch.equal(seen[0, 1, i, j], expected)
            assert torch.equal(patches_first(padded, setting)[0, 1, :, :, i, j], expected)


def test_the_columns_are_not_kept_for_the_gradient() -> None:
    setting = Setting.make((4, 2, 20, 20), (3, 2, 5, 5))
    padded, kernel = noise(4, 2, 20, 20), noise(3, 2, 5, 5).requires_grad_()
    kept: list[int] = []

    def keep(each: Tensor) -> Tensor:
        kept.append(each.numel())
        return each

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda each: each):
        im2col(padded, kernel, None, setting)
    assert sum(kept) < 4 * 2 * 25 * 16 * 16


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Remembers the values of the largest tensor that any operation made anew."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.values = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        returned = func(*args, **(kwargs or {}))
        if isinstance(returned, Tensor) and not returned._is_view():
            self.values = max(self.values, returned.untyped_storage().nbytes() // returned.element_size())
        return returned


@pytest.mark.parametrize("gradient", [False, True])
def test_one_images_columns_are_never_there_as_a_whole(monkeypatch: pytest.MonkeyPatch, gradient: bool) -> None:
    setting = Setting.make((1, 4, 39, 38), (2, 4, 5, 5), stride=(2, 1))
    monkeypatch.setattr(module, "BLOCK", 8 * 3 * 4 * 25 * 34)  # three rows of places
    assert setting.output_size == (18, 34)
    padded, kernel = noise(1, 4, 39, 38).requires_grad_(gradient), noise(2, 4, 5, 5).requires_grad_(gradient)
    with Largest() as largest:
        output = im2col(padded, kernel, None, setting)
        if gradient:
            torch.autograd.grad(output.sum(), (padded, kernel))
    assert largest.values <= 3 * 4 * 25 * 34
    assert largest.values < 4 * 25 * 18 * 34


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("rows", [1, 2])
def test_gradients_are_right_over_strips(monkeypatch: pytest.MonkeyPatch, rank: int, rows: int) -> None:
    monkeypatch.setattr(module, "FEW", 0)
    inputs = tuple(
        each.requires_grad_() for each in (noise(1, 2, *(6, 4, 2)[:rank]), noise(2, 1, *(2,) * rank, seed=1))
    )
    settings: dict[str, Any] = {"groups": 2, "stride": 1 if rank == 1 else 2, "dilation": 1 if rank > 1 else 2}
    setting = Setting.make(inputs[0].shape, inputs[1].shape, **settings)
    monkeypatch.setattr(module, "BLOCK", rows * 8 * 2 * 2**rank * prod(setting.output_size[1:]))

    def run(*given: Tensor) -> Tensor:
        return correlate(*given, **settings, algorithm="im2col")

    assert torch.autograd.gradcheck(run, inputs)
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize(("n", "size"), [(300, 3), (40, 9)], ids=["few", "many"])
def test_gradients_of_many_blocks_are_rounded_as_of_one(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, n: int, size: int
) -> None:
    monkeypatch.setattr(module, "BLOCK", 1)  # a block for each image or row of places
    image, kernel = (
        torch.rand(n, 2, size, size, generator=torch.Generator().manual_seed(0)),
        noise(8, 2, 2, 2, seed=1),
    )
    short = [each.to(dtype).requires_grad_() for each in (image, kernel, noise(8, seed=2))]
    long = [each.detach().double().requires_grad_() for each in short]
    weighed = torch.rand(n, 8, size - 1, size - 1, generator=torch.Generator().manual_seed(0)).to(
        dtype
    )  # all above 0: sums grow
    (_, *found), (_, *exact) = (
        torch.autograd.grad(correlate(*given, algorithm="im2col"), given, weighed.to(given[0].dtype))
        for given in (short, long)
    )
    for ours, right in zip(found, exact, strict=True):
        assert ours.dtype == dtype
        assert ((ours.double() - right).abs() / right.abs()).max() < torch.finfo(dtype).eps


def test_a_block_is_no_larger_than_it_may_be() -> None:
    setting = Setting.make((256, 32, 30, 30), (64, 32, 3, 3))
    images, row, count = next(blocks(setting, itemsize=4))
    assert (images, row, count) == (slice(0, 4), 0, 28)  # 4 of 903,168 bytes in 4 MiB


CPU = torch.device("cpu")


def test_bfloat16_is_taken_as_it_is_where_it_pays() -> None:
    probes = [getattr(torch.cpu, name, bool)() for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")]
    layer, few = Setting.make((1, 2, 9), (16, 1, 3), groups=2), Setting.make((1, 4, 9), (16, 1, 3), groups=4)
    assert in_bfloat16(layer, CPU) == any(probes)
    assert not in_bfloat16(few, CPU)
    assert not in_bfloat16(layer, torch.device("meta"))


@pytest.mark.parametrize("kernels", [7, 8])
def test_bfloat16_is_multiplied_as_is_or_converted(monkeypatch: pytest.MonkeyPatch, kernels: int) -> None:
    met: set[torch.dtype] = set()
    real = torch.bmm

    def watched(*given: Tensor, **settings: Any) -> Tensor:
        met.update(each.dtype for each in given)
        return real(*given, **settings)

    monkeypatch.setattr(torch, "bmm", watched)
    image, kernel = (torch.ones(shape, dtype=torch.bfloat16) for shape in ((1, 2, 9, 9), (kernels, 2, 3, 3)))
    assert correlate(image, kernel, algorithm="im2col").dtype == torch.bfloat16
    native = in_bfloat16(Setting.make(image.shape, kernel.shape), CPU)
    assert met == {torch.bfloat16 if native else torch.float32}
