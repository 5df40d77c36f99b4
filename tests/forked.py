"""`python` in a process of its own, forked from a server that has everything imported, which takes three seconds once.

Such a process is as real as any: it can be killed, works in a folder of its own, and shares what was imported and
nothing else. What an import itself does, and what Python is told at its start, needs a Python that is started anew.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from runpy import run_module, run_path
from typing import Any

LIMIT = 300.0  # seconds to wait for anything, on the slowest machine
IMPORTED = ["inkwise.experiment.experiment", "inkwise.recognizer", "matplotlib.pyplot", "torch._dynamo"]


def begin(work: Callable[..., Any], *arguments: Any, **settings: Any) -> ForkServerProcess:
    """Begin a process that does this work and nothing else."""
    server: ForkServerContext = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(IMPORTED)
    process = server.Process(target=work, args=arguments, kwargs=settings)
    process.start()
    return process


@dataclass(frozen=True)
class Done:
    """What a process came to; a signal that ended it is a negative code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Python:
    """`python WORDS` that was begun."""

    process: ForkServerProcess
    printed: "tempfile.TemporaryDirectory[str]"

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.is_alive()

    def end(self) -> Done:
        """Wait for its end."""
        self.process.join(LIMIT)
        code = self.process.exitcode
        assert code is not None, "nothing came of it"
        out, err = ((Path(self.printed.name) / name).read_text(encoding="utf-8") for name in ("out", "err"))
        self.printed.cleanup()
        return Done(code, out, err)


def begin_python(*words: object, folder: Path) -> Python:
    """Begin `python -m MODULE ...` or `python FILE ...` in a folder, 80 columns wide."""
    printed = tempfile.TemporaryDirectory()
    return Python(begin(_carry_out, [str(word) for word in words], folder, Path(printed.name)), printed)


def python(*words: object, folder: Path) -> Done:
    """Run `python WORDS` to its end."""
    return begin_python(*words, folder=folder).end()


def _carry_out(words: list[str], folder: Path, printed: Path) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(printed / name, os.O_WRONLY | os.O_CREAT), number)
    os.environ["COLUMNS"] = "80"
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    if words[0] == "-m":
        sys.argv = words[1:]
        run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        run_path(words[0], run_name="__main__")
