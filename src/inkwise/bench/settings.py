"""In which settings two recipes differ, in words, and what a recipe without a title is.

A seed is no setting here: runs that differ in it alone are of one recipe. Values too long for a sentence are named
and not shown.
"""

from collections.abc import Mapping
from typing import Any

from inkwise.recipes import registry
from inkwise.recipes.load import setting_to_toml
from inkwise.recipes.recipe import Recipe

_IDENTITY = ("name", "title", "source", "claim", "defects")  # whose it is, and not how it trains
_SHOWN = 40  # characters of a value that is shown
_NEAR = 4  # settings in which a recipe may differ from one of ours to be described by it


def kept(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe's settings as plain values, for the book."""
    return recipe.model_dump(mode="json", exclude={"seed"})


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return which settings differ: "epochs 60, now 10; network, which is another"; nothing where one is empty."""
    if not before or not now:
        return ""
    return "; ".join(
        f"{name} {_said(old)}, now {_said(new)}" if _short(old, new) else f"{name}, which is another"
        for name, (old, new) in _differing(before, now).items()
    )


def described(recipe: Recipe) -> str:
    """Return one line on a recipe: its title, and where it has none, or is no longer what it is called, what differs.

    Example:
        >>> described(registry.get("nano").model_copy(update={"name": "tiny", "title": "", "epochs": 10}))
        'nano with epochs 10 instead of 60'
    """
    if recipe.name in registry.names():
        told = _instead(registry.get(recipe.name), recipe)
        return recipe.title + (f", with {told}" if told else "")
    if recipe.title:
        return recipe.title
    nearest = min(map(registry.get, registry.names()), key=lambda one: len(_training(one, recipe)))
    if len(_training(nearest, recipe)) > _NEAR:
        return "a recipe of its own"
    told = _instead(nearest, recipe)
    return f"{nearest.name} with {told}" if told else f"{nearest.name} under another name"


def _training(one: Recipe, other: Recipe) -> dict[str, tuple[Any, Any]]:
    """Return the settings, but for what does not change a training, in which two recipes differ."""
    found = _differing(kept(one), kept(other))
    return {name: pair for name, pair in found.items() if name not in {*_IDENTITY, "watch_every"}}


def _instead(one: Recipe, other: Recipe) -> str:
    return ", ".join(
        f"{name} {_said(new)} instead of {_said(old)}" if _short(old, new) else f"another {name}"
        for name, (old, new) in _training(one, other).items()
    )


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    old, new = _flat(before), _flat(now)
    return {name: (old.get(name), new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)}


def _flat(values: Mapping[str, Any], group: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{group}{name}.") if isinstance(value, dict) else {group + name: value}
    return {name: value for name, value in flat.items() if name != "seed"}


def _short(*values: Any) -> bool:
    return all(len(_said(value)) <= _SHOWN for value in values)


def _said(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else setting_to_toml(tuple(value) if isinstance(value, list) else value)
