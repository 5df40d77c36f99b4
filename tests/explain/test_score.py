import re

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import ShapeError, UsageError
from inkwise.explain.score import check_target, one_image, scores_of
from inkwise.models.network import build

IMAGES = torch.linspace(0, 1, 2 * 16).reshape(2, 1, 4, 4)


def dense(outputs: int, *last: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, outputs), *last)


@pytest.mark.parametrize(
    ("last", "outputs"),
    [(nn.Softmax(dim=1), 3), (nn.LogSoftmax(dim=1), 3), (nn.Sigmoid(), 1)],
    ids=["softmax", "log-softmax", "sigmoid"],
)
def test_the_score_is_the_logit_behind_a_last_softmax_or_sigmoid(last: nn.Module, outputs: int) -> None:
    plain, closed = dense(outputs), dense(outputs, last)
    found, wanted = scores_of(closed, IMAGES), scores_of(plain, IMAGES)
    assert torch.equal(found.scores, wanted.scores)
    assert torch.allclose(found.probabilities, wanted.probabilities)
    assert (found.behind, wanted.behind) == ("2", "")


def test_a_softmax_in_the_middle_is_not_the_score() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Softmax(dim=1), nn.Linear(16, 3))
    assert torch.equal(scores_of(network, IMAGES).scores, network(IMAGES))


def test_a_nested_last_softmax_is_found() -> None:
    network = nn.Sequential(dense(3), nn.Sequential(nn.Identity(), nn.Softmax(dim=1)))
    assert torch.equal(scores_of(network, IMAGES).scores, network[0](IMAGES))
    assert scores_of(network, IMAGES).behind == "1.1"


def test_no_hook_is_left() -> None:
    network = dense(3, nn.Softmax(dim=1))
    scores_of(network, IMAGES)
    with pytest.raises(ShapeError):
        scores_of(network, torch.zeros(1, 1, 5, 5))
    assert not network[2]._forward_hooks


def test_images_are_accepted_in_the_forms_of_one_image() -> None:
    network = nn.Linear(2, 2).double()
    grey = torch.tensor([[0, 51], [255, 0]], dtype=torch.uint8)
    for form in (grey, grey[None], grey[None, None]):
        image = one_image(form, network)
        assert (image.shape, image.dtype) == ((1, 1, 2, 2), torch.float64)
        assert image.max() == 1
    colour = torch.rand(3, 4, 5)
    assert torch.equal(one_image(colour, nn.Flatten()), colour[None])


def test_the_copy_is_a_copy() -> None:
    image = torch.zeros(1, 1, 2, 2)
    one_image(image, nn.Flatten()).add_(1)
    assert not image.any()


@pytest.mark.parametrize("shape", [(4,), (2, 1, 4, 4), (1, 1, 1, 4, 4), (1, 0, 4)], ids=str)
def test_what_is_not_one_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=re.escape(f"The image has shape {shape}; give one image, (height, width)")):
        one_image(torch.zeros(shape), nn.Flatten())


def test_integers_and_nan_are_refused() -> None:
    with pytest.raises(UsageError, match="The image is int64; give uint8, or floats in the range"):
        one_image(torch.zeros(4, 4, dtype=torch.int64), nn.Flatten())
    with pytest.raises(UsageError, match="The image holds nan or infinity"):
        one_image(torch.full((4, 4), float("nan")), nn.Flatten())


@pytest.mark.parametrize("target", [1.5, "3", None, torch.tensor(2.0), torch.tensor([1, 2])], ids=repr)
def test_what_is_no_whole_number_is_no_output(target: object) -> None:
    with pytest.raises(UsageError, match=r"is not the number of an output: the network has 10 outputs; give .* 0 to 9"):
        check_target(target, 10)


def test_an_output_may_be_named_by_a_tensor() -> None:
    assert check_target(torch.tensor([0.0, 2.0]).argmax(), 10) == 1


@pytest.mark.parametrize("target", [-1, 10])
def test_a_target_beyond_the_outputs_is_told_how_many_there_are(target: int) -> None:
    check_target(9, 10)
    with pytest.raises(UsageError, match=f"There is no output {target}: the network has 10 outputs; give .* 0 to 9"):
        check_target(target, 10)


def test_a_network_of_one_output_has_the_score_of_yes_alone() -> None:
    check_target(0, 1)
    with pytest.raises(UsageError, match="no output 3: the network has one output, the score of yes; give target 0"):
        check_target(3, 1)


class Odd(nn.Module):
    def forward(self, images: Tensor) -> object:
        return {"logits": images}


@pytest.mark.parametrize(
    ("network", "given"),
    [(Odd(), "dict"), (nn.Identity(), "shape (2, 1, 4, 4)"), (nn.Flatten(0), "shape (32,)")],
    ids=["dict", "maps", "flat"],
)
def test_a_network_that_gives_no_row_of_outputs_is_refused(network: nn.Module, given: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"The network gives {given} for 2 images; a tensor (images, out")):
        scores_of(network, IMAGES)


def test_an_image_that_the_network_cannot_take_is_a_shape_error() -> None:
    with pytest.raises(ShapeError, match="The network cannot take an image of 1 x 5 x 5, float32: mat1 and mat2"):
        scores_of(dense(3), torch.zeros(1, 1, 5, 5))


def test_a_guarded_network_says_itself_what_it_takes() -> None:
    with pytest.raises(UsageError, match="was given values from 0 to 2"):
        scores_of(build(("flatten", "linear classes"), classes=10), torch.linspace(0, 2, 784).reshape(1, 1, 28, 28))
