"""`inkwise resume RUN`."""

from pathlib import Path

from inkwise.cli.options import Flag


def resume(
    run: Path,
    /,
    *,
    data: Path | None = None,
    device: str = "auto",
    offline: Flag = False,
    skip_unreadable: Flag = False,
    register: Path | None = None,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Continue a run that was stopped or killed.

    On the same machine with the same number of threads the weights end as if it had never been interrupted, to the
    bit.

    Example: inkwise resume runs/small-cnn

    Args:
        run: The run folder.
        data: Where to look for the dataset first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download a dataset.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        register: A .py file that registers the run's network.
        quiet: Print the result alone, and nothing on the way.
        json: Print the result as one JSON object.
    """
    from inkwise.cli.training import carry_out
    from inkwise.experiment.experiment import resume as again
    from inkwise.recipes.load import run_python

    if register:
        run_python(register)
    return carry_out(
        lambda bar, stop: again(
            run,
            data=data,
            device=device,
            offline=offline,
            skip_unreadable=skip_unreadable,
            observer=bar,
            stop=stop,
        ),
        quiet=quiet,
        json=json,
    )
