"""What a network does with one image, in numbers and pictures that can be followed by hand.

    activations = record(network, image)                        # what went into and came out of every layer
    print(render(explain_value(activations, "conv1", (0, 3, 4))))   # one value of it, term by term
    boxes(activations, "conv1", (0, 3, 4))["image"]              # the pixels that it depends on

Beside them: saliency (`gradient`, `occlusion`, `grad_cam`), what excites a channel, the kernels, `draw` for the picture
of it all, `pictures` for the guide, and the `demonstration` of a single convolution. A network is any
`torch.nn.Module` that takes one tensor: images as above, anything else by `record(network, tensor, as_given=True)`.
The room knows neither the browser nor the command line.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkwise.explain.activations import Activations, record
    from inkwise.explain.arithmetic.arithmetic import Explanation, Unexplained, explain_value, strongest
    from inkwise.explain.arithmetic.ledger import to_dict
    from inkwise.explain.arithmetic.table import render
    from inkwise.explain.exciting import most_exciting
    from inkwise.explain.field import Box, Unseen, boxes
    from inkwise.explain.figure.figure import draw
    from inkwise.explain.figure.overlays import exciting_sheet, saliency_sheet
    from inkwise.explain.kernels import kernels_of
    from inkwise.explain.layers import layer_rows, layer_table
    from inkwise.explain.saliency import grad_cam, gradient, occlusion

__all__ = [
    "Activations",
    "Box",
    "Explanation",
    "Unexplained",
    "Unseen",
    "boxes",
    "draw",
    "exciting_sheet",
    "explain_value",
    "grad_cam",
    "gradient",
    "kernels_of",
    "layer_rows",
    "layer_table",
    "most_exciting",
    "occlusion",
    "record",
    "render",
    "saliency_sheet",
    "strongest",
    "to_dict",
]

_HOMES = {
    "Activations": "activations",
    "Box": "field",
    "Explanation": "arithmetic.arithmetic",
    "Unexplained": "arithmetic.arithmetic",
    "Unseen": "field",
    "boxes": "field",
    "draw": "figure.figure",
    "exciting_sheet": "figure.overlays",
    "explain_value": "arithmetic.arithmetic",
    "grad_cam": "saliency",
    "gradient": "saliency",
    "kernels_of": "kernels",
    "layer_rows": "layers",
    "layer_table": "layers",
    "most_exciting": "exciting",
    "occlusion": "saliency",
    "record": "activations",
    "render": "arithmetic.table",
    "saliency_sheet": "figure.overlays",
    "strongest": "arithmetic.arithmetic",
    "to_dict": "arithmetic.ledger",
}


# Loaded when first used, as on the shelf of inkwise itself: pictures need matplotlib, arithmetic does not.
def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'inkwise.explain' has no attribute {name!r}")
    return getattr(import_module(f"inkwise.explain.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
