"""An explanation of one value as the page takes it: as `to_dict` gives it, long sums cut to their strongest terms.

What is left out is there as one sum, so that what is shown still adds up. The products of a linear layer come whole,
as float32 in base64, since they are drawn as a picture.
"""

from base64 import b64encode
from typing import Any, Final

import numpy as np

from inkwise.explain.arithmetic.arithmetic import Explanation, Unexplained
from inkwise.explain.arithmetic.ledger import to_dict
from inkwise.explain.arithmetic.terms import Numbers, Step, WeightedSum, WindowSum
from inkwise.explain.stencil import Indices

CHANNELS: Final = 8  # shown of a convolution over more
TERMS: Final = 16  # shown of a longer sum


def to_page(explanation: Explanation | Unexplained) -> dict[str, Any]:
    """Return an explanation as plain data; `reason` says why there is none where there is none."""
    told = to_dict(explanation)
    if isinstance(explanation, Explanation):
        told["steps"] = [_cut(step, plain) for step, plain in zip(explanation.steps, told["steps"], strict=True)]
    return told


def packed(values: Numbers) -> str:
    """Return numbers as float32, little end first, in base64."""
    return b64encode(values.astype("<f4").tobytes()).decode()


def _cut(step: Step, plain: dict[str, Any]) -> dict[str, Any]:
    if isinstance(step, WindowSum):
        return _window(step, plain)
    if isinstance(step, WeightedSum):
        return _weighted(step, plain)
    return plain


def _window(step: WindowSum, plain: dict[str, Any]) -> dict[str, Any]:
    """Patch, kernel and products of the channels that count most, in their own order, and the rest as a sum."""
    sums = step.sums
    shown = np.sort(_strongest(sums, CHANNELS))
    for name in ("patch", "kernel", "products", "sums"):
        del plain[name]
    channels = [
        {
            "channel": step.channels[0] + int(index),
            "patch": step.patch[index].tolist(),
            "kernel": step.kernel[index].tolist(),
            "products": step.products[index].tolist(),
            "sum": float(sums[index]),
        }
        for index in shown
    ]
    return {**plain, "terms": channels, "rest": _rest(sums, shown), "inside": step.place.inside.tolist()}


def _weighted(step: WeightedSum, plain: dict[str, Any]) -> dict[str, Any]:
    """The terms that count most, the strongest first, the rest as a sum, and every product as a picture."""
    products = step.products
    shown = _strongest(products, TERMS)
    for name in ("inputs", "weights", "products"):
        del plain[name]
    terms = [
        {
            "index": int(index),
            "where": step.where(int(index)),
            "input": float(step.inputs[index]),
            "weight": float(step.weights[index]),
            "product": float(products[index]),
        }
        for index in shown
    ]
    return {**plain, "terms": terms, "rest": _rest(products, shown), "products": packed(products)}


def _strongest(values: Numbers, most: int) -> Indices:
    order: Indices = np.argsort(-np.abs(values), kind="stable")[:most]
    return order


def _rest(values: Numbers, shown: Indices) -> dict[str, float | int] | None:
    """How many terms are not shown, and what they come to."""
    if len(shown) == len(values):
        return None
    return {"count": len(values) - len(shown), "sum": float(values.sum() - values[shown].sum())}
