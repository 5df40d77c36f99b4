"""Cross-correlation and convolution by all three algorithms, against torch, SciPy and NumPy; and bad input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.forked import python
from torch import Tensor
from torch.nn import functional

from inkwise.convolution import correlation as module
from inkwise.convolution.choice import Choice, choose
from inkwise.convolution.correlation import convolve, correlate
from inkwise.errors import ShapeError, UnknownName, UsageError

TORCH = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
MODES_OF_TORCH = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "wrap": "circular"}


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@st.composite
def arguments(draw: st.DrawFn) -> dict[str, Any]:
    """Image, kernel, bias and everything that says how the kernel slides, so that it fits."""
    rank = draw(st.integers(1, 3))

    def axes(least: int, most: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(least, most)) for _ in range(rank))

    groups, depth, each = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    kernel, dilation = axes(1, 3), axes(1, 2)
    mode = draw(st.sampled_from(tuple(MODES_OF_TORCH)))
    reach = tuple(d * (m - 1) + 1 for m, d in zip(kernel, dilation, strict=True))
    space = tuple(max(r, 3) + draw(st.integers(0, 3)) for r in reach)
    return {
        "image": noise(draw(st.integers(1, 3)), groups * depth, *space, seed=draw(st.integers(0, 99))),
        "kernel": noise(groups * each, depth, *kernel, seed=1),
        "bias": noise(groups * each, seed=2) if draw(st.booleans()) else None,
        "padding": tuple(zip(axes(0, 2), axes(0, 2), strict=True)),
        "padding_mode": mode,
        "stride": axes(1, 3),
        "dilation": dilation,
        "groups": groups,
    }


def by_torch(given: dict[str, Any]) -> Tensor:
    image, pads = given["image"], [amount for pair in reversed(given["padding"]) for amount in pair]
    padded = functional.pad(image, pads, mode=MODES_OF_TORCH[given["padding_mode"]])
    settings = {name: given[name] for name in ("stride", "dilation", "groups")}
    return TORCH[image.ndim - 2](padded, given["kernel"], given["bias"], **settings)


@settings(max_examples=60, deadline=None)
@given(given=arguments())
def test_correlate_is_torchs_convolution(algorithm: str, given: dict[str, Any]) -> None:
    torch.testing.assert_close(correlate(**given, algorithm=algorithm), by_torch(given), rtol=1e-10, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(given=arguments())
def test_the_automatic_choice_gives_the_same(given: dict[str, Any]) -> None:
    torch.testing.assert_close(correlate(**given), by_torch(given), rtol=1e-10, atol=1e-10)


@settings(max_examples=20, deadline=None)
@given(given=arguments())
def test_convolve_is_correlate_with_the_kernel_rotated(algorithm: str, given: dict[str, Any]) -> None:
    kernel = given.pop("kernel")
    rotated = kernel.flip(tuple(range(2, kernel.ndim)))
    torch.testing.assert_close(
        convolve(kernel=kernel, **given, algorithm=algorithm), correlate(kernel=rotated, **given, algorithm=algorithm)
    )


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize(
    ("space", "kernel"), [((9,), (5,)), ((8,), (1,)), ((6, 7), (3, 5)), ((6, 5), (5, 3)), ((4, 5, 6), (3, 1, 3))]
)
def test_both_are_scipys(algorithm: str, mode: str, space: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    image, weights = noise(1, 1, *space), noise(1, 1, *kernel, seed=1)  # odd kernels, for which "same" is the same
    for ours, theirs in ((correlate, scipy.signal.correlate), (convolve, scipy.signal.convolve)):
        expected = torch.from_numpy(theirs(image[0, 0].numpy(), weights[0, 0].numpy(), mode=mode))
        torch.testing.assert_close(ours(image, weights, mode=mode, algorithm=algorithm)[0, 0], expected)


@settings(max_examples=30, deadline=None)
@given(
    signal=st.lists(st.integers(-9, 9), min_size=1, max_size=9),
    weights=st.lists(st.integers(-9, 9), min_size=1, max_size=9),
)
def test_two_vectors_convolve_as_numpys_do(algorithm: str, signal: list[int], weights: list[int]) -> None:
    ours = convolve(torch.tensor([[signal]]), torch.tensor([[weights]]), mode="full", algorithm=algorithm)
    assert ours[0, 0].tolist() == np.convolve(signal, weights).tolist()
    assert len(ours[0, 0]) == len(signal) + len(weights) - 1


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_whole_numbers_are_exact(algorithm: str, data: st.DataObject) -> None:
    n, m = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 4))
    largest = 2**20 if algorithm == "fft" else 2**29
    numbers = st.integers(-largest, largest)
    signal = data.draw(st.lists(numbers, min_size=n + m, max_size=n + m))
    weights = data.draw(st.lists(numbers, min_size=m, max_size=m))
    exact = [sum(weights[k] * signal[i + k] for k in range(m)) for i in range(n + 1)]
    ours = correlate(torch.tensor([[signal]]), torch.tensor([[weights]]), algorithm=algorithm)
    assert ours.dtype == torch.int64
    assert ours[0, 0].tolist() == exact


def test_whole_numbers_too_large_for_a_float_are_exact() -> None:
    signal, weights = [2**40 + 1, 3, -(2**39) - 1], [2**15 + 1, 5, 2**14 - 1]
    exact = sum(x * k for x, k in zip(signal, weights, strict=True))
    assert abs(exact) > 2**53
    for algorithm in ("direct", "im2col", "auto"):
        ours = correlate(torch.tensor([[signal]]), torch.tensor([[weights]]), algorithm=algorithm)
        assert ours.tolist() == [[[exact]]]


@pytest.mark.parametrize(
    ("largest", "said"),
    [(2**26, r"may be wrong by [\d.e+]+, so that"), (2**36, r"cannot be exact, .* beyond 2\^53")],
    ids=["float64", "int64"],
)
def test_automatic_takes_no_transform_that_could_round_wrongly(largest: int, said: str) -> None:
    generator = torch.Generator().manual_seed(0)
    signal = torch.randint(-largest, largest, (1, 1, 4096), generator=generator)
    weights = torch.randint(-(2**15), 2**15, (1, 1, 1024), generator=generator)
    assert choose(signal.shape, weights.shape, dtype=torch.int64).algorithm == "fft"
    assert torch.equal(correlate(signal, weights), correlate(signal, weights, algorithm="direct"))
    with pytest.raises(
        UsageError, match=rf"Fourier transform {said}.*; take algorithm 'direct' or 'im2col', or give floats\."
    ):
        correlate(signal, weights, algorithm="fft")


def transform_is_best(monkeypatch: pytest.MonkeyPatch, direct: float = 2.0, im2col: float = 1.0) -> None:
    expected: dict[str, float] = {"direct": direct, "im2col": im2col, "fft": 0.0}
    monkeypatch.setattr(module, "choice_for", lambda *_: Choice("fft", "", expected))


def test_automatic_takes_no_transform_past_a_spike(monkeypatch: pytest.MonkeyPatch) -> None:
    transform_is_best(monkeypatch)
    image, kernel = noise(2, 1, 4096).float(), noise(1, 1, 1024, seed=1).float()
    image[1, 0, -1] = 1e8
    exact = functional.conv1d(image.double(), kernel.double())
    off = {
        algorithm: (correlate(image, kernel, algorithm=algorithm) - exact)[:, :, :-1].abs().max().item()
        for algorithm in ("auto", "fft")
    }  # all but the last output never see the spike
    assert off["auto"] < 1e-3
    assert off["fft"] > 1


def test_automatic_takes_no_transform_of_a_kernel_with_a_spike(monkeypatch: pytest.MonkeyPatch) -> None:
    transform_is_best(monkeypatch)
    image, kernel = noise(1, 1, 4096).float(), noise(2, 1, 1024, seed=1).float()
    kernel[1, 0, 0] = 1e8
    image[0, 0, :2048] = 0  # where the spike falls on zeros
    exact = functional.conv1d(image.double(), kernel.double())
    off = {
        algorithm: (correlate(image, kernel, algorithm=algorithm) - exact)[:, :, :2048].abs().max().item()
        for algorithm in ("auto", "fft")
    }
    assert off["auto"] < 1e-3
    assert off["fft"] > 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("which", ["image", "kernel"])
def test_automatic_takes_no_transform_past_what_is_not_finite(
    monkeypatch: pytest.MonkeyPatch, which: str, value: float
) -> None:
    transform_is_best(monkeypatch)
    given: dict[str, Any] = {"image": noise(2, 1, 64), "kernel": noise(2, 1, 16, seed=1)}
    given[which][0, 0, 3] = value
    wrong = {
        algorithm: (~correlate(**given, algorithm=algorithm).isfinite()).sum().item()
        for algorithm in ("auto", "direct", "fft")
    }
    seen = 2 * 4 if which == "image" else 2 * 49  # by both kernels at places 0 to 3; everywhere in both images
    assert wrong["auto"] == wrong["direct"] == seen
    assert wrong["fft"] == 2 * 49


@pytest.mark.parametrize("whole", [False, True], ids=["floats", "whole"])
@pytest.mark.parametrize(("direct", "im2col", "best"), [(1.0, 2.0, "direct"), (2.0, 1.0, "im2col")])
def test_instead_of_a_transform_the_faster_of_the_others_is_taken(
    monkeypatch: pytest.MonkeyPatch, direct: float, im2col: float, best: str, whole: bool
) -> None:
    transform_is_best(monkeypatch, direct, im2col)
    taken = []

    def watched(name: str) -> Any:
        real = module.BY_NAME[name]

        def run(*given: Any) -> Tensor:
            taken.append(name)
            return real(*given)

        return run

    monkeypatch.setattr(module, "BY_NAME", {name: watched(name) for name in module.BY_NAME})
    image = torch.full((1, 1, 9), 2**30) if whole else torch.full((1, 1, 9), float("inf"))
    correlate(image, torch.full((1, 1, 2), 2**30) if whole else torch.ones(1, 1, 2))
    assert taken == [best]
    correlate(torch.ones(1, 1, 9), torch.ones(1, 1, 2))
    assert taken == [best, "fft"]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_gradients_are_right_to_the_second(algorithm: str, rank: int) -> None:
    image = noise(2 if rank < 3 else 1, 2, *(4, 4, 3)[:rank])
    kernel = noise(4, 1, *(2,) * rank, seed=1)
    inputs = tuple(each.requires_grad_() for each in (image, kernel, noise(4, seed=2)))

    def run(*given: Tensor) -> Tensor:
        settings: dict[str, Any] = {"padding": ((1, 0),) * rank, "padding_mode": "reflect", "stride": 2}
        return correlate(*given, **settings, dilation=2, groups=2, algorithm=algorithm)

    assert torch.autograd.gradcheck(run, inputs)
    assert torch.autograd.gradgradcheck(run, inputs)


def test_gradients_are_right_with_one_kernel_for_each_channel(algorithm: str) -> None:
    inputs = (noise(2, 3, 5).requires_grad_(), noise(3, 1, 2, seed=1).requires_grad_())
    assert torch.autograd.gradcheck(lambda *given: convolve(*given, groups=3, algorithm=algorithm), inputs)
    assert torch.autograd.gradgradcheck(lambda *given: convolve(*given, groups=3, algorithm=algorithm), inputs)


@pytest.mark.parametrize("rank", [1, 2])
def test_a_gradient_for_the_bias_alone_is_given(algorithm: str, rank: int) -> None:
    bias = noise(2).requires_grad_()
    output = correlate(noise(3, 1, *(9,) * rank), noise(2, 1, *(2,) * rank), bias, algorithm=algorithm)
    (gradient,) = torch.autograd.grad(output.sum(), bias)
    assert gradient.tolist() == [3 * 8**rank] * 2


def test_the_image_is_left_as_it_was(algorithm: str) -> None:
    image, kernel, bias = noise(2, 2, 6, 6), noise(3, 2, 3, 3, seed=1), noise(3, seed=2)
    before = [each.clone() for each in (image, kernel, bias)]
    correlate(image, kernel, bias, algorithm=algorithm)
    assert all(torch.equal(old, new) for old, new in zip(before, (image, kernel, bias), strict=True))


def test_shapes_alone_are_enough_for_the_shape(algorithm: str) -> None:
    image, kernel = torch.zeros(2, 3, 8, 8, device="meta"), torch.zeros(4, 3, 3, 3, device="meta")
    assert correlate(image, kernel, algorithm=algorithm).shape == (2, 4, 6, 6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"image": [1.0, 2.0]},
            UsageError,
            "A torch.Tensor is needed for the image, not list; make one with torch.tensor.",
        ),
        ({"kernel": np.ones((1, 2, 3))}, UsageError, "needed for the kernel, not ndarray;"),
        ({"kernel": None}, UsageError, "needed for the kernel, not NoneType;"),
        ({"bias": 1.0}, UsageError, "needed for the bias, not float;"),
        (
            {"kernel": torch.zeros(4, 2, 3, device="meta")},
            UsageError,
            r"On different devices: image on cpu, kernel on meta; bring them together with kernel.to\('cpu'\)",
        ),
        ({"bias": torch.zeros(4, device="meta")}, UsageError, "bias on meta"),
        (
            {"bias": torch.zeros(3)},
            ShapeError,
            r"The bias has shape \(3,\); give one value for each kernel: shape \(4,\)\.",
        ),
        ({"bias": torch.zeros(4, 1)}, ShapeError, r"The bias has shape \(4, 1\)"),
        ({"algorithm": "ftt"}, UnknownName, "There is no algorithm 'ftt'. Did you mean 'fft'?"),
        ({"algorithm": "winograd"}, UnknownName, "Accepted: auto, direct, fft, im2col"),
        ({"mode": "vallid"}, UnknownName, "There is no mode 'vallid'. Did you mean 'valid'"),
        ({"padding_mode": "mirror"}, UnknownName, "There is no padding mode 'mirror'"),
        ({"kernel": torch.zeros(4, 2, 8)}, ShapeError, "A kernel of length 8 does not fit into an input of length 7"),
        ({"kernel": torch.zeros(4, 2, 10), "padding": 1}, ShapeError, "padded by 1 and 1 to 9"),
        ({"stride": 0}, UsageError, "The stride is 0; each must be a whole number of at least 1"),
        ({"stride": -2}, UsageError, "The stride is -2"),
        ({"dilation": 0}, UsageError, "The dilation is 0"),
        ({"padding": -1}, UsageError, "The padding is -1"),
        ({"kernel": torch.zeros(4, 3, 3)}, ShapeError, "Each kernel has 3 channels and the image has 2"),
        ({"groups": 3}, ShapeError, "3 groups must divide both"),
        ({"image": torch.zeros(0, 2, 7)}, ShapeError, "The image is empty: its shape is 0 x 2 x 7"),
        ({"kernel": torch.zeros(4, 2, 0)}, ShapeError, "The kernel is empty"),
        ({"image": torch.zeros(7)}, ShapeError, r"x\[None, None\]"),
        ({"mode": "full", "padding": 1}, UsageError, "Both mode 'full' and padding 1 were given"),
        ({"image": torch.zeros(1, 2, 7, dtype=torch.complex64)}, UsageError, "The image is of dtype complex64"),
    ],
)
@pytest.mark.parametrize("function", [correlate, convolve], ids=["correlate", "convolve"])
def test_a_mistake_gets_its_sentence(
    function: Any, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    right: dict[str, Any] = {"image": torch.zeros(1, 2, 7), "kernel": torch.zeros(4, 2, 3)}
    with pytest.raises(error, match=message):
        function(**{**right, **change})


def test_numbers_that_do_not_fit_are_told_once_and_where_the_caller_stands(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text("""
import warnings, torch
from inkwise.convolution import convolve, correlate
full = torch.full((1, 1, 2), 200, dtype=torch.uint8)
for function in (convolve, correlate):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        print(function(full, full, mode="full").tolist())
    for each in told:
        print(each.category.__name__, each.filename, each.lineno, each.message)
""")
    done = python("caller.py", folder=tmp_path)
    assert done.code == 0, done.err
    line = "IntegerPromotion caller.py 8 The result goes from 40000 to 80000, and uint8 holds 0 to 255"
    expected = ["[[[40000, 80000, 40000]]]", f"{line}: it was computed and returned in int64."]
    assert done.out.splitlines() == 2 * expected
