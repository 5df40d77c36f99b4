"""Seeds of different purposes, counters and recipes are different, and the same everywhere."""

from itertools import product

import torch

from inkwise.training.seeds import derive, seed_device


def test_seeds_are_distinct_and_in_range() -> None:
    purposes = ("weights", "order", "step", "look", "published")
    seeds = [derive(*parts) for parts in product((0, 1, 2, 11), purposes, range(500))]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_digits_do_not_run_together() -> None:
    assert derive(1, "step", 11) != derive(11, "step", 1)
    assert derive(1, "1/step", 1) != derive(1, "step", 1)


def test_the_counter_starts_at_zero() -> None:
    assert derive(5, "weights") == derive(5, "weights", 0)


def test_they_are_the_same_on_every_machine_and_in_every_version() -> None:
    # Written down once: a change here would change every trained weight.
    assert derive(0, "weights") == 5_409_347_080_047_710_043


def test_seeding_the_device_draws_what_torch_itself_would_draw() -> None:
    torch.manual_seed(99)
    expected = torch.rand(5)
    torch.rand(3)
    seed_device(99, torch.device("cpu"))
    assert torch.equal(torch.rand(5), expected)
