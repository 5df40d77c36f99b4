"""`inkwise train RECIPE`."""

from inspect import signature
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from inkwise.cli.options import Flag


def train(
    recipe: str,
    /,
    *fields: Annotated[str, Parameter(allow_leading_hyphen=True, show=False)],
    out: Path | None = None,
    data: Path | None = None,
    device: str = "auto",
    offline: Flag = False,
    skip_unreadable: Flag = False,
    keep_epochs: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Train a recipe into a run folder, and evaluate it.

    Any field of the recipe can be set by a flag of its name: `--epochs 3`, `--optimizer.lr 0.01`,
    `--augmentation.rotate 10`, `--seed 1`, `--dataset uci-digits`. `inkwise recipes NAME --toml` prints all fields.

    Ctrl-C saves the state and stops; `inkwise resume` continues.

    Example: inkwise train small-cnn --epochs 3 --out runs/first

    Args:
        recipe: A recipe's name (NAME, or NAME@published), a .toml file, or a .py file with a Recipe.
        fields: Fields of the recipe, as --field value.
        out: The run folder; where it is taken, NAME-2. Default: runs/RECIPE.
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        keep_epochs: Keep the model after each epoch too, in epochs/ of the run folder, for the Studio's epoch slider.
        quiet: Print the result alone, and nothing on the way.
        json: Print the result as one JSON object.
    """
    from inkwise.recipes.flags import pairs
    from inkwise.recipes.load import resolve

    own = [name for name, each in signature(train).parameters.items() if each.kind is each.KEYWORD_ONLY]
    resolved = resolve(recipe, pairs(fields, [*own, "debug", "help"]))

    from inkwise.cli.training import carry_out  # later: a fault is told before torch is imported
    from inkwise.experiment.experiment import train as start

    return carry_out(
        lambda bar, stop: start(
            resolved,
            out=out,
            data=data,
            device=device,
            offline=offline,
            skip_unreadable=skip_unreadable,
            keep_epochs=keep_epochs,
            observer=bar,
            stop=stop,
        ),
        quiet=quiet,
        json=json,
    )
