"""The text of an explanation: what a student reads, 80 columns wide."""

import math
import re
from collections.abc import Callable

import pytest
import torch
from tests.networks import NETWORKS
from torch import Tensor, nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value, strongest
from inkwise.explain.arithmetic.table import render, spot
from inkwise.explain.spelling import number

Layer = Callable[[nn.Module, Tensor], Activations]
Tutorial = Callable[[str], nn.Module]


def text(
    activations: Activations, layer: str, at: tuple[int, ...], *, every: bool = False, folded: bool = False
) -> str:
    return render(explain_value(activations, layer, at, folded=folded), every=every)


def conv(weights: list[list[float]], bias: float, **settings: int) -> nn.Conv2d:
    """A convolution of one channel with these weights."""
    module = nn.Conv2d(1, 1, (len(weights), len(weights[0])), **settings)  # type: ignore[arg-type]
    with torch.no_grad():
        module.weight.copy_(torch.tensor(weights)[None, None])
        module.bias.fill_(bias)  # type: ignore[union-attr]
    return module


def test_a_convolution_and_its_relu_read_like_this() -> None:
    network = nn.Sequential(conv([[0.5, -0.25], [1.0, 0.0]], 0.125, padding=1), nn.ReLU())
    activations = record(network, torch.tensor([[0.5, 1.0], [0.0, 0.25]]))
    assert text(activations, "1", (0, 0, 1)).splitlines() == [
        "1. 0 (convolution) at channel 0, row 0, column 1",
        "  patch of the image, rows -1 to 0, columns 0 to 1",
        "  from row 0*1 - 1 = -1, column 1*1 - 1 = 0 (position * stride - padding)",
        "  a dot is padding, a zero",
        "",
        "  patch           kernel            products",
        "       .      .    0.5000 -0.2500        .      .",
        "  0.5000 1.0000    1.0000       0   0.5000      0",
        "",
        "  sum of the products   0.5000",
        "  bias                  0.1250",
        "  ----------------------------",
        "  0                     0.6250",
        "",
        "2. 1 (ReLU) at channel 0, row 0, column 1",
        "  max(0, x) = max(0, 0.6250) = 0.6250",
        "",
        "Computed here 0.625, by the network 0.625: exactly the same.",
    ]


def test_of_many_channels_the_strongest_are_shown_and_the_rest_in_one_line(alone: Layer) -> None:
    module = nn.Conv2d(6, 1, 1, bias=False)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([0.1, -0.6, 0.2, 0.5, 0.3, 0.4]).reshape(1, 6, 1, 1))
    activations = alone(module, torch.ones(1, 6, 1, 1))
    short, whole = text(activations, "layer", (0, 0, 0)), text(activations, "layer", (0, 0, 0), every=True)
    assert "the 4 strongest of 6 input channels (--all shows every one)" in short
    assert [line.split()[1] for line in short.splitlines() if line.startswith("  channel") and "of" not in line] == [
        "1", "3", "5", "4",
    ]  # fmt: skip
    assert "  the other 2 channels    0.3000" in short
    assert "  no bias                      0" in short
    assert [line.split()[1] for line in whole.splitlines() if line.startswith("  channel") and "of" not in line] == [
        "0", "1", "2", "3", "4", "5",
    ]  # fmt: skip
    assert "other" not in whole


def test_a_kernel_as_large_as_the_image_is_a_list_of_its_strongest_products(image: Tensor) -> None:
    torch.manual_seed(0)
    activations = record(nn.Conv2d(1, 1, 28), image)
    short = text(activations, "network", (0, 0, 0)).splitlines()
    start = short.index("  the strongest of 784 products first")
    assert short[start + 1].split() == ["row", "column", "patch", "kernel", "product"]
    products = [float(line.split()[-1]) for line in short[start + 2 : start + 12]]
    assert [abs(value) for value in products] == sorted((abs(value) for value in products), reverse=True)
    explanation = explain_value(activations, "network", (0, 0, 0))
    assert isinstance(explanation, Explanation)
    rest = re.fullmatch(r"  the other 774 products come to (\S+)", short[start + 12])
    assert rest is not None
    bias = explanation.steps[0].bias  # type: ignore[attr-defined]
    assert sum(products) + float(rest[1]) + bias == pytest.approx(explanation.computed, abs=1e-3)
    assert len(text(activations, "network", (0, 0, 0), every=True).splitlines()) > 784


