"""`inkwise ensemble MODEL... --out FILE`."""

from pathlib import Path

from inkwise.cli.options import Flag


def ensemble(
    *models: str,
    out: Path,
    dataset: str | None = None,
    data: Path | None = None,
    device: str = "auto",
    offline: Flag = False,
    skip_unreadable: Flag = False,
    register: Path | None = None,
    json: Flag = False,
) -> None:
    """Make several models one model file that answers with the mean of their probabilities.

    Example: inkwise ensemble runs/small-cnn runs/small-cnn-2 --out both.safetensors

    Every model that is named becomes a member, and the test split is opened once, when the ensemble is made.

    Args:
        models: Model files, run folders or shipped models, two or more, of the same classes and training data.
        out: The model file to write, which must end in .safetensors and not exist.
        dataset: Whose test split it is evaluated on. Default: the one the models were trained on.
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        register: A .py file that registers the models' networks.
        json: Print members and evaluation as one JSON object.
    """
    from inkwise.cli.console import out as console
    from inkwise.cli.console import print_json, say
    from inkwise.cli.given import tell_hidden
    from inkwise.evaluation.table import evaluation_table
    from inkwise.experiment.ensemble import combine, members_table
    from inkwise.recipes.load import run_python

    if register:
        run_python(register)
    tell_hidden(*models)
    combined = combine(
        models,
        out,
        dataset=dataset,
        data=data,
        device=device,
        offline=offline,
        skip_unreadable=skip_unreadable,
        say=say,
    )
    if json:
        print_json(combined.to_dict())
        return
    console().print(members_table(combined))
    console().print(evaluation_table(combined.evaluation, per_class=False))
