"""An explanation as plain dicts and lists, for JSON: every term, nothing rounded.

Arrays become nested lists in the layer's own axes. A source of -1 is no value of the input: padding, or a gap.
"""

from dataclasses import fields
from typing import Any

import numpy as np

from inkwise.explain.arithmetic.arithmetic import Explanation, Unexplained
from inkwise.explain.arithmetic.terms import Place, Share, Sheared, Step, WeightedSum, WindowMaximum, WindowSum


@np.errstate(all="ignore")
def to_dict(explanation: Explanation | Unexplained) -> dict[str, Any]:
    """Return the explanation with every term; of what is not explained, the value and the reason."""
    head = {name: _plain(getattr(explanation, name)) for name in ("layer", "kind", "shape", "at", "value")}
    if isinstance(explanation, Unexplained):
        return {**head, "reason": explanation.reason}
    return {
        **head,
        "computed": explanation.computed,
        "difference": explanation.difference,
        "agrees": explanation.agrees,
        "notes": list(explanation.notes),
        "steps": [_step(step) for step in explanation.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    """Return a step's fields, and what follows from them."""
    result: dict[str, Any] = {"form": type(step).__name__}
    for each in fields(step):
        value = getattr(step, each.name)
        if isinstance(value, Place):
            result |= {"positions": _plain(value.positions), "sources": _plain(value.sources)}
        elif each.name == "fold":
            result["fold"] = value._asdict() if value is not None else None
        elif each.name == "origin":
            result["origin"] = {"layer": value[0], "shape": list(value[1])} if value is not None else None
        else:
            result[each.name] = _plain(value)
    if isinstance(step, WindowSum):
        result |= {"products": _plain(step.products), "sums": _plain(step.sums)}
    elif isinstance(step, WeightedSum):
        result |= {"products": _plain(step.products)}
    elif isinstance(step, WindowMaximum):
        result |= {"winner": _plain(step.place.spot(step.winner)), "equals": step.equals}
    elif isinstance(step, Share):
        result |= {"powers": _plain(step.powers)}
    elif isinstance(step, Sheared):
        result |= {"weight": step.weight}
    return {**result, "computed": step.computed}


def _plain(value: Any) -> Any:
    """Return arrays and tuples as lists, and everything else as it is."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
