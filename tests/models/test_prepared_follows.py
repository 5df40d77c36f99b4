"""A prepared network follows its network, from any thread, and is copied with it."""

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import UsageError
from inkwise.models.ensemble import Ensemble
from inkwise.models.network import Network, build
from inkwise.models.prepared import Prepared
from inkwise.models.single import Single

LINES = ("conv 3 3x3 pad 1", "relu", "maxpool 2", "batchnorm", "flatten", "dropout 0.5", "linear 6", "relu")
COUNTS = pytest.mark.parametrize("count", [1, 5])


def small(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    network = build((*LINES, "linear classes"), classes=4, input_shape=(1, 8, 8)).eval()
    norm = network.get_submodule("batchnorm1")
    assert isinstance(norm, nn.BatchNorm2d)
    nn.init.uniform_(norm.weight, -1, 1)  # not folded through the pool: it stays in the row
    return network


def images(count: int) -> Tensor:
    return torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def plain(network: nn.Module, given: Tensor) -> Tensor:
    result: Tensor = network(given)
    return result


def assigned(network: Network) -> None:
    network.load_state_dict(small(7).state_dict(), assign=True)


def written(network: Network) -> None:
    network.load_state_dict(small(7).state_dict())


def replaced(network: Network) -> None:
    torch.manual_seed(7)
    network[-1] = nn.Linear(6, 4)


def lengthened(network: Network) -> None:
    network.append(nn.Tanh())


def unbiased(network: Network) -> None:
    network[-1].register_parameter("bias", None)


def stirred(network: Network) -> None:
    torch.manual_seed(7)
    for weight in network.parameters():
        weight.data = torch.randn_like(weight)


def coarse(network: Network) -> None:
    network.to(torch.bfloat16).to(torch.float32)


@COUNTS
@pytest.mark.parametrize("change", [assigned, written, replaced, lengthened, unbiased, stirred, coarse])
def test_it_follows_every_change_that_torch_tells_of(change: Callable[[Network], None], count: int) -> None:
    network = small()
    prepared = Prepared(network)
    before = prepared(images(count))
    change(network)
    expected = plain(network, images(count))
    assert (expected - before).abs().max() > 1e-4, "nothing has changed"
    torch.testing.assert_close(prepared(images(count)), expected)


def test_a_network_moved_to_another_type_is_called_as_it_is() -> None:
    network = small()
    network.guarded = False
    prepared = Prepared(network)
    prepared(images(2))
    network.to(torch.float64)
    assert prepared(images(2).double()).dtype == torch.float64


@COUNTS
def test_a_part_put_into_training_mode_is_called_in_it(count: int) -> None:
    network = small()
    prepared = Prepared(network)
    prepared(images(count))
    norm = network.get_submodule("batchnorm1").train()
    before = norm.get_buffer("running_mean").clone()
    prepared(images(count))
    assert not torch.equal(norm.get_buffer("running_mean"), before)
    network.eval()
    torch.testing.assert_close(prepared(images(count)), plain(network, images(count)))


def test_what_torch_does_not_tell_of_is_seen_neither_for_one_image_nor_for_many() -> None:
    network = small()
    prepared = Prepared(network)
    before = prepared(images(5))
    for weight in network.parameters():
        weight.data.mul_(3)
    torch.testing.assert_close(prepared(images(5)), before)
    torch.testing.assert_close(prepared(images(5)[:1]), before[:1])
    torch.testing.assert_close(Prepared(network)(images(5)), plain(network, images(5)))


@COUNTS
def test_a_member_that_is_replaced_is_followed(count: int) -> None:
    ensemble = Ensemble([small(1), small(2)]).eval()
    prepared = Prepared(ensemble)
    prepared(images(count))
    ensemble.members[1] = small(3)
    torch.testing.assert_close(prepared(images(count)), plain(ensemble, images(count)))


@COUNTS
def test_it_works_within_inference_mode_and_with_what_was_made_there(count: int) -> None:
    with torch.inference_mode():
        network, given = small(), images(count)
        expected = plain(network, given)
        inside = Prepared(network)
        torch.testing.assert_close(inside(given), expected)
    torch.testing.assert_close(inside(given), expected)
    assert inside.batch_size > 0
    outside = Prepared(small())
    with torch.inference_mode():
        torch.testing.assert_close(outside(given), expected)
    torch.testing.assert_close(outside(given), expected)


@COUNTS
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.parametrize("front", [("deskew",), ("conv 4 3x3 groups 1 nobias",), ("conv 2 1x1", "conv 2 3x3 groups 2")])
def test_torchs_default_type_and_device_change_nothing(front: tuple[str, ...], dtype: torch.dtype, count: int) -> None:
    torch.manual_seed(0)
    lines = (*front, "relu", "maxpool 1 stride 2", "tanh", "globalavgpool", "flatten", "linear classes")
    network = build(lines, classes=4, input_shape=(1, 8, 8)).eval()
    given, expected = images(count), plain(network, images(count))
    prepared = Prepared(network)
    torch.set_default_dtype(dtype)
    try:
        with torch.device("meta"):
            found = prepared(given)
    finally:
        torch.set_default_dtype(torch.float32)
    assert isinstance(prepared._form and prepared._form.one, Single)
    torch.testing.assert_close(found, expected)


@COUNTS
@pytest.mark.parametrize("wrong", [255.0, -0.1, float("nan")])
def test_images_that_leave_zero_to_one_are_refused_with_the_networks_sentence(wrong: float, count: int) -> None:
    given = images(count)
    given[0, 0, 3, 3] = wrong
    for network in (small(), Ensemble([small(1), small(2)]).eval()):
        with pytest.raises(UsageError) as theirs:
            network(given)
        with pytest.raises(UsageError) as ours:
            Prepared(network)(given)
        assert str(ours.value) == str(theirs.value)


@COUNTS
def test_an_unguarded_network_answers_nan_with_nan(count: int) -> None:
    network = build(("deskew", "flatten", "linear classes"), classes=4, input_shape=(1, 8, 8)).eval()
    network.guarded = False
    given = images(count)
    given[0, 0, 3, 3] = float("nan")
    assert bool(Prepared(network)(given)[0].isnan().all())


class Doubled(nn.Identity):
    """An identity in name alone."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        return 2 * input


class Noisy(nn.Dropout):
    """Adds to its input, in evaluation too."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return input + 1


class Backwards(nn.Flatten):
    """Flattens from the end."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return input.flatten(1).flip(1)


@COUNTS
@pytest.mark.parametrize("kind", [Doubled, Noisy, Backwards])
def test_what_a_subclass_computes_is_not_left_out(kind: type[nn.Module], count: int) -> None:
    network = small()
    network[4 if kind is Backwards else 5] = kind()
    torch.testing.assert_close(Prepared(network)(images(count)), plain(network, images(count)))


def through_pickle(value: Prepared) -> Prepared:
    made = pickle.loads(pickle.dumps(value))  # noqa: S301 (its own)
    assert isinstance(made, Prepared)
    return made


@COUNTS
@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, through_pickle])
def test_what_has_answered_is_copied_and_sent_and_answers_on(way: Callable[[Prepared], Prepared], count: int) -> None:
    for network in (small(), Ensemble([small(1), small(2)]).eval()):
        prepared = Prepared(network)
        expected = prepared(images(count))
        twin = way(prepared)
        assert torch.equal(twin(images(count)), expected)
        assert (twin.network is network) == (way is copy.copy)
        with torch.no_grad():
            next(twin.network.parameters()).zero_()
        torch.testing.assert_close(twin(images(count)), plain(twin.network, images(count)))


def test_threads_that_ask_at_once_get_what_one_gets() -> None:
    prepared, given = Prepared(small()), images(40)
    expected = plain(prepared.network, given)

    def ask(number: int) -> Tensor:
        return torch.cat([prepared(image[None]) for image in given]) if number % 2 else prepared(given)

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(ask, range(24)):
            torch.testing.assert_close(found, expected)


def test_threads_may_ask_while_weights_change() -> None:
    network, given = small(), images(6)
    prepared = Prepared(network)
    states = [copy.deepcopy(small(seed).state_dict()) for seed in (0, 1)]

    def ask(number: int) -> bool:
        return all(bool(prepared(given[: 1 + number % 2 * 5]).isfinite().all()) for _ in range(60))

    def change() -> bool:
        for number in range(60):
            network.load_state_dict(states[number % 2], assign=number % 3 == 0)
        return True

    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(ask, 0), pool.submit(ask, 1), pool.submit(change)]
        assert all(each.result() for each in running)
    torch.testing.assert_close(prepared(given), plain(network, given))
    torch.testing.assert_close(prepared(given[:1]), plain(network, given[:1]))
