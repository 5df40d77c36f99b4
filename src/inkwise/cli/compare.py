"""`inkwise compare A B`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def compare(
    first: str,
    second: str,
    /,
    *,
    dataset: str | None = None,
    split: str = "test",
    data: Path | None = None,
    offline: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Compare two models on the same images: who fixes what, and whether that could be chance (exact McNemar).

    Example: inkwise compare runs/small-cnn runs/batchnorm-cnn

    Args:
        first: A model file or a run folder.
        second: Another one of the same classes.
        dataset: A dataset's name, folder:PATH or npz:PATH. Default: the one the first model was trained on.
        split: train, validation, test, or all.
        data: Where to look for the dataset first.
        offline: Never download a dataset.
        json: Print the comparison as one JSON object.
    """
    from inkwise.cli.console import err, out, print_json
    from inkwise.evaluation.table import comparison_table
    from inkwise.experiment.assessment import contrast
    from inkwise.recognizer import Recognizer

    models = [Recognizer.load(model) for model in (first, second)]
    comparison = contrast(
        models[0],
        models[1],
        dataset or models[0].recipe.dataset,
        split,
        data=data,
        offline=offline,
        names=(first, second),
        say=lambda text: err().print(text, soft_wrap=True),
    )
    if json:
        print_json(comparison.to_dict())
    else:
        out().print(comparison_table(comparison))