def test_a_linear_layer_names_its_strongest_inputs_where_they_were(image: Tensor) -> None:
    linear = nn.Linear(4, 1)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[0.1, -2.0, 3.0, 0.0]]))
        linear.bias.fill_(-1.0)
    network = nn.Sequential(nn.MaxPool2d(14), nn.Flatten(), linear)
    lines = text(record(network, torch.ones(28, 28)), "2", (0,)).splitlines()
    assert lines == [
        "1. 2 (linear layer) at feature 0",
        "  input * weight over the 4 values of 1",
        "",
        "  input    in 0    value    weight   product",
        "  2       0,1,0   1.0000    3.0000    3.0000",
        "  1       0,0,1   1.0000   -2.0000   -2.0000",
        "  0       0,0,0   1.0000    0.1000    0.1000",
        "  3       0,1,1   1.0000         0         0",
        "",
        "  these 4 products    1.1000",
        "  bias               -1.0000",
        "  --------------------------",
        "  2                   0.1000",
        "",
        "Computed here 0.1, by the network 0.1: the same to 2e-08.",
    ]


def test_a_pool_marks_its_winner_and_says_when_others_are_equal(alone: Layer) -> None:
    activations = alone(nn.MaxPool2d(2), torch.tensor([[[[0.5, 2.0], [2.0, 0.0]]]]))
    assert text(activations, "layer", (0, 0, 0)).splitlines()[1:-2] == [
        "  the largest of what was computed before, channel 0, rows 0 to 1, columns 0 to 1",
        "  from row 0*2 = 0, column 0*2 = 0 (position * stride - padding)",
        "",
        "  0.5000  2.0000*",
        "  2.0000       0",
        "",
        "  * the largest: row 0, column 1, 2.0000; 2 are equally large, and the first counts",
    ]


@pytest.mark.parametrize(
    ("module", "given", "at", "lines"),
    [
        (nn.AvgPool2d(2), [[[1.0, 2.0], [3.0, 4.0]]], (0, 0, 0), ["sum / count = 10.0000 / 4 = 2.5000"]),
        (nn.Dropout(0.5), [0.5], (0,), ["0.5000, unchanged: dropout acts in training alone"]),
        (
            nn.Flatten(),
            [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]],
            (4,),
            [
                "5.0000, unchanged from channel 0, row 1, column 1 of what was computed before",
                "(channel * height + row) * width + column = (0 * 2 + 1) * 3 + 1 = 4",
            ],
        ),
        (nn.Softmax(dim=1), [0.0, 0.0], (1,), ["exp(z) / the sum of every exp(z)", "1.0000 / 2.0000 = 0.5000"]),
        (nn.LogSoftmax(dim=1), [0.0, 0.0], (1,), ["log(1.0000 / 2.0000) = -0.6931"]),
        (nn.GELU(), [-1.0], (0,), ["= (-1.0000) * 0.1587", "= -0.1587"]),
    ],
    ids=["average", "dropout", "flatten", "softmax", "log-softmax", "gelu"],
)
def test_the_other_layers_have_their_formula(
    module: nn.Module, given: list[float], at: tuple[int, ...], lines: list[str], alone: Layer
) -> None:
    found = [line.strip() for line in text(alone(module, torch.tensor(given)[None]), "layer", at).splitlines()]
    assert [line for line in lines if line not in found] == []


def test_a_batch_norm_has_its_numbers_and_folded_the_kernel_has_them() -> None:
    norm = nn.BatchNorm2d(1, eps=0.0)
    network = nn.Sequential(conv([[2.0]], 0.5), norm).eval()
    with torch.no_grad():
        norm.running_mean.fill_(1.5)  # type: ignore[union-attr]
        norm.running_var.fill_(4.0)  # type: ignore[union-attr]
        norm.weight.fill_(-1.0)
        norm.bias.fill_(0.25)
    activations = record(network, torch.ones(2, 2))
    plain = text(activations, "1", (0, 0, 0))
    assert "  (x - mean) / sqrt(variance + eps) * gamma + beta" in plain
    assert "  = (2.5000 - 1.5000) / sqrt(4.0000 + 0) * (-1.0000) + 0.2500" in plain
    assert "  = -0.2500" in plain
    folded = text(activations, "1", (0, 0, 0), folded=True)
    assert folded.startswith("1. 0 (convolution with 1 folded in) at channel 0, row 0, column 0")
    assert "  every weight times gamma / sqrt(variance + eps) = -0.5000" in folded
    assert "  bias: (0.5000 - 1.5000) * (-0.5000) + 0.2500 = 0.7500" in folded


def test_padding_that_copies_is_told(alone: Layer) -> None:
    activations = alone(nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), torch.rand(1, 1, 3, 3))
    found = text(activations, "layer", (0, 0, 2))
    assert "  beyond the edge, row -1 is 1" in found
    assert "  beyond the edge, column 3 is 1" in found


def test_gaps_of_a_transposed_convolution_are_dots(alone: Layer) -> None:
    activations = alone(nn.ConvTranspose2d(1, 1, 2, stride=2), torch.rand(1, 1, 2, 2))
    assert "  a dot is a place that no input reaches" in text(activations, "layer", (0, 1, 1))


