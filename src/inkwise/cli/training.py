"""What `train` and `resume` share: the bar while it runs, Ctrl-C, and the table at the end."""

from collections.abc import Callable

from inkwise.cli.console import Interrupt, TrainingBar, on_interrupt, out, print_json, say
from inkwise.evaluation.phrases import turned_away
from inkwise.evaluation.table import evaluation_table
from inkwise.experiment.experiment import Outcome


def carry_out(start: Callable[[TrainingBar, Interrupt], Outcome], *, quiet: bool, json: bool) -> int:
    """Run `start` with a progress bar, print what came out, and return the exit code."""
    with TrainingBar(quiet=quiet) as bar, on_interrupt(bar) as interrupt:
        outcome = start(bar, interrupt)
    run = outcome.run
    if outcome.ending == "stopped":
        say(f"Stopped; the state is saved. Continue with: inkwise resume {run.folder}")
        return 130
    if json:
        print_json({"run": str(run.folder), "model": str(run.model_file), **run.evaluation()})
        return 0
    if outcome.ending == "early":
        print("Stopped early: validation no longer improved.")
    out().print(evaluation_table(outcome.evaluations["test"]))
    negatives = run.evaluation().get("negatives")
    if negatives:
        print(turned_away(negatives))
    print(f"Trained in {outcome.train_seconds:.1f} s.")
    print(f"Model:  {run.model_file}")
    print(f"Report: {run.report_file}")
    return 0
