"""Users' own networks by name."""

from typing import Any

import pytest
from torch import nn

from inkwise.errors import UnknownName, UsageError
from inkwise.models import registry
from inkwise.models.network import build
from inkwise.models.registry import Builder
from inkwise.models.shape import Shape


def identity(classes: int, input_shape: Shape) -> nn.Module:
    return nn.Identity()


def three(classes: int, input_shape: Shape) -> Any:  # a builder whose hints promise no module
    return 3


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_BUILDERS", {})


def test_a_registered_builder_is_found_by_its_name() -> None:
    @registry.register("mine")
    def mine(classes: int, input_shape: Shape) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(input_shape[-1] ** 2, classes))

    assert registry.get("mine") is mine
    assert registry.names() == ("mine",)
    body = build("mine", classes=3).body
    assert isinstance(body, nn.Sequential)
    head = body[1]
    assert isinstance(head, nn.Linear)
    assert head.out_features == 3


def test_an_unknown_network_is_refused_with_a_suggestion() -> None:
    registry.register("residual")(identity)
    with pytest.raises(UnknownName, match=r"There is no registered network 'residul'. Did you mean 'residual'?"):
        registry.get("residul")


@pytest.mark.parametrize("name", ["", "conv", "two words", "a,b"])
def test_a_name_that_reads_like_a_layer_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"A network cannot be called .*; give one word without commas"):
        registry.register(name)


def test_a_name_is_given_once_but_its_file_may_run_again() -> None:
    def make() -> Builder:
        def builder(classes: int, input_shape: Shape) -> nn.Module:
            return nn.Identity()

        return builder

    registry.register("mine")(make())
    registry.register("mine")(make())
    with pytest.raises(UsageError, match=r"There is already a network 'mine', of .*builder; choose another name"):
        registry.register("mine")(identity)


def test_a_builder_that_returns_no_module_is_named() -> None:
    registry.register("wrong")(three)
    with pytest.raises(UsageError, match=r"builder of network 'wrong' returned int; it must return a torch.nn.Module"):
        build("wrong", classes=10)
