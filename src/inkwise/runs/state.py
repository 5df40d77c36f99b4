"""The resume state of a run: what a later process needs to go on to the bit.

A torch archive of tensors and plain values, loaded with `weights_only=True`: no code can hide in it. The previous
state stays until the new one is whole on the disk.
"""

import zipfile
from typing import Any

import torch

from inkwise import files
from inkwise.errors import RunError
from inkwise.runs.run import Run

FORMAT = 1


def write_state(run: Run, state: dict[str, Any]) -> None:
    """Replace the resume state of `run` in one step; RunError where the disk does not allow it."""
    with files.replacing(run.state_file) as file:
        try:
            torch.save({"format": FORMAT, "events": run.events_size(), "state": state}, file)
        except RuntimeError as error:
            # torch's archive writer reports a failed write as a RuntimeError and loses the reason.
            raise RunError(
                f"Cannot write {run.state_file}: the disk is full or went away; free some space and run "
                f"`inkwise resume {run.folder}`."
            ) from error


def read_state(run: Run) -> dict[str, Any] | None:
    """Return the trainer's state of `run`, or None where nothing was saved yet; events after it are dropped.

    Raises:
        RunError: The state is damaged or from a future version.
    """
    if not run.state_file.is_file():
        run.cut_events(0)
        return None
    try:
        # torch does not look at the archive's checksums: a flipped bit would train on unseen.
        with zipfile.ZipFile(run.state_file) as archive:
            broken = archive.testzip()
        if broken is not None:
            raise ValueError(f"the checksum of {broken} does not fit")
        saved: dict[str, Any] = torch.load(run.state_file, weights_only=True, map_location="cpu")
        version = int(saved["format"])
        events, state = (saved["events"], saved["state"]) if version <= FORMAT else (0, {})
    except Exception as error:  # zipfile and torch raise many kinds for a damaged archive
        raise RunError(
            f"{run.state_file} is damaged, so {run.folder} cannot be resumed; train again under another name. "
            f"The models beside it ({run.best_file.name}, {run.last_file.name}) are files of their own."
        ) from error
    if version > FORMAT:
        raise RunError(f"{run.state_file} is of a newer Inkwise (format {version}, known is {FORMAT}); update Inkwise.")
    run.cut_events(events)
    result: dict[str, Any] = state
    return result
