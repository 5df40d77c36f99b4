"""What a contender is, so that runs stand in one row only where they are of one thing.

A fingerprint names, each as a short text: `settings`, of its recipe whatever the seed; `sources`, the files that decide
what it comes to; `versions`, of the libraries it uses besides what the conditions have; `weights`, of a model that is
trained already. A part that does not apply is absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from inkwise.bench.contender import Contender
from inkwise.bench.settings import changes, kept
from inkwise.errors import UsageError
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer

Fingerprint = Mapping[str, str]

WEIGHTS = "weights"  # the one part that differs between the seeds of a row
_ROOT = Path(__file__).parent.parent  # of the package


def fingerprint(contender: Contender) -> dict[str, str]:
    """Return what a contender is at this moment."""
    parts = {"sources": sources(contender.sources), "versions": _listed(_installed(contender.libraries))}
    if contender.recipe is not None:
        here = {"inkwise": version("inkwise"), "torch": str(torch.__version__)}
        parts |= {"settings": _settings([contender.recipe]), "versions": _listed(here)}
    return {name: text for name, text in {**parts, **contender.trained}.items() if text}


def of_network(recognizer: Recognizer) -> dict[str, str]:
    """Return the settings and versions with which a model was trained, as its file tells them."""
    recipes = [member.recipe for member in recognizer.members] or [recognizer.recipe]
    return {"settings": _settings(recipes), "versions": _listed(recognizer.card.versions)}


def of_weights(path: Path) -> dict[str, str]:
    """Return what stands for a model file's weights."""
    return {WEIGHTS: sha256(path.read_bytes()).hexdigest()[:12]}


def sources(names: Iterable[str]) -> str:
    """Return what the package's files and folders called `names` come to in twelve letters; nothing for none."""
    found = sorted({file for name in names for file in _files(_ROOT / name)})
    told = "".join(f"{file.relative_to(_ROOT).as_posix()} {sha256(file.read_bytes()).hexdigest()}\n" for file in found)
    return _short(told) if found else ""


def differing(before: Fingerprint, now: Fingerprint, *, weights: bool, settings: str = "") -> str:
    """Return which parts differ and how, nothing where none does.

    Args:
        before: What it was.
        now: What it is.
        weights: Whether these are compared too.
        settings: How the settings differ, in words; without it, where they do, as two short texts that stand for them.
    """
    names = [name for name in {**before, **now} if weights or name != WEIGHTS]
    return "; ".join(
        settings
        if name == "settings" and settings
        else f"{name} {before.get(name, 'none')}, now {now.get(name, 'none')}"
        for name in names
        if before.get(name) != now.get(name)
    )


def require_alike(contenders: Sequence[Contender]) -> None:
    """Raise UsageError where contenders of one name would make one row and are not the same but for their seed."""
    first: dict[str, Contender] = {}
    for one in contenders:
        other = first.setdefault(one.name, one)
        recipes = [{} if each.recipe is None else kept(each.recipe) for each in (other, one)]
        told = differing(fingerprint(other), fingerprint(one), weights=False, settings=changes(*recipes))
        if told:
            given = " and ".join(" ".join(each.arguments) for each in (other, one))
            raise UsageError(
                f"{given} would make one row, {one.name}, and are not the same but for their seed: {told}. Give one "
                "of them a row of its own as LABEL=PATH, or leave it out."
            )


def _settings(recipes: Sequence[Recipe]) -> str:
    return _short("\n".join(recipe.model_copy(update={"seed": 0}).model_dump_json() for recipe in recipes))


def _installed(libraries: Iterable[str]) -> dict[str, str]:
    found = {}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
