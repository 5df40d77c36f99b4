"""From what a caller names to contenders: recipes, peers, and models that are trained already.

A model is named by its file or its run folder, LABEL=PATH where its row is to be called otherwise. A run folder's row
is that of its recipe, so that folders of several seeds make one row with those trained here; an ensemble's seed is
its first member's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from inkwise.bench.contender import OURS, OWN_IMPORT, OWN_SOURCES, PEERS, Contender, of_recipe
from inkwise.bench.identity import of_network, of_weights, require_alike
from inkwise.bench.settings import described
from inkwise.errors import UnknownName, UsageError
from inkwise.models.shipped import find as find_shipped
from inkwise.recipes import registry
from inkwise.recognizer import Recognizer


def chosen(names: Sequence[str], *, peers: bool = True) -> tuple[Contender, ...]:
    """Return the contenders that are named; where none is, our own recipes and the peers.

    Args:
        names: Recipes, peers and models, in the order in which they take turns.
        peers: Whether the default has the peers.

    Raises:
        UnknownName: Nothing has that name.
        UsageError: One is given twice, answers yes or no, or has the name of another.
        ModelError: A model cannot be read.
        RunError: A folder is no run.
    """
    by_name = {peer.name: peer for peer in PEERS}
    known = registry.names()
    if not names:
        names = [*OURS, *(by_name if peers else ())]
    found = []
    for name in names:
        if name in by_name or name in known:
            found.append(by_name.get(name) or of_recipe(name))
        elif Path(name).suffix in {".toml", ".py"}:
            raise UsageError(
                f"{name} is a recipe's file, and a benchmark takes recipes by name; train it with `inkwise train "
                f"{name}` and name its run folder."
            )
        elif _is_model(name):
            found.append(of_model(name))
        else:
            raise UnknownName("recipe, peer or model", name, (*known, *by_name))
    for place, one in enumerate(found):
        if any((one.name, one.trained_with) == (other.name, other.trained_with) for other in found[:place]):
            seed = "" if one.trained_with is None else f" with seed {one.trained_with}"
            raise UsageError(f"{one.name}{seed} is named twice; name each contender once, and say --seeds.")
    require_alike(found)
    return tuple(found)


def of_model(name: str) -> Contender:
    """Return a trained model as a contender.

    Args:
        name: A model file, a run folder or a shipped model's name, or LABEL= and one of these.

    Raises:
        ModelError: It cannot be read.
        RunError: The folder is no run.
        UsageError: It answers yes or no, or its row would have the name of a peer or of another recipe.
    """
    label, path = _split(name)
    recognizer = Recognizer.load(path)
    recipe, data = recognizer.recipe, recognizer.card.data
    if recipe.binary:
        raise UsageError(f"{path} answers yes or no and the others tell all classes apart; name another model.")
    counts = Counter(member.recipe.name for member in recognizer.members)
    called = label or (f"{'-'.join(counts)}-ensemble" if counts else recipe.name)
    _require_free(called, None if counts else recipe.name, path)
    return Contender(
        called,
        _mean_of(recognizer.members) if counts else described(recipe),
        recipe.source,
        "inkwise.bench.trained",
        (str(path),),
        OWN_IMPORT,
        recipe=recipe,
        trained_with=recipe.seed,
        sources=OWN_SOURCES,
        trained=of_network(recognizer) | ({} if recognizer.path is None else of_weights(recognizer.path)),
        learned_from=(str(data.get("name") or "unknown data"), dict(data.get("hashes") or {})),
    )


def require_learned_from(contenders: Sequence[Contender], dataset: str, hashes: Mapping[str, str] | None) -> None:
    """Raise UsageError where a trained model learned from other data than it would be tested with.

    Args:
        contenders: Who takes part.
        dataset: The name of the benchmark's dataset.
        hashes: Those of its files; None as long as they are not known, when names alone are compared.
    """
    trained = [(" ".join(one.arguments), *one.learned_from) for one in contenders if one.learned_from is not None]
    names = {name for _, name, _ in trained}
    for path, name, known in trained:
        if name != dataset:
            only = f"give --dataset {name}, or " if len(names) == 1 and name != "unknown data" else ""
            raise UsageError(
                f"{path} learned from {name}, and this benchmark is on {dataset}; {only}name a model that learned from "
                f"{dataset}."
            )
        if hashes is not None and known != dict(hashes):
            raise UsageError(
                f"{path} learned from other files of {dataset} than those that are found here; say with --data where "
                "its own lie, or name a model of these."
            )


def _require_free(called: str, own: str | None, path: Path) -> None:
    """Raise UsageError where a row of that name is a peer's, or a recipe's that is not the model's own."""
    taken = {peer.name for peer in PEERS} | (set(registry.names()) - {own})
    if called in taken:
        raise UsageError(
            f"{path} would stand in the row of {called}, which is a peer or another recipe; name it LABEL=PATH with a "
            "label of its own."
        )


def _mean_of(members: Sequence[Recognizer]) -> str:
    """Return what an ensemble is, of how many networks of which recipes."""
    counts = Counter(member.recipe.name for member in members)
    settings = {of_network(member)["settings"] for member in members}
    more = ", of different settings" if len(settings) > len(counts) else ""
    parts = [f"{count} network{'s' if count > 1 else ''} of {name}" for name, count in counts.items()]
    return f"the mean of {' and '.join(parts)}{more}"


def _is_model(name: str) -> bool:
    _, path = _split(name)
    return path.exists() or path.suffix == ".safetensors" or "=" in name


def _split(name: str) -> tuple[str, Path]:
    label, equals, path = name.partition("=")
    label, path = (label, path) if equals else ("", name)
    return label, find_shipped(path) or Path(path)
