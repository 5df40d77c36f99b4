"""`inkwise evaluate MODEL`."""

from pathlib import Path

from inkwise.cli.options import Flag


def evaluate(
    model: str,
    /,
    *,
    dataset: str | None = None,
    split: str = "test",
    data: Path | None = None,
    device: str = "auto",
    offline: Flag = False,
    skip_unreadable: Flag = False,
    register: Path | None = None,
    robustness: Flag = False,
    out: Path | None = None,
    min_accuracy: float | None = None,
    json: Flag = False,
) -> None:
    """Evaluate a model on a split of a dataset.

    Example: inkwise evaluate runs/small-cnn --dataset uci-digits --split all

    Of a run that is not finished the model so far is evaluated; that is said, and "finished" is false in the JSON.

    On MNIST's test split it also names the errors on labels that people do not uphold (arXiv:2103.14749).

    Args:
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        dataset: A dataset's name, folder:PATH or npz:PATH. Default: the one the model was trained on.
        split: train, validation, test, or all of them together.
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        register: A .py file that registers the model's network.
        robustness: Also corrupt up to 2,000 of the images in nine ways at five strengths (noise, blur, contrast,
            occlusion, rotation, scale, shift, thicker, thinner), and tell accuracy and calibration of each.
        out: A folder to write a report into, with its tables and pictures.
        min_accuracy: Exit with 3 where the accuracy, from 0 to 1, is below this.
        json: Print the evaluation as one JSON object.
    """
    from inkwise.cli import console
    from inkwise.cli.console import print_json, say
    from inkwise.cli.given import tell_hidden
    from inkwise.errors import GateError, UsageError
    from inkwise.evaluation.table import evaluation_table, robustness_table
    from inkwise.experiment.appraisal import appraise
    from inkwise.recipes.load import run_python
    from inkwise.recognizer import Recognizer
    from inkwise.runs.run import Run

    if min_accuracy is not None and not 0 <= min_accuracy <= 1:
        raise UsageError(f"--min-accuracy is {min_accuracy:g}; it must be a share from 0 to 1, such as 0.98.")
    if register:
        run_python(register)
    tell_hidden(model)
    recognizer = Recognizer.load(model, device=device)
    appraisal = appraise(
        recognizer,
        dataset or recognizer.recipe.dataset,
        split,
        robustness=robustness,
        data=data,
        offline=offline,
        skip_unreadable=skip_unreadable,
        say=say,
    )
    evaluation, endured = appraisal.evaluation, appraisal.robustness
    run = None if recognizer.path is None else Run.around(recognizer.path)
    unfinished = run is not None and not run.finished
    if run is not None and unfinished:
        say(f"{run.folder} is not finished: these figures are of its model so far (`inkwise resume {run.folder}`).")
    if json:
        more = {"finished": False} if unfinished else {}
        print_json(evaluation.to_dict() | more | ({"robustness": endured.to_dict()} if endured else {}))
    else:
        console.out().print(evaluation_table(evaluation))
        if endured:
            console.out().print("", robustness_table(endured), sep="\n")
    if out:
        say(f"The report is {appraisal.write_report(out, recognizer)}.")
    if min_accuracy is not None and evaluation.accuracy < min_accuracy:
        raise GateError(f"The accuracy is {evaluation.accuracy:.6g}, below the {min_accuracy:.6g} asked for.")
