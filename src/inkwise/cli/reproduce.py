"""`inkwise reproduce`."""

from pathlib import Path

from inkwise.cli.options import Flag


def reproduce(
    *recipes: str,
    seeds: int = 3,
    out: Path | None = None,
    runs: Path = Path("runs/reproduce"),
    data: Path | None = None,
    device: str = "auto",
    offline: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Run the tutorials as published and corrected, over seeds, and print what came out beside what they claim.

    It can be stopped with Ctrl-C and started again: finished runs are read, the rest goes on.

    Example: inkwise reproduce small-cnn --seeds 1

    Args:
        recipes: Names of tutorials. Default: all five.
        seeds: How many seeds, from 0.
        out: Folder for tutorials.md and tutorials.json; none are written without it.
        runs: Folder for the runs.
        data: Where to look for MNIST first.
        device: auto, cpu, cuda, cuda:N or mps.
        offline: Never download.
        quiet: Print the table alone.
        json: Print every figure as one JSON object.
    """
    from rich.table import Table

    from inkwise.cli.console import TrainingBar, err, on_interrupt, print_json
    from inkwise.cli.console import out as stdout
    from inkwise.errors import UsageError
    from inkwise.experiment.reproduction import reproduce as run_again
    from inkwise.experiment.reproduction import tutorials
    from inkwise.experiment.reproduction_table import HEAD, rows, write

    if seeds < 1:
        raise UsageError(f"--seeds is {seeds}; it must be 1 or more.")
    found = []
    with TrainingBar(quiet=quiet or json) as bar, on_interrupt(bar) as interrupt:
        for name in recipes or tutorials():
            one = None
            if not interrupt.asked:
                one = run_again(
                    name,
                    range(seeds),
                    runs,
                    observer=bar,
                    stop=interrupt,
                    data=data,
                    device=device,
                    offline=offline,
                )
            if one is None:
                err().print("Stopped; run the same command again to go on.")
                return 130
            found.append(one)
    if json:
        print_json([one.to_dict() for one in found])
    else:
        table = Table(*HEAD, box=None, header_style="bold")
        for row in rows(found):
            table.add_row(*row)
        stdout().print(table)
    if out is not None:
        words = ["inkwise reproduce", *recipes, f"--seeds {seeds}"]
        err().print(f"Written: {write(out, found, ' '.join(words))}", soft_wrap=True)
    return 0
