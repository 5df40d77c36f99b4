"""Normalisations come out of mean, variance, gamma and beta; folding one into the weights changes no value."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.terms import Normalised, WeightedSum, WindowSum

Layer = Callable[[nn.Module, Tensor], Activations]

NORMS = [
    (nn.BatchNorm1d(4), (4,)),
    (nn.BatchNorm1d(4), (4, 5)),
    (nn.BatchNorm2d(4), (4, 3, 2)),
    (nn.BatchNorm2d(4, affine=False, eps=0.1), (4, 3, 2)),
    (nn.BatchNorm2d(4, track_running_stats=False), (4, 3, 2)),
    (nn.BatchNorm3d(4), (4, 2, 3, 2)),
    (nn.InstanceNorm1d(4), (4, 5)),
    (nn.InstanceNorm2d(4, affine=True), (4, 3, 2)),
    (nn.InstanceNorm2d(4, affine=True, track_running_stats=True), (4, 3, 2)),
    (nn.LayerNorm([4, 3, 2]), (4, 3, 2)),
    (nn.LayerNorm(5), (4, 5)),
    (nn.LayerNorm(5, bias=False), (5,)),
    (nn.LayerNorm([3, 2], elementwise_affine=False), (4, 3, 2)),
    (nn.GroupNorm(2, 4), (4, 3, 2)),
    (nn.GroupNorm(4, 4, affine=False), (4, 5)),
    (nn.GroupNorm(1, 4), (4,)),
]


@pytest.mark.parametrize(("module", "shape"), NORMS, ids=[f"{module} {shape}" for module, shape in NORMS])
def test_every_value_is_what_mean_variance_gamma_and_beta_make_of_it(
    module: nn.Module, shape: tuple[int, ...], alone: Layer
) -> None:
    torch.manual_seed(0)
    for weight in module.parameters():
        nn.init.normal_(weight)
    activations = alone(module, torch.randn(1, *shape) * 2 + 1)
    for at in product(*map(range, shape)):
        explanation = explain_value(activations, "layer", at)
        assert isinstance(explanation, Explanation)
        assert explanation.agrees
        assert abs(explanation.difference) <= 1e-5 * max(1, abs(explanation.value))
        (step,) = explanation.steps
        assert isinstance(step, Normalised)


def test_the_numbers_are_the_modules_own(alone: Layer) -> None:
    module = nn.BatchNorm2d(3)
    activations = alone(module, torch.randn(1, 3, 2, 2))
    explanation = explain_value(activations, "layer", (2, 1, 0))
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Normalised)
    assert module.running_mean is not None
    assert module.running_var is not None
    assert (step.mean, step.variance, step.eps) == (module.running_mean[2].item(), module.running_var[2].item(), 1e-5)
    assert (step.gamma, step.beta) == (module.weight[2].item(), module.bias[2].item())
    assert step.over == "running averages kept in training"
    assert step.x == activations.image[0, 2, 1, 0].item()


@pytest.mark.parametrize(
    ("module", "over"),
    [
        (nn.BatchNorm2d(4, track_running_stats=False), "of this image's 6 values of channel 3"),
        (nn.GroupNorm(2, 4), "of this image's 12 values of channels 2 to 3"),
        (nn.LayerNorm([3, 2]), "of the 6 values normalised together"),
    ],
    ids=["batch", "group", "layer"],
)
def test_statistics_of_the_image_itself_say_so(module: nn.Module, over: str, alone: Layer) -> None:
    explanation = explain_value(alone(module, torch.randn(1, 4, 3, 2)), "layer", (3, 0, 0))
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Normalised)
    assert step.over == over


def both(network: nn.Module, image: Tensor, layer: str, at: tuple[int, ...]) -> tuple[Explanation, Explanation]:
    """Explain a value as it is, and folded."""
    activations = record(network, image)
    pair = [explain_value(activations, layer, at, folded=folded) for folded in (False, True)]
    assert isinstance(pair[0], Explanation)
    assert isinstance(pair[1], Explanation)
    return pair[0], pair[1]


def test_a_batch_norm_is_folded_into_the_convolution_before_it(
    tutorial: Callable[[str], nn.Module], image: Tensor
) -> None:
    plain, folded = both(tutorial("batchnorm-cnn"), image, "relu2", (9, 5, 7))
    assert [step.layer for step in plain.steps] == ["conv2", "batchnorm2", "relu2"]
    assert [step.layer for step in folded.steps] == ["conv2", "relu2"]
    conv, norm = plain.steps[:2]
    made = folded.steps[0]
    assert isinstance(conv, WindowSum)
    assert isinstance(norm, Normalised)
    assert isinstance(made, WindowSum)
    assert made.fold is not None
    assert made.fold.layer == "batchnorm2"
    np.testing.assert_allclose(made.kernel, conv.kernel * norm.factor)
    assert made.bias == pytest.approx(((conv.bias or 0) - norm.mean) * norm.factor + norm.beta)
    assert made.value == norm.value
    assert made.computed == pytest.approx(norm.computed, rel=1e-12)
    assert folded.agrees
    assert folded.computed == pytest.approx(plain.computed, rel=1e-12, abs=1e-12)
    assert folded.notes == ()


def test_a_linear_layer_without_bias_takes_a_batch_norm_too(image: Tensor) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 3, bias=False), nn.BatchNorm1d(3))
    nn.init.constant_(network[2].running_mean, 0.5)  # type: ignore[arg-type]
    plain, folded = both(network, image, "2", (1,))
    (made,) = folded.steps
    assert isinstance(made, WeightedSum)
    assert made.bias is not None
    assert folded.computed == pytest.approx(plain.computed, rel=1e-12)


def test_a_batch_norm_after_an_activation_cannot_be_folded(tutorial: Callable[[str], nn.Module], image: Tensor) -> None:
    plain, folded = both(tutorial("deep-cnn"), image, "batchnorm2", (3, 3, 3))
    assert [step.layer for step in plain.steps] == [step.layer for step in folded.steps]
    assert folded.notes == ("batchnorm2 follows relu3, not a convolution or a linear layer, so it cannot be folded.",)


def test_without_a_batch_norm_there_is_nothing_to_fold(tutorial: Callable[[str], nn.Module], image: Tensor) -> None:
    _, folded = both(tutorial("small-cnn"), image, "relu1", (3, 3, 3))
    assert folded.notes == ("There is no batch norm on the way, so there is nothing to fold.",)


def test_a_norm_of_the_images_own_statistics_cannot_be_folded(image: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2, track_running_stats=False), nn.ReLU())
    _, folded = both(network, image, "1", (1, 3, 3))
    assert folded.notes == ("1 takes mean and variance from the image itself, so it cannot be folded.",)
