"""`inkwise evaluate MODEL`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def evaluate(
    model: str,
    /,
    *,
    dataset: str | None = None,
    split: str = "test",
    data: Path | None = None,
    device: str = "auto",
    offline: Annotated[bool, Parameter(negative="")] = False,
    skip_unreadable: Annotated[bool, Parameter(negative="")] = False,
    min_accuracy: float | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Evaluate a model on a split of a dataset.

    Example: inkwise evaluate runs/small-cnn --dataset uci-digits --split all

    Args:
        model: A model file or a run folder.
        dataset: A dataset's name, folder:PATH or npz:PATH. Default: the one the model was trained on.
        split: train, validation, test, or all (train and test together).
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        min_accuracy: Exit with 3 where the accuracy, from 0 to 1, is below this.
        json: Print the evaluation as one JSON object.
    """
    from inkwise.cli.console import err, out, print_json
    from inkwise.errors import GateError
    from inkwise.evaluation.table import evaluation_table
    from inkwise.experiment.assessment import assess
    from inkwise.recognizer import Recognizer
    from inkwise.training.device import find

    recognizer = Recognizer.load(model, device=str(find(device)[0]))
    evaluation = assess(
        recognizer,
        dataset or recognizer.recipe.dataset,
        split,
        data=data,
        offline=offline,
        skip_unreadable=skip_unreadable,
        say=lambda text: err().print(text, soft_wrap=True),
    )
    if json:
        print_json(evaluation.to_dict())
    else:
        out().print(evaluation_table(evaluation))
    if min_accuracy is not None and evaluation.accuracy < min_accuracy:
        raise GateError(f"The accuracy is {evaluation.accuracy:.4f}, below the {min_accuracy:.4f} asked for.")
