"""The exponential average follows its formula and comes back from its state."""

import torch
from torch import nn

from inkwise.training.average import Average


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def test_it_equals_the_formula_written_out() -> None:
    model = network()
    average = Average(model, 0.5)
    expected = {name: value.clone() for name, value in model.state_dict().items() if value.is_floating_point()}
    for step in range(12):
        with torch.no_grad():
            for value in model.state_dict().values():
                value.add_(torch.ones_like(value))  # weights, statistics and the count alike
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        for name, value in model.state_dict().items():
            if name in expected:
                expected[name] = decay * expected[name] + (1 - decay) * value
    assert average.state_dict().keys() == expected.keys()
    for name, value in average.state_dict().items():
        torch.testing.assert_close(value, expected[name])


def test_the_first_weights_are_soon_forgotten_even_with_a_high_decay() -> None:
    model = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        model.weight.fill_(1000.0)
        average = Average(model, 0.999)
        model.weight.fill_(1.0)
    for step in range(100):
        average.update(step)
    assert abs(average.state_dict()["weight"].item() - 1.0) < 1e-3


def test_it_is_a_copy_and_leaves_the_network_alone() -> None:
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    average = Average(model, 0.5)
    average.update(0)
    for value in average.state_dict().values():
        value.zero_()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_integers_are_not_averaged() -> None:
    assert "1.num_batches_tracked" not in Average(network(), 0.5).state_dict()


def test_its_state_is_copied_in_and_goes_on_as_it_was() -> None:
    model = network()
    first = Average(model, 0.9)
    saved = {name: value.clone() + 1 for name, value in first.state_dict().items()}
    second = Average(model, 0.9)
    second.load_state_dict(saved)
    second.update(3)
    assert not any(torch.equal(value, saved[name]) for name, value in second.state_dict().items())
    first.load_state_dict(saved)
    first.update(3)
    assert all(torch.equal(value, first.state_dict()[name]) for name, value in second.state_dict().items())


def test_weights_loaded_into_the_network_are_followed() -> None:
    model = network()
    average = Average(model, 0.5)
    model.load_state_dict({name: torch.full_like(value, 7) for name, value in model.state_dict().items()})
    for step in range(60):
        average.update(step)
    torch.testing.assert_close(average.state_dict()["0.weight"], torch.full((2, 1, 3, 3), 7.0))
