"""Outputs for many images: the same in any batches, in the mode asked for, as CPU tensors."""

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import UsageError
from inkwise.models.inference import outputs_of, probabilities_in_batches
from inkwise.models.network import build
from inkwise.models.prepared import Prepared

LINES = ("conv 3 3x3", "batchnorm", "relu", "maxpool 2", "flatten", "dropout 0.5", "linear classes")


def network() -> nn.Module:
    torch.manual_seed(0)
    return build(LINES, classes=4, input_shape=(1, 8, 8))


def images(count: int = 23) -> Tensor:
    return torch.randint(0, 256, (count, 1, 8, 8), generator=torch.Generator().manual_seed(1)).to(torch.uint8)


def test_they_are_the_networks_own_on_ink_in_zero_to_one() -> None:
    model = network().eval()
    with torch.no_grad():
        expected = model(images().float() / 255)
    torch.testing.assert_close(outputs_of(model, images()), expected)


@pytest.mark.parametrize("batch_size", [1, 7, 23, 500])
def test_the_batch_size_changes_nothing_else(batch_size: int) -> None:
    found = outputs_of(network(), images(), batch_size=batch_size)
    torch.testing.assert_close(found, outputs_of(network(), images()))
    assert found.dtype == torch.float32


@pytest.mark.parametrize("train_mode", [False, True])
def test_the_mode_is_set_and_left_so(train_mode: bool) -> None:
    model = network().train(not train_mode)
    outputs_of(model, images(), train_mode=train_mode)
    assert model.training is train_mode


def test_evaluation_draws_nothing_and_moves_no_statistics() -> None:
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert torch.equal(outputs_of(model, images()), outputs_of(model, images()))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_train_mode_drops_values_and_moves_statistics() -> None:
    model = network()
    before = model.get_buffer("batchnorm1.running_mean").clone()
    assert not torch.equal(*(outputs_of(model, images(), train_mode=True) for _ in range(2)))
    assert not torch.equal(model.get_buffer("batchnorm1.running_mean"), before)


def test_nothing_is_recorded_for_gradients_and_the_images_stay() -> None:
    given = images()
    outputs = outputs_of(network(), given)
    assert not outputs.requires_grad
    assert torch.equal(given, images())


def test_no_images_give_no_outputs() -> None:
    assert outputs_of(network(), images(0)).shape == (0, 4)


def test_a_network_without_weights_is_computed_on_the_cpu() -> None:
    assert outputs_of(nn.Flatten(), images(2)).shape == (2, 64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool])
def test_other_images_than_uint8_are_refused_and_left_alone(dtype: torch.dtype) -> None:
    given = images().to(dtype)
    before = given.clone()
    name = str(dtype).removeprefix("torch.")
    with pytest.raises(UsageError, match=f"are uint8, ink 255 on background 0, and these are {name}"):
        outputs_of(network(), given)
    with pytest.raises(UsageError, match=f"and these are {name}"):
        probabilities_in_batches(Prepared(network().eval()), given)
    assert torch.equal(given, before)


def test_outputs_are_float32_whatever_torchs_default() -> None:
    expected = outputs_of(network(), images())
    model = network()
    torch.set_default_dtype(torch.float64)
    try:
        found = outputs_of(model, images())
    finally:
        torch.set_default_dtype(torch.float32)
    torch.testing.assert_close(found, expected)
