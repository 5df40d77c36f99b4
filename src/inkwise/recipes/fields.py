"""A recipe's settings by dotted name ("optimizer.lr"): what each accepts, its default, and the comment behind it.

Help texts, messages and the reading of values typed at the command line all come from here, and here from the
`Recipe` itself: its JSON schema says what is accepted, its source lines carry the comments.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from inkwise.recipes.recipe import Recipe

Schema = Mapping[str, Any]  # a property of the JSON schema

_NETWORK = "layers separated by commas ('conv 8 3x3, relu, flatten, linear classes') or a registered network's name"
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_PARSING = Lock()  # Python 3.11 fails where two threads read a source's classes at once
_COMMENT = re.compile(r"^    (\w+): .*  # (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Setting:
    """One setting of a recipe."""

    name: str  # dotted
    accepts: str  # for people: "a finite number above 0"
    default: Any  # None as well where the recipe has to say
    comment: str
    schema: Schema

    @property
    def required(self) -> bool:
        """Whether a recipe has to say it."""
        return self.name in {"name", "network", "claim.text"}

    def read(self, text: str) -> Any:
        """Return the value that `text`, typed at the command line, stands for; `text` itself where it is none."""
        if self.name == "network":
            return layers_or_name(text)
        return _read(text.strip(), self.schema)


def fields() -> tuple[Setting, ...]:
    """Return every setting of a recipe in the order of its source; groups come as their settings."""
    with _PARSING:
        return _fields()


@cache
def _fields() -> tuple[Setting, ...]:
    return tuple(_settings(Recipe, ""))


def groups() -> tuple[str, ...]:
    """Return the names of the groups of settings: "optimizer", "schedule" ..."""
    return tuple(dict.fromkeys(setting.name.split(".")[0] for setting in fields() if "." in setting.name))


def layers_or_name(text: str) -> tuple[str, ...] | str:
    """Return lines of layers where `text` has several or names a kind of layer, and a network's name otherwise."""
    from inkwise.models.kinds import KINDS

    lines = tuple(line.strip() for line in re.split(r"[,\n]", text) if line.strip())
    return lines if len(lines) > 1 or (lines and lines[0].split()[0].lower() in KINDS) else text.strip()


def _settings(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    schema = model.model_json_schema()
    comments = dict(_COMMENT.findall(inspect.getsource(model)))
    for name, info in model.model_fields.items():
        group = _group(info)
        if group is not None:
            yield from _settings(group, f"{prefix}{name}.")
            continue
        dotted, accepted = f"{prefix}{name}", schema["properties"][name]
        yield Setting(
            name=dotted,
            accepts=_NETWORK if dotted == "network" else _accepts(accepted),
            default=None if info.is_required() else info.default,
            comment=comments.get(name, ""),
            schema=accepted,
        )


def _group(info: FieldInfo) -> type[BaseModel] | None:
    for kind in (info.annotation, *get_args(info.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _accepts(schema: Schema) -> str:
    if "anyOf" in schema:
        return ", or ".join(_accepts(option) for option in schema["anyOf"])
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    match schema["type"]:
        case "array" if "prefixItems" in schema:
            items = schema["prefixItems"]
            return f"{len(items)} values separated by commas, each {_accepts(items[0])}"
        case "integer":
            return _bounded("a whole number", schema, last=1)
        case "number":
            return _bounded("a finite number", schema, last=0)
        case kind:
            return {"array": "a list of texts", "boolean": "true or false", "null": "none"}.get(kind, "text")


def _bounded(noun: str, schema: Schema, *, last: int) -> str:
    """Return the noun with its bounds; `last` is what lies between an integer's excluded bound and its last value."""
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    most, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    if least is not None and below is not None:
        return f"{noun} from {least:g} to {f'{below - last:,}' if last else f'below {below:g}'}"
    if least is not None and most is not None:
        return f"{noun} from {least:g} to {most:g}"
    if above is not None:
        return f"{noun} above {above:g}"
    return f"{noun} of at least {least:g}" if least is not None else noun


def _read(text: str, schema: Schema) -> Any:
    """Return the value of `text`, or `text` itself where it is none: the check that follows says what is wrong."""
    if "anyOf" in schema:
        none = text.lower() == "none" and {"type": "null"} in schema["anyOf"]
        return None if none else _read(text, schema["anyOf"][0])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            parts, kinds = text.split(","), schema["prefixItems"]
            fits = len(parts) == len(kinds)
            return tuple(map(_read, map(str.strip, parts), kinds)) if fits else text
        case "array":
            return (text,) if text else ()
        case "boolean":
            return _SWITCHES.get(text.lower(), text)
        case "integer" | "number" as kind:
            try:
                return int(text) if kind == "integer" else float(text)
            except ValueError:
                return text
    return text
