"""Users' own networks by name: builders of any `nn.Module` that lines of layers cannot say.

    @register("residual")
    def residual(classes: int, input_shape: tuple[int, ...]) -> nn.Module: ...

A builder gets the number of outputs and the shape of one image, and returns a module from float32 (N, *input_shape)
to logits (N, classes); one that ends in probabilities says so with an attribute `outputs = "probabilities"`. A
recipe that names it needs the file that registers it wherever it runs. No torch here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from inkwise.errors import UnknownName, UsageError
from inkwise.models.kinds import KINDS
from inkwise.models.shape import Shape

if TYPE_CHECKING:
    import torch

Builder = Callable[[int, Shape], "torch.nn.Module"]
AnyBuilder = TypeVar("AnyBuilder", bound=Builder)

_BUILDERS: dict[str, Builder] = {}


def register(name: str) -> Callable[[AnyBuilder], AnyBuilder]:
    """Return a decorator that makes its function known as network `name`.

    Raises:
        UsageError: the name is empty, a kind of layer's, has a comma or a blank, or another builder has it. The same
            function of the same module may come again, as when its file is run a second time.
    """
    if not name or name in KINDS or any(sign.isspace() or sign == "," for sign in name):
        raise UsageError(
            f"A network cannot be called {name!r}; give one word without commas that is not a layer's "
            f"({', '.join(KINDS)})."
        )

    def keep(builder: AnyBuilder) -> AnyBuilder:
        known = _BUILDERS.get(name)
        if known is not None and _home(known) != _home(builder):
            raise UsageError(f"There is already a network {name!r}, of {_home(known)}; choose another name.")
        _BUILDERS[name] = builder
        return builder

    return keep


def get(name: str) -> Builder:
    """Return the builder called `name`; UnknownName suggests what comes close."""
    if name not in _BUILDERS:
        raise UnknownName("registered network", name, _BUILDERS)
    return _BUILDERS[name]


def names() -> tuple[str, ...]:
    """Return the registered names, sorted."""
    return tuple(sorted(_BUILDERS))


def _home(builder: Builder) -> str:
    return f"{builder.__module__}.{getattr(builder, '__qualname__', type(builder).__qualname__)}"
