"""Every value of every sliding layer comes out of its terms, whatever the stride, padding, dilation and groups."""

from collections.abc import Callable
from itertools import product
from typing import Any, Literal

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from inkwise.explain.activations import Activations, Call
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.terms import WindowMaximum, WindowMean, WindowSum

Layer = Callable[[nn.Module, Tensor], Activations]
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
MODES: tuple[Literal["zeros", "reflect", "replicate", "circular"], ...] = ("zeros", "reflect", "replicate", "circular")
same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

LAYERS = [
    nn.Conv1d(4, 6, 3, stride=2, padding=2, groups=2),
    nn.Conv1d(4, 2, 4, padding="same", dilation=2, padding_mode="replicate"),
    nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2),
    nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False),
    nn.Conv2d(4, 3, 3, padding=2, padding_mode="reflect"),
    nn.Conv2d(4, 3, 3, padding=2, padding_mode="circular"),
    nn.Conv2d(4, 3, (2, 3), padding="same"),
    nn.Conv2d(4, 3, 2, padding="valid"),
    nn.Conv3d(4, 2, (2, 3, 2), padding=(0, 1, 1)),
    nn.ConvTranspose1d(4, 2, 3, stride=3, padding=1, output_padding=1),
    nn.ConvTranspose2d(4, 6, (3, 2), stride=2, padding=1, output_padding=1, groups=2, dilation=2),
    nn.ConvTranspose3d(4, 2, 2, stride=2, bias=False),
    nn.MaxPool1d(3, 2, 1),
    nn.MaxPool2d(2),
    nn.MaxPool2d(3, 2, 1, ceil_mode=True),
    nn.MaxPool2d((2, 3), 1, dilation=2),
    nn.MaxPool2d(2, return_indices=True),
    nn.MaxPool3d(2),
    nn.AvgPool1d(3, 2, 1),
    nn.AvgPool2d(2),
    nn.AvgPool2d(3, 2, 1, ceil_mode=True),
    nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
    nn.AvgPool2d(3, 2, 1, divisor_override=2),
    nn.AvgPool3d(2, ceil_mode=True),
    nn.AdaptiveAvgPool1d(4),
    nn.AdaptiveAvgPool2d(1),
    nn.AdaptiveAvgPool2d((2, 3)),
    nn.AdaptiveAvgPool3d(2),
    nn.AdaptiveMaxPool1d(3),
    nn.AdaptiveMaxPool2d((3, 2)),
    nn.AdaptiveMaxPool2d((None, 1), return_indices=True),
    nn.AdaptiveMaxPool3d(1),
]


def everywhere(activations: Activations) -> list[Explanation]:
    """Explain every value of the only layer."""
    places = product(*map(range, activations.call("layer").shape))
    explanations = [explain_value(activations, "layer", at) for at in places]
    assert all(isinstance(each, Explanation) for each in explanations)
    return [each for each in explanations if isinstance(each, Explanation)]


def assert_exact(explanations: list[Explanation]) -> None:
    for each in explanations:
        assert each.agrees
        assert abs(each.difference) <= 1e-5 * max(1.0, abs(each.value)), each


@same
@pytest.mark.parametrize("module", LAYERS, ids=repr)
def test_every_value_is_what_its_terms_come_to(module: nn.Module, alone: Layer) -> None:
    torch.manual_seed(0)
    rank = int(type(module).__name__[-2])
    assert_exact(everywhere(alone(module, torch.randn(1, 4, *{1: (7,), 2: (6, 5), 3: (4, 3, 3)}[rank]))))


