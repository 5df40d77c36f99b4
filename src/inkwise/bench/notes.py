"""What a reader must know of a row beside its figures: times that were not taken in turn, epochs that were added.

Each note is one sentence and starts with the contender it is about.
"""

from collections.abc import Sequence

from inkwise.bench.book import Run
from inkwise.bench.standing import Standing

MARK = "*"  # behind a training time of which a note says where it is from


def notes(one: Standing) -> tuple[str, ...]:
    """Return the notes on one row; none where it needs none."""
    return tuple(note for note in (_seconds(one.runs), _epochs(one.runs)) if note)


def unequal(found: Sequence[Standing]) -> str:
    """Return the sentence that some contenders were given more epochs than others; nothing where none was."""
    added = [one for one in found if _asked(one.first)]
    others = [one for one in found if one not in added and one.first.epochs is not None]
    if not added or not others:
        return ""
    told = ", ".join(f"{one.name} {one.first.epochs:g}" for one in (*added, *others))
    return f"The contenders were given unequal numbers of epochs: {told}."


def _seconds(runs: Sequence[Run]) -> str:
    """Where training times come from that were not measured in turn."""
    name, earlier = runs[0].name, [run for run in runs if run.earlier]
    if not earlier:
        return ""
    known = [run for run in earlier if run.seconds is not None]
    if not known:
        some = "" if len(earlier) == len(runs) else f"{len(earlier)} of {len(runs)}{_seeds(earlier)} "
        return f"{name}: {some}trained earlier, and how long that took on a machine like this one is not known."
    times = f"{len(known)} of {len(runs)} training times" if len(runs) > 1 else "its training time"
    which = times + (_seeds(known) if len(known) < len(runs) else "")
    verb = "is" if len(known) == 1 else "are"
    if all(run.members for run in known):
        return f"{name}: {which} {verb} the sum of its members', which were trained one by one and not in its turn."
    folder = "a run folder" if len(known) == 1 else "run folders"
    return f"{name}: {which} {verb} from {folder}: trained earlier, and not in turn with the others."


def _seeds(runs: Sequence[Run]) -> str:
    return f" (seed{'s' if len(runs) > 1 else ''} {', '.join(str(run.seed) for run in runs)})"


def _epochs(runs: Sequence[Run]) -> str:
    """Epochs beyond those of the recipe, which `least_steps` added."""
    asked = _asked(runs[0])
    if not asked:
        return ""
    epochs, steps = asked
    return (
        f"{runs[0].name}: {runs[0].epochs:g} epochs instead of {epochs}, since its recipe takes at least {steps:,} "
        "steps (least_steps) and the images are few."
    )


def _asked(run: Run) -> tuple[int, int] | None:
    """Return a recipe's epochs and least_steps where the latter added epochs; None where it did not."""
    epochs, steps = int(run.recipe.get("epochs", 0)), int(run.recipe.get("least_steps", 0))
    return (epochs, steps) if steps and epochs and run.epochs is not None and run.epochs > epochs else None
