"""From what a person gives, a name, a TOML file or a Python file and the flags beside it, to one checked recipe.

All faults are collected before anything is raised, in the recipe's own words. A network that cannot work is
refused here, with the layer and the formula, before any data are read. A Python file is the user's own code and is
run; nothing else is ever executed.
"""

import hashlib
import importlib.util
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w
from pydantic import ValidationError

from inkwise.errors import RecipeError, UsageError, hint
from inkwise.recipes import registry
from inkwise.recipes.faults import faults_in_code, faults_of, network_faults
from inkwise.recipes.fields import fields, groups, layers_or_name
from inkwise.recipes.recipe import Recipe

# What a recipe that starts from another does not take over: whose it is, and what was said of it.
_IDENTITY: Final = ("name", "title", "source", "claim", "defects")


def resolve(spec: str, overrides: Mapping[str, str] | None = None, *, classes: int | None = None) -> Recipe:
    """Return the recipe that `spec` and `overrides` describe.

    Args:
        spec: a registered name ("small-cnn", "small-cnn@published"), or the path of a `.toml` or `.py` file. A TOML
            file may start from a registered recipe with `base = "small-cnn"`, which it then changes. A Python file
            has one `Recipe` object, or several and one of them called `recipe`.
        overrides: values as typed at the command line, by dotted name: {"optimizer.lr": "0.01"}. Hyphens and
            underscores are the same. "none" unsets `positive`; layers and pairs are separated by commas. Epochs that
            are typed are taken exactly: `least_steps` is then 0, unless it is typed too.
        classes: how many classes the dataset has, where that is known; otherwise 10 are taken for the shapes.

    Raises:
        UnknownName: no recipe has that name.
        UsageError: the file is missing or cannot be read or run.
        RecipeError: faults of the recipe, all of them, the network's shapes included.

    Example:
        >>> resolve("small-cnn", {"optimizer.lr": "0.01", "epochs": "3"}).epochs
        3
    """
    path = Path(spec)
    if path.suffix == ".toml":
        values = _read_toml(path)
    elif path.suffix == ".py":
        values = run_python(path).model_dump()
    else:
        values = registry.get(spec).model_dump()
    if "epochs" in (overrides or {}):
        values["least_steps"] = 0  # who types a number of epochs means it
    faults = _override(values, overrides or {})
    return _checked(spec, values, faults, classes)


def to_toml(recipe: Recipe, *, comments: bool = False) -> str:
    """Return the recipe as TOML, every setting spelled out; `resolve` reads it back exactly.

    Args:
        recipe: what to write.
        comments: put each setting's comment above it.
    """
    text = tomli_w.dumps(recipe.model_dump(mode="json", exclude_none=True))
    if not comments:
        return text
    told = {setting.name: setting.comment for setting in fields()}
    lines, group = [], ""
    for line in text.removesuffix("\n").split("\n"):  # splitlines would also break at what a text may hold
        table, setting = re.fullmatch(r"\[(\w+)\]", line), re.match(r"(\w+) = ", line)
        group = f"{table[1]}." if table else group
        comment = told.get(f"{group}{setting[1]}") if setting else None
        lines += [f"# {comment}", line] if comment else [line]
    return "\n".join(lines) + "\n"


def setting_to_toml(value: object) -> str:
    """Return one setting's value as TOML: "true", "[0.9, 0.95]"."""
    plain = list(value) if isinstance(value, tuple) else value
    text = tomli_w.dumps({"value": plain}).removeprefix("value = ").strip()
    return " ".join(text.split()).replace("[ ", "[").replace(", ]", "]") if isinstance(value, tuple) else text


def _checked(subject: str, values: dict[str, Any], faults: list[str], classes: int | None) -> Recipe:
    recipe = None
    try:
        recipe = Recipe.model_validate(values, strict=True)
    except ValidationError as error:
        faults += faults_of(error, values)
    faults += network_faults(values, classes)
    if faults or recipe is None:
        raise RecipeError(subject, faults)
    return recipe


def _override(values: dict[str, Any], overrides: Mapping[str, str]) -> list[str]:
    """Put the typed values in place; return a fault for each name that is no setting."""
    known = {setting.name: setting for setting in fields()}
    faults = []
    for given, text in overrides.items():
        name = given.replace("-", "_")
        if name in groups():
            own = ", ".join(setting for setting in known if setting.startswith(f"{name}."))
            faults.append(f"{name} is a group of settings; give one of {own}.")
        elif name not in known:
            faults.append(f"there is no setting {given!r}.{hint(name, known)}")
        else:
            group, _, last = name.rpartition(".")
            place = values if not group else values.setdefault(group, {})
            if place is None:
                place = values[group] = {}
            if isinstance(place, dict):  # otherwise the file gave the group a single value, which is a fault of its own
                place[last] = known[name].read(text)
    return faults


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = _plain(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text file in UTF-8; a recipe is a .toml file of settings.") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    base = values.pop("base", None)
    if isinstance(values.get("network"), str):
        values["network"] = layers_or_name(values["network"])
    if base is not None:
        if not isinstance(base, str):
            raise UsageError(f"{path}: base is {base!r}; it must be a recipe's name such as 'small-cnn'.")
        start = registry.get(base).model_dump(exclude=set(_IDENTITY))
        values = _merged(start, values)
    return {"name": path.stem, **values}


def _plain(value: Any) -> Any:
    """Return TOML's lists as tuples, which is what a frozen recipe holds."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return tuple(_plain(inner) for inner in value) if isinstance(value, list) else value


def _merged(start: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(start)
    for key, value in changes.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def run_python(path: Path) -> Recipe:
    """Run a user's Python file, which may register networks, and return its recipe.

    Raises:
        UsageError: There is no such file, it fails, or it has no recipe or several.
    """
    if not path.is_file():
        raise _unreadable(path, FileNotFoundError())
    # One name for one file, so that a second run replaces what the first left and its classes can be found.
    name = f"inkwise_recipe_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be run as Python.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except ValidationError as error:
        raise RecipeError(str(path), faults_in_code(error)) from error
    except Exception as error:
        raise UsageError(f"{path} cannot be run: {type(error).__name__}: {error}.") from error
    found = {key: value for key, value in vars(module).items() if isinstance(value, Recipe)}
    if "recipe" in found:
        return found["recipe"]
    if len(found) != 1:
        given = f"has {len(found)} ({', '.join(found)})" if found else "has none"
        raise UsageError(f"{path} {given}; give it one Recipe object, or call the one to train `recipe`.")
    return next(iter(found.values()))


def _unreadable(path: Path, error: OSError) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError(
            f"There is no recipe file {path}; give an existing .toml or .py file, or a name that "
            "`inkwise recipes` lists."
        )
    return UsageError(f"The recipe file {path} cannot be read: {error.strerror or error}.")