@same
@quick
@given(st.data())
def test_any_convolution_of_an_image_is_exact(data: st.DataObject) -> None:
    kernel = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride, dilation, groups = (data.draw(st.integers(1, high)) for high in (3, 2, 2))
    padding: Any = data.draw(st.one_of(st.integers(0, 3), st.sampled_from(("same", "valid"))))
    torch.manual_seed(data.draw(st.integers(0, 9)))
    module = nn.Conv2d(
        4,
        2,
        kernel,
        1 if padding == "same" else stride,
        padding,
        dilation,
        groups,
        padding_mode=data.draw(st.sampled_from(MODES)),
    )
    image = torch.randn(1, 4, data.draw(st.integers(4, 6)), data.draw(st.integers(4, 6)))
    try:
        with torch.no_grad():
            output = module(image)
    except RuntimeError:  # too large a kernel, or too much to reflect
        assume(False)
    assert_exact(everywhere(Activations(image, (Call("layer", module, image, output, None),), output)))


def step(activations: Activations, at: tuple[int, ...]) -> Any:
    explanation = explain_value(activations, "layer", at)
    assert isinstance(explanation, Explanation)
    return explanation.steps[-1]


def test_the_terms_of_a_convolution_are_those_of_the_definition(alone: Layer) -> None:
    torch.manual_seed(0)
    module = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
    image = torch.randn(1, 4, 6, 6)
    found = step(alone(module, image), (4, 0, 2))
    assert isinstance(found, WindowSum)
    padded = functional.pad(image, (1, 1, 1, 1))
    np.testing.assert_array_equal(found.patch, padded[0, 2:4, 0:3, 4:7].double().numpy())
    np.testing.assert_array_equal(found.kernel, module.weight[4].detach().double().numpy())
    np.testing.assert_allclose(found.products, found.patch * found.kernel)
    np.testing.assert_allclose(found.sums, found.products.sum((1, 2)))
    assert module.bias is not None
    assert found.bias == module.bias[4].item()
    assert found.channels == (2, 3)
    assert found.place.inside.tolist() == [[False] * 3, [True] * 3, [True] * 3]
    assert [each.tolist() for each in found.place.positions] == [[-1, 0, 1], [3, 4, 5]]
    assert [each.tolist() for each in found.place.sources] == [[-1, 0, 1], [3, 4, 5]]
    assert found.place.starts == ("0*2 - 1 = -1", "2*2 - 1 = 3")


def test_padding_that_copies_says_from_where(alone: Layer) -> None:
    torch.manual_seed(0)
    found = step(alone(nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), torch.randn(1, 1, 4, 4)), (0, 0, 3))
    assert found.place.positions[0].tolist() == [-1, 0, 1]
    assert found.place.sources[0].tolist() == [1, 0, 1]
    assert found.place.sources[1].tolist() == [2, 3, 2]
    assert found.place.inside.all()


def test_the_first_of_equal_values_wins_and_padding_never_does(alone: Layer) -> None:
    image = torch.tensor([[[[-3.0, -1.0], [-1.0, -2.0]]]])
    found = step(alone(nn.MaxPool2d(3, padding=1, stride=2), image), (0, 0, 0))
    assert isinstance(found, WindowMaximum)
    assert (found.computed, found.equals) == (-1.0, 2)
    assert found.place.spot(found.winner) == (0, 1)


def test_an_average_divides_by_what_counts(alone: Layer) -> None:
    image = torch.ones(1, 1, 3, 3)
    divisors = []
    for counted in (True, False):
        found = step(alone(nn.AvgPool2d(2, padding=1, count_include_pad=counted), image), (0, 0, 0))
        assert isinstance(found, WindowMean)
        divisors.append((found.divisor, found.computed, found.kind))
    assert divisors == [(4, 0.25, "average pool"), (1, 1.0, "average pool")]
    assert step(alone(nn.AdaptiveAvgPool2d(1), image), (0, 0, 0)).kind == "global average"


def test_half_precision_is_explained_too(alone: Layer) -> None:
    torch.manual_seed(0)
    module = nn.Conv2d(1, 2, 3).to(torch.bfloat16)
    found = explain_value(alone(module, torch.rand(1, 1, 5, 5, dtype=torch.bfloat16)), "layer", (1, 1, 1))
    assert isinstance(found, Explanation)
    assert abs(found.difference) < 0.01
    assert found.agrees
