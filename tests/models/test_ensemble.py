"""An ensemble's softmax is the mean of its members' probabilities, whatever they are."""

from typing import Any

import pytest
import torch
from torch import Tensor

from inkwise.errors import ShapeError, UsageError
from inkwise.models.ensemble import Ensemble, split_weights
from inkwise.models.inference import outputs_of
from inkwise.models.network import Network, build
from inkwise.models.prepared import Prepared

CONVOLUTION = ("conv 3 5x5 stride 3", "batchnorm", "relu", "dropout 0.5", "flatten", "linear classes")


def network(lines: tuple[str, ...] = ("flatten", "linear classes"), seed: int = 0, **options: Any) -> Network:
    torch.manual_seed(seed)
    return build(lines, **{"classes": 10, **options}).eval()


def images(count: int = 5) -> Tensor:
    return torch.randint(256, (count, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


@pytest.fixture
def members() -> list[Network]:
    """Three networks that differ: a linear one, a convolution that answers in probabilities, other pixels."""
    return [
        network(),
        network((*CONVOLUTION, "softmax"), 1),
        network(CONVOLUTION, 2, pixels="standard"),
    ]


def test_a_softmax_of_the_outputs_is_the_mean_of_the_members_probabilities(members: list[Network]) -> None:
    outputs = outputs_of(Ensemble(members), images())
    each = [member.probabilities(outputs_of(member, images())) for member in members]
    torch.testing.assert_close(outputs.softmax(1), torch.stack(each).mean(0))
    assert torch.equal(Ensemble(members).probabilities(outputs), outputs.softmax(1))
    assert (each[0] - each[1]).abs().max() > 0.01  # the mean is none of them
    torch.testing.assert_close(outputs.exp().sum(1), torch.ones(5))  # ln of probabilities already


def test_the_same_network_twice_answers_as_once() -> None:
    alone = network()
    together = Ensemble([alone, network()])
    torch.testing.assert_close(
        together.probabilities(outputs_of(together, images())), alone.probabilities(outputs_of(alone, images()))
    )


def test_members_that_are_sure_leave_no_infinity() -> None:
    """Probabilities below what float32 can hold, in every member, still have a logarithm."""
    sure = [network(seed=seed) for seed in (0, 1)]
    with torch.no_grad():
        for member in sure:
            member.get_parameter("linear1.bias")[3] = 1e4
    outputs = outputs_of(Ensemble(sure), images())
    assert bool(outputs.isfinite().all())
    assert bool((outputs.softmax(1)[:, 3] == 1).all())


def test_a_damaged_member_is_not_hidden_by_the_others(members: list[Network]) -> None:
    with torch.no_grad():
        members[2].get_parameter("linear1.bias")[0] = float("nan")
    together = Ensemble(members)
    assert bool(together.probabilities(outputs_of(together, images())).isnan().any())


def test_the_order_of_the_members_and_the_batch_change_nothing(members: list[Network]) -> None:
    wanted = outputs_of(Ensemble(members), images())
    torch.testing.assert_close(outputs_of(Ensemble(members[::-1]), images()), wanted)
    torch.testing.assert_close(outputs_of(Ensemble(members), images(), batch_size=2), wanted)


def test_modes_reach_the_members(members: list[Network]) -> None:
    together = Ensemble(members).train()
    assert all(member.training for member in members)
    outputs_of(together, images())
    assert not any(member.training for member in members)


def test_weights_are_split_by_member_under_their_own_names(members: list[Network]) -> None:
    weights = Ensemble(members).state_dict()
    parts = split_weights(weights, 3)
    assert parts is not None
    for part, member in zip(parts, members, strict=True):
        own = member.state_dict()
        assert part.keys() == own.keys()
        assert all(torch.equal(part[name], own[name]) for name in own)


@pytest.mark.parametrize("name", ["linear1.weight", "members.3.linear1.weight", "members.11.linear1.weight"])
def test_weights_of_no_member_are_noticed(members: list[Network], name: str) -> None:
    assert split_weights({**Ensemble(members).state_dict(), name: torch.zeros(1)}, 3) is None


def test_ten_members_are_not_mixed_up() -> None:
    together = Ensemble(network(seed=seed) for seed in range(11))
    parts = split_weights(together.state_dict(), 11)
    assert parts is not None
    assert torch.equal(parts[1]["linear1.bias"], network(seed=1).state_dict()["linear1.bias"])
    assert torch.equal(parts[10]["linear1.bias"], network(seed=10).state_dict()["linear1.bias"])


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_are_no_ensemble(count: int) -> None:
    with pytest.raises(UsageError, match=f"at least two networks, and was given {count}"):
        Ensemble([network()] * count)


def test_networks_of_different_images_are_refused() -> None:
    with pytest.raises(UsageError, match="take images of one shape, and these take 1 x 8 x 8 and 1 x 28 x 28"):
        Ensemble([network(), network(input_shape=(1, 8, 8))])


def test_networks_of_different_classes_are_refused_when_they_answer() -> None:
    together = Ensemble([network(), network(classes=4)]).eval()
    for answering in (together, Prepared(together)):
        with pytest.raises(UsageError, match="and these give 4 and 10 outputs; use networks of one number of classes"):
            answering(images().float() / 255)


def test_images_are_checked_at_the_door(members: list[Network]) -> None:
    with pytest.raises(ShapeError, match="was given shape"):
        Ensemble(members)(torch.zeros(1, 1, 8, 8))
    with pytest.raises(UsageError, match="divide by 255 first"):
        Ensemble(members)(images())
