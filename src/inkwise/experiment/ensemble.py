"""Several trained models made into one file that answers with the mean of their probabilities.

The mean is of the networks' own probabilities, before the temperature of each; the ensemble has none.

Every model that is named becomes a member: none is left out for how it does, and the ensemble opens the test split
once, after it is made. Members answer the same question and learned from the same images, so that train, validation
and test mean for the ensemble what they mean for each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import combinations
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from inkwise.errors import UsageError
from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.phrases import percent
from inkwise.experiment.assessment import assess
from inkwise.files import make_folder
from inkwise.models.ensemble import Ensemble
from inkwise.models.file import Card, write_model
from inkwise.models.network import Network
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from rich.table import Table

SUFFIX = ".safetensors"
DATA = "the data they learned from"


@dataclass(frozen=True)
class Member:
    """One network of an ensemble; `errors` of `n` as its own card has them for the same split, None where it does not.

    `model` is the file or run folder that was named.
    """

    model: str
    recipe: str
    seed: int
    n: int | None
    errors: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields for JSON, with the accuracy."""
        accuracy = None if self.errors is None or not self.n else 1 - self.errors / self.n
        return {**vars(self), "accuracy": accuracy}


@dataclass(frozen=True)
class Combined:
    """An ensemble that was written to `path`, with the evaluation that its card keeps."""

    path: Path
    members: tuple[Member, ...]
    evaluation: Evaluation

    @property
    def better_member(self) -> Member | None:
        """The member with the fewest errors, where these are fewer than the ensemble's; None where there is none."""
        known = [(member.errors, member) for member in self.members if member.errors is not None]
        errors, best = min(known, key=lambda pair: pair[0], default=(self.evaluation.errors, None))
        return best if errors < self.evaluation.errors else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "model": str(self.path),
            "members": [member.to_dict() for member in self.members],
            "evaluation": self.evaluation.to_dict(),
        }


