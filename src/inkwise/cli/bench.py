"""`inkwise bench`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, Token

from inkwise.cli.options import Flag
from inkwise.errors import UsageError

if TYPE_CHECKING:
    from inkwise.bench.standing import Standing


def _count(_: object, tokens: Sequence[Token]) -> int:
    """Read a number of seeds; UsageError where it is no whole number above 0, which the usual reading would round."""
    given = tokens[0].value
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"--seeds {given}; give a whole number from 1 on.")
    return int(given)


def bench(
    *names: str,
    seeds: Annotated[int, Parameter(converter=_count)] = 3,
    peers: bool = True,
    quick: Flag = False,
    mark: float = 99.0,
    dataset: str = "mnist",
    data: Path | None = None,
    out: Path = Path("runs/bench"),
    offline: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Train our recipes and what others published, in turn, on the same data, and print the table.

    Every run is a process of its own and is kept in the folder's bench-runs.jsonl when it is done: a benchmark that was
    stopped goes on when the same command is given again, and calls with other names or more seeds add to the same
    table. The folder also gets bench.md, bench.json and two plots. Nothing else should run on the machine meanwhile.

    Without names it takes about two hours on two cores. The peers need packages of their own, which come with
    pip install 'inkwise[bench]'; a peer that misses one is left out, and the table says so.

    Example: inkwise bench fast published-fast --seeds 20

    Args:
        names: Recipes; peers: published-fast, pytorch-example, keras-jax, keras-torch, classical; and model files or
            run folders of what is trained already, LABEL=PATH to name their row. Default: our recipes fast, accurate
            and nano, and all peers.
        seeds: How many seeds, from 0; none is dropped.
        peers: Whether the default has the peers.
        quick: Few images and one epoch of each: shows that all of it runs, and measures nothing.
        mark: Test accuracy in percent; the table says how many runs reach it.
        dataset: A dataset of 28 x 28 images, the same for all.
        data: Where to look for it first.
        out: Folder for the runs, the table and the plots; not one of a training.
        offline: Never download.
        quiet: Print the table alone.
        json: Print every figure as one JSON object.
    """
    import shlex

    from inkwise.bench.bench import bench as run_all
    from inkwise.bench.standing import standings
    from inkwise.cli.console import err, print_json, say

    if not 0 < mark <= 100:
        raise UsageError(f"--mark is {mark:g}; it is an accuracy in percent, above 0 and at most 100.")
    flags = ["--quick"] if quick else [f"--seeds {seeds}"]
    flags += ["--no-peers"] if not peers and not names else []
    flags += [f"--mark {mark:g}"] if mark != 99 else []
    flags += [f"--dataset {shlex.quote(dataset)}"] if dataset != "mnist" else []
    # --data and --out are left out: they say where things lie on one machine, and not what was done.
    command = " ".join(["inkwise bench", *(shlex.quote(_from_here(name)) for name in names), *flags])
    try:
        book, result, page = run_all(
            names,
            seeds=seeds,
            peers=peers,
            quick=quick,
            mark=mark / 100,
            dataset=dataset,
            data=data,
            out=out,
            offline=offline,
            command=command,
            say=(lambda _: None) if quiet or json else say,
        )
    except KeyboardInterrupt:
        say(_stopped(out))
        return 130
    if json:
        print_json(result)
        return 0
    found = standings(book, mark / 100)
    _show(found)
    _tell(found)
    err().print(f"Written: {page}, and bench.json and two plots beside it", soft_wrap=True)
    return 0


def _show(found: Sequence["Standing"]) -> None:
    from rich.table import Table

    from inkwise.bench.table import printed
    from inkwise.cli.console import out

    for head, rows in printed(found):
        table = Table(box=None, header_style="bold")
        for text in head:  # a figure is never broken; a name is, rather than cut off
            table.add_column(text, no_wrap=text != head[0], overflow="fold")
        for row in rows:
            table.add_row(*row)
        out().print(table)
        out().print()


def _tell(found: Sequence["Standing"]) -> None:
    """Print what must be known beside the figures."""
    from inkwise.bench.table import remarks
    from inkwise.cli.console import out

    for note in remarks(found):
        out().print(note, markup=False)


def _stopped(out: Path) -> str:
    """Return the one line that a benchmark stopped by Ctrl-C leaves."""
    from inkwise.bench.book import NAME, Book

    count = len(Book(out).runs) if (out / NAME).is_file() else 0
    runs = f"{count} run{' is' if count == 1 else 's are'}" if count else "no run is"
    return f"Stopped; {runs} kept in {out}, and the same command goes on."


def _from_here(name: str) -> str:
    """Return PATH or LABEL=PATH with a path that lies within the working folder relative to it; a name as it is."""
    label, path = name.split("=", 1) if "=" in name else ("", name)
    whole, here = Path(path).absolute(), Path.cwd()
    if not whole.is_relative_to(here):
        return name
    return (f"{label}=" if label else "") + whole.relative_to(here).as_posix()
