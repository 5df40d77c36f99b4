"""What is wrong with a recipe, in sentences: pydantic's findings in our words, and the network's."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from inkwise.errors import RecipeError, ShapeError, UnknownName, hint
from inkwise.models import registry as networks
from inkwise.models.sequence import require_blank, require_classes, trace
from inkwise.recipes.fields import Setting, fields, groups
from inkwise.recipes.recipe import REJECTS, Disagreement, Recipe

_MOST_CHARACTERS: Final = 80  # of a value quoted in a message
_MOST_PARAMETERS: Final = 1_000_000_000  # 4 GB of weights; more is a slip of the pen
_TEN_CLASSES: Final = ("mnist", "fashion-mnist", "kmnist", "qmnist", "uci-digits")


def faults_of(error: ValidationError, values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each fault that pydantic found in `values`, one for a setting.

    Settings that are fine alone but not together are found even beside other faults, unless one of them is faulty.
    """
    faults: dict[str, str] = {}
    for found in error.errors(include_url=False):
        where = [str(part) for part in found["loc"]]
        if found["type"] == "extra_forbidden":
            name = ".".join(where)
            faults[name] = f"there is no setting {name!r}.{_suggestion(name)}"
        elif where:  # what has no place is a Disagreement
            name, sentence = _sentence(where, values)
            faults[name] = sentence
    return [*faults.values(), *_disagreements(values, set(faults))]


def faults_in_code(error: ValidationError) -> list[str]:
    """Return a sentence for each fault of a `Recipe`, or of a group such as `Optimizer`, that a Python file made."""
    known = {setting.name: setting for setting in fields()}
    prefix = f"{error.title.lower()}." if error.title.lower() in groups() else ""
    faults: dict[str, str] = {}
    for found in error.errors(include_url=False):
        name = next(_named([str(part) for part in found["loc"]], known, prefix), None)
        disagreement = found.get("ctx", {}).get("error")
        if isinstance(disagreement, Disagreement):
            faults.update({sentence: f"{sentence}." for _, sentence in disagreement.faults})
        elif found["type"] == "extra_forbidden" or name is None:
            given = f"{prefix}{'.'.join(map(str, found['loc']))}"
            faults[given] = f"there is no setting {given!r}.{_suggestion(given)}"
        elif found["type"] == "missing":
            faults[name] = f"{name} is missing; it must be {known[name].accepts}."
        else:
            faults[name] = f"{name} is {_given(found['input'])}; it must be {known[name].accepts}."
    return list(faults.values())


def network_faults(values: Mapping[str, Any], classes: int | None) -> list[str]:
    """Return what is wrong with the network of `values`: its name, lines, shapes or outputs, and with `positive`.

    `classes` is the dataset's number of classes; where it is not known, the number of outputs is not judged.
    """
    network, positive, dataset = values.get("network"), values.get("positive"), values.get("dataset", "mnist")
    if classes is None and dataset in _TEN_CLASSES:
        classes = 10
    faults = []
    if type(positive) is int and classes is not None and positive >= classes:
        faults.append(f"positive is {positive}; it must be a class from 0 to {classes - 1}.")
    negatives = values.get("negatives")
    rejects = len(REJECTS) if type(negatives) is int and negatives > 0 else 0
    outputs = 1 if positive is not None else (classes or 10) + rejects
    try:
        if isinstance(network, str):
            networks.get(network)
        elif isinstance(network, tuple) and all(isinstance(line, str) for line in network):
            steps = trace(network, outputs)
            require_blank(steps, str(values.get("pixels", "unit")))
            parameters = sum(step.layer.parameters(step.input_shape) for step in steps)
            if parameters > _MOST_PARAMETERS:
                faults.append(f"the network has {parameters:,} parameters; at most {_MOST_PARAMETERS:,} are accepted.")
            if positive is not None or classes is not None:
                require_classes(steps, outputs)
    except UnknownName as error:
        faults.append(f"network: {error} Give the layers as a list of lines, or register the network in a .py recipe.")
    except RecipeError as error:
        faults += [f"network: {fault}" for fault in error.faults]
    except ShapeError as error:
        faults.append(f"network: {error}")
    return faults


def _named(where: list[str], known: Mapping[str, Setting], prefix: str = "") -> Iterator[str]:
    """Yield the setting that `where` lies in, where there is one."""
    for end in (2, 1):
        name = f"{prefix}{'.'.join(where[:end])}"
        if name in known:
            yield name


def _sentence(where: list[str], values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the setting that `where` lies in, and what is wrong with it."""
    known = {setting.name: setting for setting in fields()}
    name = next(_named(where, known), where[0])
    value: Any = values
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return name, f"{name} is missing; it must be {known[name].accepts}."
        value = value[part]
    if name in known:
        return name, f"{name} is {_given(value)}; it must be {known[name].accepts}."
    return name, f"{name} is {_given(value)}; it must be a group with settings of {', '.join(_own(known, name))}."


def _own(known: Mapping[str, Setting], group: str) -> list[str]:
    return [name.removeprefix(f"{group}.") for name in known if name.startswith(f"{group}.")]


def _suggestion(name: str) -> str:
    """Return what may have been meant by `name`; a name in a group is compared with that group's alone."""
    group = name.rpartition(".")[0]
    within = [setting.name for setting in fields() if not group or setting.name.startswith(f"{group}.")]
    return hint(name.replace("-", "_"), [*within, *(() if group else groups())])


def _disagreements(values: Mapping[str, Any], faulty: set[str]) -> list[str]:
    """Return what does not fit together among the settings that are not faulty themselves."""
    sound: dict[str, Any] = {"name": "sound", "network": ()}
    for setting in fields():
        group, _, last = setting.name.rpartition(".")
        place = values.get(group) if group else values
        if (
            setting.name not in faulty
            and group not in (faulty | {"claim"})
            and isinstance(place, Mapping)
            and last in place
        ):
            (sound.setdefault(group, {}) if group else sound)[last] = place[last]
    try:
        Recipe.model_validate(sound, strict=True)
    except ValidationError as error:
        return [
            f"{sentence}."
            for found in error.errors()
            if isinstance(found.get("ctx", {}).get("error"), Disagreement)
            for names, sentence in found["ctx"]["error"].faults
            if not names & faulty
        ]
    return []


def _given(value: Any) -> str:
    """Return a value for a message, as it would be written in TOML or at the command line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = ", ".join(map(_given, value)) if isinstance(value, tuple) else repr(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."
