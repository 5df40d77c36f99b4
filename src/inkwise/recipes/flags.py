"""Flags as they are typed, to fields of a recipe: `--optimizer.lr 0.01`, `--epochs=3`, `--no-shuffle`."""

from collections.abc import Sequence

from inkwise.errors import UsageError


def pairs(tokens: Sequence[str]) -> dict[str, str]:
    """Return field names and values as typed; what they mean is checked by `resolve`.

    A flag without a value is "true", one that begins with `--no-` is "false".

    Raises:
        UsageError: A word that belongs to no flag, or a flag that is given twice.
    """
    found: dict[str, str] = {}
    waiting: str | None = None
    for token in tokens:
        if token.startswith("--"):
            name, equals, value = token[2:].partition("=")
            waiting = None if equals else name
            if not equals and name.startswith("no-"):
                name, value, waiting = name.removeprefix("no-"), "false", None
            if name in found:
                raise UsageError(f"--{name} is given twice; give it once.")
            found[name] = value if equals or value else "true"
        elif waiting is not None:
            found[waiting], waiting = token, None
        else:
            raise UsageError(f"{token!r} belongs to no flag; fields of the recipe are set as --field value.")
    return found
