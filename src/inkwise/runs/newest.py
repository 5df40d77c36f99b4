"""The newest finished run below a folder, for verbs that are not told which model to use."""

from pathlib import Path

from inkwise.errors import RunError
from inkwise.runs.run import Run


def newest(root: Path = Path("runs")) -> Run:
    """Return the run below `root` that finished last; RunError where none has."""
    done = [Run(path.parent) for path in root.glob("*/evaluation.json")]
    if not done:
        raise RunError(
            f"There is no finished run in {root}/; train one (`inkwise train small-cnn`), or name a model with --model."
        )
    return max(done, key=lambda run: run.evaluation_file.stat().st_mtime)
