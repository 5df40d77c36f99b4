"""`inkwise compare A B`."""

from pathlib import Path

from inkwise.cli.options import Flag


def compare(
    first: str,
    second: str,
    /,
    *,
    dataset: str | None = None,
    split: str = "test",
    data: Path | None = None,
    offline: Flag = False,
    json: Flag = False,
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
    from inkwise.cli.console import out, print_json, say
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
        names=(first, second) if json else _short(first, second),
        say=say,
    )
    if json:
        print_json(comparison.to_dict())
    else:
        out().print(comparison_table(comparison))


def _short(first: str, second: str) -> tuple[str, str]:
    """Return names that fit into a table: of two paths, what tells them apart."""
    parts = [list(Path(name).parts) for name in (first, second)]
    for end in (0, -1):
        while min(map(len, parts)) > 1 and parts[0][end] == parts[1][end]:
            for each in parts:
                del each[end]
    a, b = (str(Path(*each)) for each in parts)
    return (a, b) if a != b else ("A", "B")
