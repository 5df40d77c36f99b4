"""Flags as they are typed, to fields of a recipe: `--optimizer.lr 0.01`, `--epochs=3`, `--no-shuffle`."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from inkwise.errors import UsageError
from inkwise.recipes.fields import fields


def pairs(tokens: Sequence[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Return field names and values as typed; what they mean is checked by `resolve`.

    A flag without a value is "true", one that begins with `--no-` is "false". Hyphens in a name are underscores.

    Args:
        tokens: Words of the command line: `--field value`, `--field=value`, `--field` or `--no-field`.
        others: Flags of the verb itself, without their hyphens, which a misspelt name may have meant.

    Raises:
        UsageError: A word that belongs to no flag, a flag that is given twice, or a flag of the verb misspelt.
    """
    found: dict[str, str] = {}
    waiting: str | None = None
    for token in tokens:
        if waiting is not None and not token.startswith("--"):
            found[waiting], waiting = token, None
            continue
        typed, equals, value = token.removeprefix("--").partition("=")
        name = typed.replace("-", "_")
        if not token.startswith("--") or not name:
            raise UsageError(f"{token!r} belongs to no flag; fields of the recipe are set as --field value.")
        waiting = None
        if equals:
            pass
        elif name.startswith("no_"):
            name, value = name.removeprefix("no_"), "false"
        else:
            waiting, value = name, "true"
        if name in found:
            raise UsageError(f"--{name} is given twice; give it once.")
        found[name] = value
    _check_spelling(found, others)
    return found


def _check_spelling(names: Iterable[str], others: Iterable[str]) -> None:
    """Raise UsageError for a name that is no field and comes closest to one of the verb's own flags."""
    own = [name.replace("-", "_") for name in others]
    known = [setting.name for setting in fields()]
    for name in names:
        close = [] if name in known else get_close_matches(name, [*known, *own], n=1)
        if close and close[0] in own:
            typed, meant = (each.replace("_", "-") for each in (name, close[0]))
            raise UsageError(f"There is no flag --{typed}. Did you mean --{meant}?")
