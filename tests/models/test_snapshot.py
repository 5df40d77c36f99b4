"""A snapshot is current as long as the network computes the same, as far as torch tells."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.utils.hooks import RemovableHandle

from inkwise.models.network import Network, build
from inkwise.models.snapshot import Snapshot

LINES = ("conv 3 3x3 pad 1", "batchnorm", "relu", "flatten", "dropout 0.5", "linear classes")


def network(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return build(LINES, classes=4, input_shape=(1, 8, 8)).eval()


def assigned(made: Network) -> None:
    made.load_state_dict(copy.deepcopy(made.state_dict()), assign=True)


def written(made: Network) -> None:
    with torch.no_grad():
        made.get_parameter("linear1.bias").add_(0)


def counted(made: Network) -> None:
    made.get_buffer("batchnorm1.running_var").mul_(1)


def replaced(made: Network) -> None:
    made[-1] = nn.Linear(192, 4)


def unbiased(made: Network) -> None:
    made[-1].register_parameter("bias", None)


def biased(made: Network) -> None:
    made.get_submodule("conv1").register_parameter("bias", nn.Parameter(torch.zeros(3)))


def moved(made: Network) -> None:
    made.to(torch.float64)


def pointed_elsewhere(made: Network) -> None:
    weight = made.get_parameter("linear1.weight")
    weight.data = weight.data.clone()


def trained(made: Network) -> None:
    made.train()
    with torch.no_grad():
        made(torch.rand(2, 1, 8, 8))
    made.eval()


CHANGES = (trained, assigned, written, counted, replaced, unbiased, biased, moved, pointed_elsewhere)


@pytest.mark.parametrize("change", [*CHANGES, lambda made: made.append(nn.ReLU()), lambda made: made.pop(-1)])
def test_every_change_that_torch_tells_of_is_seen(change: Callable[[Network], None]) -> None:
    made = network()
    snapshot = Snapshot(made)
    assert snapshot.is_current()
    change(made)
    assert not snapshot.is_current()
    assert Snapshot(made).is_current()


def test_a_row_that_was_empty_may_be_given_a_child() -> None:
    inner = nn.Sequential()
    snapshot = Snapshot(nn.Sequential(inner))
    inner.append(nn.Tanh())
    assert not snapshot.is_current()


def test_answering_changes_nothing() -> None:
    made = network()
    snapshot = Snapshot(made)
    with torch.no_grad():
        made(torch.rand(2, 1, 8, 8))
    made.requires_grad_(requires_grad=False)
    assert snapshot.is_current()
    assert snapshot.is_quiet()


@pytest.mark.parametrize("name", ["", "batchnorm1", "dropout1"])
def test_a_part_in_training_mode_is_not_quiet(name: str) -> None:
    made = network()
    snapshot = Snapshot(made)
    made.get_submodule(name).train()
    assert not snapshot.is_quiet()
    made.eval()
    assert snapshot.is_quiet()


def test_a_listener_to_one_module_or_to_all_is_not_quiet() -> None:
    made = network()
    snapshot = Snapshot(made)
    listen: list[Callable[[], RemovableHandle]] = [
        lambda: made[2].register_forward_hook(lambda *_: None),
        lambda: register_module_forward_pre_hook(lambda *_: None),
    ]
    for each in listen:
        handle = each()
        assert not snapshot.is_quiet()
        handle.remove()
        assert snapshot.is_quiet()


def test_weights_made_in_inference_mode_are_not_counted() -> None:
    with torch.inference_mode():
        made = network()
    snapshot = Snapshot(made)
    assert not snapshot.is_counted
    assert snapshot.is_current()
    made[-1] = nn.Linear(192, 4)
    assert not snapshot.is_current()


def test_what_is_float32_on_the_cpu_is_told_from_the_rest() -> None:
    assert Snapshot(network()).is_float32()
    assert not Snapshot(network().double()).is_float32()
    assert not Snapshot(network().to("meta")).is_float32()


def test_other_objects_than_the_networks_are_not_mistaken_for_them() -> None:
    """What was replaced is kept alive, so that nothing new is found at its place."""
    made = network()
    snapshot = Snapshot(made)
    for _ in range(50):
        made[-1] = copy.deepcopy(made[-1])
        assert not snapshot.is_current()


def test_a_weight_shared_by_two_layers_is_watched() -> None:
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    second.weight = first.weight
    snapshot = Snapshot(nn.Sequential(first, second))
    with torch.no_grad():
        second.weight.zero_()
    assert not snapshot.is_current()
