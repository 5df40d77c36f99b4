"""One training from recipe to report: data, network, loop, model files, evaluation.

`train` begins a run, `resume` continues one; both end in `_finish`, which chooses the weights on validation,
opens the test split once and writes the report. The command line, benchmarks and `reproduce` all come through here.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from inkwise import files
from inkwise.data.load import load
from inkwise.errors import RunError
from inkwise.evaluation.evaluation import Evaluation
from inkwise.experiment.course import course
from inkwise.experiment.environment import describe
from inkwise.experiment.keeper import Observer, RunKeeper, Silent
from inkwise.experiment.plan import Plan
from inkwise.experiment.verdict import judge, learned_nothing
from inkwise.models.file import write_model
from inkwise.recipes.load import resolve
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run, folder_name
from inkwise.runs.state import read_state
from inkwise.training.loop import SAVE_EVERY, Ending, State, Trainer


@dataclass(frozen=True)
class Outcome:
    """What a training came to; `evaluations` is empty where it was stopped before its end."""

    run: Run
    ending: Ending
    train_seconds: float
    evaluations: Mapping[str, Evaluation]


def train(
    recipe: Recipe | str | PathLike[str],
    *,
    out: str | PathLike[str] | None = None,
    data: str | PathLike[str] | None = None,
    device: str = "auto",
    offline: bool = False,
    skip_unreadable: bool = False,
    observer: Observer | None = None,
    stop: Callable[[], bool] = lambda: False,
    save_every: float = SAVE_EVERY,
    keep_epochs: bool = False,
) -> Outcome:
    """Train `recipe` into a new run folder and evaluate it.

    Args:
        recipe: A recipe, or the name or file of one.
        out: The run folder; where it is taken, NAME-2 and so on. Default: runs/NAME in the working folder.
        data: Where to look for the dataset first.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps".
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read, instead of stopping.
        observer: Who is told how it goes.
        stop: Asked after each step; when true, the state is saved and the outcome's ending is "stopped".
        save_every: Seconds between two resume states within an epoch: what a kill may cost, and nothing else.
        keep_epochs: Keep the model after each epoch, in epochs/ of the run folder; a resume goes on with it.

    Raises:
        UsageError: The recipe is unknown, has faults, or does not fit the dataset.
        DataError: The dataset is missing or corrupt.
        RunError: The run folder cannot be written.
        TrainingError: The loss became nan or infinite.
    """
    observer = observer or Silent()
    recipe = recipe if isinstance(recipe, Recipe) else resolve(fspath(recipe), {})
    asked = Path("runs") / folder_name(recipe.name) if out is None else Path(out)
    dataset = load(
        recipe.dataset,
        root=None if data is None else Path(data),
        fetch=True,
        offline=offline,
        skip_unreadable=skip_unreadable,
        say=observer.say,
    )
    plan = Plan.make(recipe, dataset, device)
    run = Run.create(asked, recipe)
    observer.say(f"Run folder: {run.folder}" + ("" if run.folder == asked else f" ({asked.name} is taken)"))
    with run.lock():
        if keep_epochs:
            files.make_folder(run.epochs_folder)
        run.write_environment(describe(plan.compute, dataset))
        return _carry_out(run, plan, None, observer, stop, save_every)


def resume(
    folder: str | PathLike[str],
    *,
    data: str | PathLike[str] | None = None,
    device: str = "auto",
    offline: bool = False,
    skip_unreadable: bool = False,
    observer: Observer | None = None,
    stop: Callable[[], bool] = lambda: False,
    save_every: float = SAVE_EVERY,
) -> Outcome:
    """Continue the run at `folder` where its state stands; on the same machine the weights end the same to the bit.

    Raises:
        RunError: It is not a run, is finished, in use by another process, lost a file, or its recipe or data have
            changed.
    """
    observer = observer or Silent()
    run = Run.open(Path(folder))
    with run.lock():
        if run.finished:
            raise RunError(
                f"{folder} is finished; read {run.report_file}, or train again under another name with `inkwise train`."
            )
        recipe = run.recipe()
        dataset = load(
            recipe.dataset,
            root=None if data is None else Path(data),
            fetch=True,
            offline=offline,
            skip_unreadable=skip_unreadable,
            say=observer.say,
        )
        plan = Plan.make(recipe, dataset, device)
        state = read_state(run)
        if state is None:
            observer.say("No state was saved yet: starting from the beginning.")
        else:
            _require_same(run, plan, state)
        before = run.environment().get("compute")
        if before not in {None, plan.compute.reason}:
            observer.say(f"It was begun on {before}; the weights will differ in the last bits.")
        if state is None:
            run.write_environment(describe(plan.compute, dataset))
        return _carry_out(run, plan, state, observer, stop, save_every)


def _require_same(run: Run, plan: Plan, state: State) -> None:
    """Raise RunError where `state` was reached with another recipe or other data than those at hand."""
    if state["recipe"] != plan.recipe.model_dump(mode="json"):
        raise RunError(
            f"{run.recipe_file} was changed after {run.folder} was begun; undo that, or train it anew with "
            f"`inkwise train {run.recipe_file}`."
        )
    known = run.environment().get("dataset", {}).get("hashes")
    if known is None:
        raise RunError(
            f"{run.environment_file} is gone or has no hashes, so nobody can tell whether the data are the same; "
            "restore it, or train anew."
        )
    if dict(plan.dataset.hashes) != known:
        raise RunError(
            f"{plan.recipe.dataset} is not the data that {run.folder} was begun with (the SHA-256 differ); "
            "point --data to the old files, or train anew."
        )


def _carry_out(
    run: Run, plan: Plan, state: State | None, observer: Observer, stop: Callable[[], bool], save_every: float
) -> Outcome:
    recipe = plan.recipe
    held = f"{len(plan.validation):,} validation, " if plan.validation else ""
    observer.say(f"Data: {plan.dataset.origin} {len(plan.train):,} train, {held}{len(plan.test):,} test images.")
    observer.say(f"Computing on {plan.compute.reason}.")
    if recipe.negatives:
        observer.say(f"Drawing {recipe.negatives:,} pictures that are no digit.")
    began = time.perf_counter()
    watched = plan.test if recipe.watch_test else plan.validation
    trainer = Trainer(recipe, plan.network(), plan.material, plan.validation, watched, plan.compute)
    trainer.seconds = time.perf_counter() - began
    if trainer.epochs > recipe.epochs:
        hint = "; --epochs N to set it" if state is None else ""
        observer.say(f"{trainer.epochs} epochs, so that at least {recipe.least_steps:,} steps are made{hint}.")
    if state is not None:
        trainer.load_state(state)
        observer.say(f"Resuming at step {trainer.step:,} of {trainer.steps:,}.")
    kind = "start" if state is None else "resume"
    run.append_event(kind, step=trainer.step, steps=trainer.steps, compute=plan.compute.reason)
    ending = trainer.run(RunKeeper(run, plan, list(trainer.history), observer), stop, save_every=save_every)
    if ending == "stopped":
        run.append_event("stop", step=trainer.step)
        return Outcome(run, ending, trainer.seconds, {})
    evaluations = _finish(run, plan, trainer)
    run.append_event("end", ending=ending)
    if learned_nothing(evaluations["test"]):
        observer.say(
            "It learned nothing: always giving the commonest class would do as well. Lower optimizer.lr "
            f"(now {plan.recipe.optimizer.lr:g}), or look at the data."
        )
    return Outcome(run, ending, trainer.seconds, evaluations)


def _finish(run: Run, plan: Plan, trainer: Trainer) -> Mapping[str, Evaluation]:
    best = plan.recipe.keep == "best"
    network = plan.network()
    network.load_state_dict(trainer.best if best else trainer.weights())
    verdict = judge(network, plan)
    write_model(run.best_file if best else run.last_file, network.state_dict(), verdict.card)
    verdict.write_report(run, plan, network, course(trainer))
    epochs = trainer.step // trainer.batches.count
    values: dict[str, Any] = {
        "train_seconds": round(trainer.seconds, 3),
        "epochs": epochs,
        "kept_epoch": trainer.best_epoch if best else epochs,
        **{split: evaluation.to_dict() for split, evaluation in verdict.evaluations.items()},
    }
    if verdict.negatives:
        values["negatives"] = dict(verdict.negatives)
    if verdict.published:
        values["published"] = verdict.published
    run.write_evaluation(values)
    return verdict.evaluations