def combine(
    models: Sequence[str | PathLike[str]],
    out: str | PathLike[str],
    *,
    dataset: str | None = None,
    data: Path | None = None,
    device: str = "cpu",
    offline: bool = False,
    skip_unreadable: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Combined:
    """Write an ensemble of `models` to `out` and evaluate it on the test split.

    Args:
        models: Two or more model files, run folders or shipped models' names, which may have different networks.
        out: The .safetensors file to write, which must not exist.
        dataset: Whose test split it is evaluated on. Default: the one the models were trained on.
        data: Where to look for the dataset first.
        device: Where to compute, as for `Recognizer.load`.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        say: Told where the data come from.

    Raises:
        UsageError: The models are fewer than two, the same one twice, ensembles themselves, or of different questions
            or data; or `out` is taken or named otherwise.
        ModelError: A model cannot be loaded.
        DataError: The dataset is missing or corrupt.
        RunError: The file cannot be written.
    """
    path, names = Path(out), [fspath(model) for model in models]
    _check_request(names, path)
    loaded = [Recognizer.load(model, device=device) for model in models]
    networks = _check_members(names, loaded)
    first = loaded[0]
    ensemble = Ensemble(networks)
    card = Card(
        format=2,
        recipe=first.card.recipe,
        classes=first.classes,
        input_shape=first.card.input_shape,
        rejects=first.rejects,
        normaliser=first.card.normaliser,
        data=first.card.data,
        versions={"inkwise": version("inkwise"), "torch": str(torch.__version__)},
        licence=first.card.licence,
        members=tuple(recognizer.card for recognizer in loaded),
    )
    evaluation = assess(
        Recognizer(ensemble, card, first.recipe),
        dataset or first.recipe.dataset,
        data=data,
        offline=offline,
        skip_unreadable=skip_unreadable,
        say=say,
    )
    key = f"{evaluation.dataset}/{evaluation.split}"
    make_folder(path.parent)
    write_model(path, ensemble.state_dict(), card.model_copy(update={"metrics": {key: evaluation.to_dict()}}))
    members = (_member(name, recognizer, key) for name, recognizer in zip(names, loaded, strict=True))
    return Combined(path, tuple(members), evaluation)


def members_table(combined: Combined) -> "Table":
    """Return each member's errors, their mean, and the ensemble's, for people at a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("model", overflow="fold")
    table.add_column("recipe", overflow="fold")
    for name in ("seed", "errors", "accuracy"):
        table.add_column(name, justify="right", no_wrap=True)
    for member in combined.members:
        known = member.errors is not None and member.n
        figures = (f"{member.errors:,} / {member.n:,}", percent(member.to_dict()["accuracy"])) if known else ("", "")
        table.add_row(Text(member.model), Text(member.recipe), str(member.seed), *figures)
    shares = [share for member in combined.members if (share := member.to_dict()["accuracy"]) is not None]
    if len(shares) == len(combined.members):
        table.add_row(Text("their mean"), "", "", "", percent(sum(shares) / len(shares)))
    whole = combined.evaluation
    table.add_row(
        Text(str(combined.path), style="bold"), "", "", f"{whole.errors:,} / {whole.n:,}", percent(whole.accuracy)
    )
    better = combined.better_member
    if better is not None:
        table.caption = Text(f"The ensemble makes more errors than {better.model} alone.", style="bold")
        table.caption_justify = "left"
    return table


def _member(name: str, recognizer: Recognizer, key: str) -> Member:
    figures = recognizer.card.metrics.get(key, {})
    return Member(name, recognizer.recipe.name, recognizer.recipe.seed, figures.get("n"), figures.get("errors"))


def _check_request(names: Sequence[str], path: Path) -> None:
    """Refuse what can be refused before anything is loaded."""
    if len(names) < 2:
        given = f"{names[0]} alone was given" if names else "none was given"
        raise UsageError(
            f"An ensemble has at least two members, and {given}; name two or more model files or run folders."
        )
    if path.suffix != SUFFIX:
        raise UsageError(f"The ensemble is one model file, so {path} must end in {SUFFIX}.")
    if path.exists():
        raise UsageError(f"{path} exists and is not replaced; give the ensemble another name.")


def _check_members(names: Sequence[str], loaded: Sequence[Recognizer]) -> list[Network]:
    """Return the networks of models that belong into one ensemble; UsageError says why they do not."""
    networks: list[Network] = []
    for name, model in zip(names, loaded, strict=True):
        if isinstance(model.network, Ensemble):
            raise UsageError(f"{name} is an ensemble itself; name the models that it was made of.")
        if model.recipe.binary:
            raise UsageError(
                f"{name} answers yes or no ({', '.join(model.classes)}); an ensemble is made of models with a "
                "probability for each class."
            )
        networks.append(model.network)
    said = [_said(model) for model in loaded]
    for name, other in zip(names, said, strict=True):
        for what, value in other.items():
            if value != said[0][what]:
                raise UsageError(
                    f"Models that differ in {what} make no ensemble: {names[0]} has {said[0][what]}, {name} has "
                    f"{value}; give models that agree."
                )
    hashes = [model.card.data.get("hashes", {}) for model in loaded]
    for name, other in zip(names, hashes, strict=True):
        for file in sorted(other.keys() | hashes[0].keys()):
            if other.get(file) != hashes[0].get(file):
                one, two = (each.get(file, "nothing")[:8] for each in (hashes[0], other))
                raise UsageError(
                    "Models that learned from different data make no ensemble: both call it "
                    f"{said[0][DATA]}, and the SHA-256 of its {file} is {one} for {names[0]}, {two} for {name}; give "
                    "models that agree."
                )
    pairs = combinations(zip(names, networks, strict=True), 2)
    for (name, network), (again, twin) in pairs:
        if _same(network, twin):
            raise UsageError(f"{name} and {again} are the same network, which would count twice; name it once.")
    return networks


def _said(model: Recognizer) -> dict[str, str]:
    """Return what members of one ensemble have in common, as words."""
    card = model.card
    return {
        "classes": ", ".join(card.classes),
        "what they turn away": ", ".join(card.rejects) or "nothing",
        "the shape of images": " x ".join(map(str, card.input_shape)),
        "how images are normalised": card.normaliser,
        DATA: card.data.get("name", "unknown data"),
        "how many images were held out of train": f"{model.recipe.validation:,}",
    }


def _same(network: Network, other: Network) -> bool:
    weights, others = network.state_dict(), other.state_dict()
    return weights.keys() == others.keys() and all(torch.equal(value, others[name]) for name, value in weights.items())
