"""From what a caller names to contenders: recipes, peers, and models that are trained already.

A model is named by its file or its run folder, LABEL=PATH where its row is to be called otherwise. A run folder's row
is that of its recipe, so that folders of several seeds make one row with those trained here; an ensemble's seed is
its first member's.
"""

from collections.abc import Sequence
from pathlib import Path

from inkwise.bench.contender import OURS, OWN_IMPORT, PEERS, UNTIL_THEN, Contender, of_recipe
from inkwise.errors import UnknownName, UsageError
from inkwise.recipes import registry
from inkwise.recognizer import Recognizer


def chosen(names: Sequence[str], *, peers: bool = True) -> tuple[Contender, ...]:
    """Return the contenders that are named; where none is, our own recipes and the peers.

    Args:
        names: Recipes, peers and models, in the order in which they take turns.
        peers: Whether the default has the peers.

    Raises:
        UnknownName: Nothing has that name.
        UsageError: One is given twice, or answers yes or no.
        ModelError: A model cannot be read.
        RunError: A folder is no run.
    """
    by_name = {peer.name: peer for peer in PEERS}
    known = registry.names()
    if not names:
        ours = [name for name in OURS if name in known] or [UNTIL_THEN]
        names = [*ours, *(by_name if peers else ())]
    found = []
    for name in names:
        if name in by_name or name in known:
            found.append(by_name.get(name) or of_recipe(name))
        elif _is_model(name):
            found.append(of_model(name))
        else:
            raise UnknownName("recipe, peer or model", name, (*known, *by_name))
    for place, one in enumerate(found):
        if any((one.name, one.trained_with) == (other.name, other.trained_with) for other in found[:place]):
            seed = "" if one.trained_with is None else f" with seed {one.trained_with}"
            raise UsageError(f"{one.name}{seed} is named twice; name each contender once, and say --seeds.")
    return tuple(found)


def of_model(name: str) -> Contender:
    """Return a trained model as a contender.

    Args:
        name: A model file or run folder, or LABEL=PATH.

    Raises:
        ModelError: It cannot be read.
        RunError: The folder is no run.
        UsageError: It answers yes or no.
    """
    label, path = _split(name)
    recognizer = Recognizer.load(path)
    recipe, count = recognizer.recipe, len(recognizer.card.members)
    if recipe.binary:
        raise UsageError(f"{path} answers yes or no and the others tell all classes apart; name another model.")
    own = f"{recipe.name}-ensemble" if count else recipe.name
    what = f"the mean of {count} networks of {recipe.name}" if count else recipe.title
    return Contender(
        label or own,
        what,
        recipe.source,
        "inkwise.bench.trained",
        (str(path),),
        OWN_IMPORT,
        recipe=recipe,
        trained_with=recipe.seed,
    )


def _is_model(name: str) -> bool:
    _, path = _split(name)
    return path.exists() or path.suffix == ".safetensors" or "=" in name


def _split(name: str) -> tuple[str, Path]:
    label, equals, path = name.partition("=")
    return (label, Path(path)) if equals else ("", Path(name))