def test_a_difference_that_is_no_rounding_is_told(image: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3))
    network[0].register_forward_hook(lambda _module, _given, output: output + 1)
    found = text(record(network, image), "0", (0, 3, 3))
    assert ": a difference of 1." in found
    assert "That is more than rounding: something that is no layer, a hook say, changed it." in found


def test_what_is_not_known_is_a_sentence_with_the_value(image: Tensor) -> None:
    class Own(nn.Module):
        def forward(self, values: Tensor) -> Tensor:
            return values + 2

    found = render(explain_value(record(Own(), image), "network", (0, 0, 0)))
    assert " ".join(found.split()).startswith(
        "The network has 2.0000 there. network (Own) is a layer whose arithmetic is not known here. Known are conv"
    )
    assert max(map(len, found.splitlines())) <= 80


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_a_tutorial_fits_into_eighty_columns(name: str, tutorial: Tutorial, image: Tensor) -> None:
    activations = record(tutorial(name), image)
    for call in activations.calls:
        lines = text(activations, call.name, strongest(call)).splitlines()
        assert lines[-1].startswith("Computed here")
        assert max(map(len, lines)) <= 80, lines
        assert not any(line != line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((7,), "feature 7"),
        ((2, 3), "channel 2, place 3"),
        ((2, 10, 12), "channel 2, row 10, column 12"),
        ((2, 1, 10, 12), "channel 2, plane 1, row 10, column 12"),
    ],
)
def test_a_position_in_words(at: tuple[int, ...], words: str) -> None:
    assert spot(at) == words


def test_a_batch_norm_recomputes_by_hand_to_what_is_printed(image: Tensor, tutorial: Tutorial) -> None:
    activations = record(tutorial("batchnorm-cnn"), image)
    for channel in range(16):
        for row in range(8, 20):
            lines = [line.strip() for line in text(activations, "batchnorm1", (channel, row, 14)).splitlines()]
            start = lines.index("(x - mean) / sqrt(variance + eps) * gamma + beta")
            end = next(index for index in range(start + 2, len(lines)) if re.fullmatch(r"= \S+", lines[index]))
            pattern = r"= \((\S+) ([+-]) (\S+)\) / sqrt\((\S+) \+ 1e-05\) \* \(?([^)\s]+)\)? ([+-]) (\S+)"
            found = re.fullmatch(pattern, " ".join(lines[start + 1 : end]))
            assert found is not None
            x, first, mean, variance, gamma, second, beta = found.groups()
            top = float(x) + float(f"{first}{mean}")
            made = top / math.sqrt(float(variance) + 1e-5) * float(gamma) + float(f"{second}{beta}")
            assert f"= {number(made)}" == lines[end]
            assert max(map(len, lines)) <= 78


@pytest.mark.parametrize(
    ("module", "x", "lines"),
    [
        (nn.LeakyReLU(0.01), 1.7246, ["x where x > 0, otherwise 0.01000 * x", "as x > 0: x = 1.7246"]),
        (nn.LeakyReLU(0.01), -2.0, ["as x <= 0: 0.01000 * x = 0.01000 * (-2.0000) = -0.02000"]),
        (nn.PReLU(init=0.5), -2.0, ["as x <= 0: 0.5000 * x = 0.5000 * (-2.0000) = -1.0000"]),
        (nn.ELU(), 2.0, ["x where x > 0, otherwise 1.0000 * (exp(x) - 1)", "as x > 0: x = 2.0000"]),
        (nn.ELU(), 0.0, ["as x <= 0: 1.0000 * (exp(x) - 1) = 1.0000 * (exp(0) - 1) = 0"]),
        (nn.SELU(), 2.0, ["as x > 0: 1.0507 * x = 1.0507 * 2.0000 = 2.1014"]),
        (nn.Softplus(2.0, 3.0), 2.0, ["as 2.0000 * x > 3.0000: x = 2.0000"]),
        (nn.Softplus(2.0, 3.0), 0.5, [
            "as 2.0000 * x <= 3.0000: log(1 + exp(2.0000 * x)) / 2.0000 = log(1 + exp(1.0000)) / 2.0000 = 0.6566",
        ]),
    ],
    ids=["leaky above", "leaky below", "prelu", "elu above", "elu at zero", "selu", "straight", "softplus"],
)  # fmt: skip
def test_of_a_formula_with_cases_the_one_that_applies_is_told(
    module: nn.Module, x: float, lines: list[str], alone: Layer
) -> None:
    found = text(alone(module, torch.tensor([[x]])), "layer", (0,))
    assert [line for line in lines if line not in [each.strip() for each in found.splitlines()]] == []
    assert f"= {number(x)} = {number(x)}" not in found
