"""What the convolution lab slides over what, from the page's words: numbers, a drawing, a named or trained kernel.

The words are those of `inkwise convolve`, but for files: no path is taken from the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from inkwise.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from inkwise.recognizer import Recognizer

MOST: Final = 64  # values along an axis of a signal or an image
MOST_KERNEL: Final = 11  # of a kernel over images
PICTURE: Final = 48  # longer side of a picture whose own pixels are taken


@dataclass(frozen=True)
class Given:
    """An array over one or two axes, float64 or whole numbers, and one line about it."""

    values: "Tensor"
    name: str


def signals() -> list[dict[str, Any]]:
    """Return the signals that can be chosen, each as its name, a line about it and its values as text."""
    import torch

    from inkwise.convolution.signals import box, exponential, gaussian, noisy_position
    from inkwise.explain.demonstration.numbers import exact

    places = torch.arange(16, dtype=torch.float64)
    ramp = torch.cat([torch.arange(0.0, 6), torch.zeros(3)])
    made: list[tuple[str, str, Tensor]] = [
        ("spike", "a single 1: what slides over it is written out", (torch.arange(9) == 4).double()),
        ("step", "0, and then 1 for good", (torch.arange(16) > 5).double()),
        ("box", "1 over a width of 5, its ends one half", box(5, step=1, span=9).values),
        ("ramp", "grows steadily, and drops", ramp),
        ("decay", "exp(-t / 3), which a system that forgets answers with", exponential(1 / 3, step=1, span=11).values),
        ("bell", "a Gaussian of deviation 1.5, with area 1", gaussian(1.5, step=1, span=8).values),
        ("wave", "two periods of a sine", torch.sin(4 * torch.pi * places / 16)),
        ("noisy", "a position measured with errors", noisy_position(span=3.1, step=0.1, seed=2)[1].values),
        ("two spikes", "a sound and its echo", (torch.arange(9) == 1).double() + 0.5 * (torch.arange(9) == 6)),
    ]
    return [
        {"name": name, "does": does, "text": " ".join(exact(round(value, 3)) for value in values.tolist())}
        for name, does, values in made
    ]


def read_numbers(text: str, what: str, rank: int, most: int) -> Given:
    """Return typed numbers.

    Args:
        text: As `inkwise.explain.demonstration.numbers.parse` takes them.
        what: What messages call it, "The kernel".
        rank: How many axes it must have; one row of numbers is an image of one row.
        most: Values along an axis that can be shown.

    Raises:
        UsageError: They are no numbers, are over another number of axes, or too many.
    """
    from inkwise.convolution.window import counted, spelled
    from inkwise.explain.demonstration.numbers import parse

    values = parse(text, what)
    if values.ndim > rank:
        raise UsageError(f"{what} has {counted(len(values), 'row')}; a signal is numbers without semicolons.")
    if values.ndim < rank:
        values = values[None]
    if max(values.shape) > most:
        size = spelled(values.shape)
        raise UsageError(f"{what} has {size} values; at most {most} along an axis can be followed here.")
    return Given(values, f"{spelled(values.shape)} numbers" if rank > 1 else f"{len(values)} values")


def read_second(text: str) -> Given:
    """Return the second of two signals: numbers, or the name of a kernel over signals.

    Raises:
        UnknownName: It is neither.
        UsageError: Numbers that are wrong or too many, or the name of a kernel over images.
    """
    from inkwise.explain.demonstration.numbers import is_numbers

    if is_numbers(text) or len(text.split()) != 1:
        return read_numbers(text, "The second signal", 1, MOST)
    return _named(text, 1)


def read_picture(data: bytes, *, seen: bool) -> Given:
    """Return a drawing or a picture file as ink from 0 to 1.

    Args:
        data: The file; without a byte, paper without ink.
        seen: Whether to take it in the form that networks see; else its own pixels, made smaller.

    Raises:
        ImageError: It cannot be read.
    """
    import torch

    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise
    from inkwise.data.normalising.light import shrink

    if not data:
        return Given(torch.zeros(28, 28, dtype=torch.float64), "28 x 28 pixels of empty paper")
    grey = load_grey(data)
    if seen:
        image = normalise(grey).image
        return Given(torch.from_numpy(image).double() / 255, "28 x 28 pixels as networks see them, ink from 0 to 1")
    small = shrink(grey, PICTURE)
    name = f"{small.shape[0]} x {small.shape[1]} pixels, ink from 0 (white) to 1 (black)"
    return Given(1 - torch.from_numpy(small).double() / 255, name)


def read_kernel(text: str, model: "Callable[[], Recognizer]") -> Given:
    """Return the kernel over images that a text names: numbers, a name, or LAYER:OUT,IN of a model.

    Raises:
        UnknownName: It is none of these, or there is no such layer.
        UsageError: Numbers that are wrong, a kernel over other axes, or one that the layer has not.
    """
    from inkwise.explain.demonstration.numbers import is_numbers

    if is_numbers(text) or not text.strip():
        return read_numbers(text, "The kernel", 2, MOST_KERNEL)
    return _trained(text, model()) if ":" in text else _named(text, 2)


def _named(text: str, rank: int) -> Given:
    import torch

    from inkwise.convolution.kernels import find_kernel, named_kernel, spell_kernel

    named = find_kernel(text)
    if named.rank != rank:
        raise UsageError(
            f"{named.name} is a kernel of {named.extent}, for {'images' if named.rank > 1 else 'signals'}."
        )
    return Given(named_kernel(text, dtype=torch.float64)[0, 0], spell_kernel(named))


def trained_layers(recognizer: "Recognizer") -> list[dict[str, Any]]:
    """Return the layers whose kernels can slide over an image: name, output channels, input channels, size."""
    from inkwise.explain.kernels import layers_with_kernels

    found = layers_with_kernels(_network(recognizer))
    return [
        {"name": name, "out": shape[0], "into": shape[1], "size": shape[2:]}
        for name, shape in found.items()
        if len(shape) == 4 and max(shape[2:]) <= MOST_KERNEL
    ]


def _trained(text: str, recognizer: "Recognizer") -> Given:
    from inkwise.explain.kernels import kernels_of

    layer, _, which = text.rpartition(":")
    weights = kernels_of(_network(recognizer), layer).weights
    if weights.ndim != 4 or max(weights.shape[2:]) > MOST_KERNEL:
        raise UsageError(f"The kernels of {layer} are not small squares; take those of another layer.")
    out, _, into = which.partition(",")
    places = [int(word) if word.isdecimal() else -1 for word in (out, into or "0")]
    if not all(0 <= place < count for place, count in zip(places, weights.shape[:2], strict=True)):
        raise UsageError(
            f"{layer} has no kernel {which}; it has the output channels 0 to {weights.shape[0] - 1}, and in each the "
            f"input channels 0 to {weights.shape[1] - 1}."
        )
    name = f"what output channel {places[0]} of {layer} multiplies input channel {places[1]} with"
    return Given(weights[places[0], places[1]].double(), name)


def _network(recognizer: "Recognizer") -> Any:
    """The network; of an ensemble the first."""
    from inkwise.models.ensemble import Ensemble

    network = recognizer.network
    return network.networks[0] if isinstance(network, Ensemble) else network
