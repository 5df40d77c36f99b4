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
    device: str = "auto",
    offline: Flag = False,
    skip_unreadable: Flag = False,
    register: Path | None = None,
    json: Flag = False,
) -> None:
    """Compare two models on the same images: who fixes what, and whether that could be chance (exact McNemar).

    Example: inkwise compare runs/small-cnn runs/batchnorm-cnn

    Args:
        first: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        second: Another one of the same classes.
        dataset: A dataset's name, folder:PATH or npz:PATH. Default: the one the first model was trained on.
        split: train, validation, test, or all.
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        register: A .py file that registers the models' networks.
        json: Print the comparison as one JSON object.
    """
    from inkwise.cli.console import out, print_json, say
    from inkwise.cli.given import tell_hidden
    from inkwise.evaluation.table import comparison_table
    from inkwise.experiment.assessment import contrast
    from inkwise.recipes.load import run_python
    from inkwise.recognizer import Recognizer

    if register:
        run_python(register)
    tell_hidden(first, second)
    models = [Recognizer.load(model, device=device) for model in (first, second)]
    comparison = contrast(
        models[0],
        models[1],
        dataset or models[0].recipe.dataset,
        split,
        data=data,
        offline=offline,
        skip_unreadable=skip_unreadable,
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
