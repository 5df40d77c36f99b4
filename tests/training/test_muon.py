"""Muon's matrices move by the same length in every direction; the rest is torch's AdamW."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from inkwise.recipes.recipe import Optimizer, Recipe, Schedule
from inkwise.training.muon import Muon, orthogonal
from inkwise.training.optimiser import make, set_rate

MUON = Optimizer(name="muon", lr=0.02, momentum=0.9, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, rest_lr=0.005)


def network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.Conv2d(6, 4, 3), nn.Flatten(), nn.Linear(16, 8), nn.Linear(8, 3)
    )


def descend(model: nn.Module, optimiser: torch.optim.Optimizer, steps: int = 1) -> None:
    images = torch.linspace(-1, 1, 5 * 36).square().reshape(5, 1, 6, 6)
    for _ in range(steps):
        optimiser.zero_grad()
        model(images).square().sum().backward()
        optimiser.step()


def of_rank(rows: int, columns: int, values: Tensor) -> Tensor:
    left = torch.linalg.qr(torch.randn(rows, len(values)))[0]
    right = torch.linalg.qr(torch.randn(columns, len(values)))[0]
    made: Tensor = left * values @ right.T
    return made


@pytest.mark.parametrize(("rows", "columns"), [(5, 5), (8, 72), (72, 8), (1, 9), (9, 1)])
def test_singular_values_become_about_one_and_directions_stay(rows: int, columns: int) -> None:
    torch.manual_seed(1)
    matrix = of_rank(rows, columns, torch.logspace(0, -2, min(rows, columns)) * 7)
    left, _, right = torch.linalg.svd(matrix, full_matrices=False)
    made = orthogonal(matrix)
    assert made.shape == matrix.shape
    values = torch.linalg.svdvals(made)
    assert values.min() > 0.6
    assert values.max() < 1.3
    inner = left.T @ made @ right.T  # diagonal in the same directions
    torch.testing.assert_close(inner, inner.diagonal().diag(), rtol=0, atol=1e-4)


def test_the_length_of_a_gradient_does_not_matter_and_zero_stays_zero() -> None:
    torch.manual_seed(2)
    matrix = torch.randn(6, 20)
    torch.testing.assert_close(orthogonal(matrix), orthogonal(1000 * matrix), rtol=1e-4, atol=1e-5)
    assert torch.equal(orthogonal(torch.zeros(3, 4)), torch.zeros(3, 4))


@pytest.mark.parametrize(("shape", "length"), [((6, 6), 1.0), ((4, 6, 3, 3), 1.0), ((36, 1, 3, 3), 2.0)])
def test_a_step_is_as_long_in_each_direction_as_the_shape_says(shape: tuple[int, ...], length: float) -> None:
    torch.manual_seed(3)
    weight, last = nn.Parameter(torch.randn(shape)), nn.Parameter(torch.randn(2, 2))
    before = weight.detach().clone()
    optimiser = Muon([weight, last], lr=0.1, rest_lr=0.1, momentum=0.9, betas=(0.9, 0.99), eps=1e-8, weight_decay=0.0)
    weight.grad = torch.randn(shape)
    optimiser.step()
    moved = torch.linalg.svdvals((before - weight.detach()).flatten(1)) / (0.1 * length)
    assert moved.min() > 0.6
    assert moved.max() < 1.3
    assert ((before - weight.detach()) * weight.grad).sum() > 0  # downhill


def test_a_step_is_nesterovs_by_its_formula() -> None:
    torch.manual_seed(4)
    weight, last = nn.Parameter(torch.randn(4, 7)), nn.Parameter(torch.randn(2, 2))
    optimiser = make(nn.ParameterList([weight, last]), MUON)
    expected, mean = weight.detach().clone(), torch.zeros(4, 7)
    for _ in range(3):
        weight.grad = torch.randn(4, 7)
        optimiser.step()
        mean = 0.9 * mean + 0.1 * weight.grad
        ahead = 0.1 * weight.grad + 0.9 * mean
        expected = expected * (1 - 0.02 * 0.1) - 0.02 * orthogonal(ahead)
        torch.testing.assert_close(weight.detach(), expected)


def test_the_last_matrix_and_all_vectors_are_adamws_at_their_own_rate() -> None:
    ours, theirs = network(), network()
    optimiser = make(ours, MUON)
    matrices = [list(group["params"]) for group in optimiser.param_groups]
    assert [weight.ndim for weight in matrices[0]] == [4, 4, 2]
    rest = [weight for weight in theirs.parameters() if weight.ndim == 1 or weight.shape == (3, 8)]
    assert len(rest) == len(matrices[1])
    for weight, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        weight.grad = other.grad = torch.randn_like(weight)
    before = [weight.detach().clone() for weight in matrices[0]]
    reference = torch.optim.AdamW(rest, lr=0.005, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1, foreach=False)
    for _ in range(3):
        optimiser.step()
        reference.step()
    for weight, other in zip(matrices[1], rest, strict=True):
        torch.testing.assert_close(weight, other)
    assert not any(torch.equal(old, new) for old, new in zip(before, matrices[0], strict=True))


def test_a_schedule_moves_both_rates_in_proportion() -> None:
    recipe = Recipe(name="x", network=("flatten", "linear classes"), optimizer=MUON, schedule=Schedule(name="linear"))
    model = network()
    optimiser = make(model, recipe.optimizer)
    set_rate(optimiser, recipe, 10, 11)  # the last step's rate is 0
    before = copy.deepcopy(list(model.parameters()))
    descend(model, optimiser)
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    set_rate(optimiser, recipe, 5, 11)
    assert [group["lr"] * group["ratio"] for group in optimiser.param_groups] == pytest.approx([0.01, 0.0025])


def test_a_state_taken_up_again_goes_on_with_the_same_bits() -> None:
    one, other = network(), network(seed=1)
    first, second = make(one, MUON), make(other, MUON)
    descend(one, first, 3)
    other.load_state_dict(one.state_dict())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    descend(one, first, 3)
    descend(other, second, 3)
    for mine, its in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, its)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_goes_downhill_and_leaves_what_has_no_gradient_alone(seed: int) -> None:
    model = network(seed)
    still = model.get_parameter("2.weight")
    before = still.detach().clone()
    optimiser = make(model, MUON.model_copy(update={"weight_decay": 0.0}))
    still.requires_grad_(False)

    def closure() -> float:
        optimiser.zero_grad()
        loss: Any = model(torch.ones(2, 1, 6, 6) * torch.tensor([0.1, 0.9]).view(2, 1, 1, 1)).square().sum()
        loss.backward()
        return float(loss.detach())

    losses = [optimiser.step(closure) for _ in range(30)]
    assert losses[-1] < 0.5 * losses[0]
    assert torch.equal(still, before)


def test_a_network_with_a_single_matrix_is_adamws_alone() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    descend(model, make(model, MUON))
