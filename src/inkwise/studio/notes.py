"""What a model is in a few words, for the list to choose from; read without loading its weights or torch."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from inkwise.errors import InkwiseError
from inkwise.models.summary import summarise
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run

_CLASSES = 10  # of the recipes that have a name


def note_of_file(path: Path) -> str:
    """Return the accuracy that a model file's card tells; "" where it tells none."""
    with suppress(SafetensorError, OSError, ValueError, AttributeError), safe_open(path, framework="numpy") as file:
        metrics = json.loads((file.metadata() or {}).get("inkwise", "{}")).get("metrics") or {}
        shown: dict[str, Any] = metrics.get("mnist/test") or next(iter(metrics.values()), {})
        return _score(shown)
    return ""


def note_of_run(run: Run) -> str:
    """Return a run's accuracy on the split it was judged by, or how far it is."""
    with suppress(InkwiseError):
        evaluation = run.evaluation()
        shown = evaluation.get("test") or evaluation.get("validation")
        if shown:
            return _score(shown)
        rows = run.metrics()
        if rows:
            return f"not finished, epoch {rows[-1]['epoch']:g}"
    return "not finished"


def note_of_recipe(recipe: Recipe) -> str:
    """Return the size of a recipe's network, which has learned nothing."""
    if isinstance(recipe.network, str):
        return "not trained"
    summary = summarise(recipe.network, classes=recipe.outputs(_CLASSES))
    return f"not trained, {summary.parameters:,} parameters"


def _score(metrics: dict[str, Any]) -> str:
    accuracy = metrics.get("accuracy")
    if not isinstance(accuracy, float | int):
        return ""
    where = " ".join(str(metrics[name]) for name in ("dataset", "split") if metrics.get(name))
    return f"{100 * accuracy:.2f} %{f' of {where}' if where else ''}"
