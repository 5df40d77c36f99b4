"""`inkwise VERB`: the list of verbs, and what becomes of errors.

An expected error is one sentence on stderr and an exit code (1 failed, 2 wrong use, 3 a gate not met, 130 stopped
by Ctrl-C); a traceback is shown with --debug alone.
"""

import io
import os
import sys
from collections.abc import Sequence

import cyclopts

from inkwise.errors import InkwiseError, UnknownName, UsageError

VERBS = {
    "doctor": ("inkwise.cli.doctor:doctor", "Check the installation, the machine and the data."),
    "data": ("inkwise.cli.data:app", "List, fetch and show datasets."),
    "recipes": ("inkwise.cli.recipes:recipes", "List the recipes, or show one layer by layer."),
    "train": ("inkwise.cli.train:train", "Train a recipe into a run folder, and evaluate it."),
    "resume": ("inkwise.cli.resume:resume", "Continue a run that was stopped or killed."),
    "evaluate": ("inkwise.cli.evaluate:evaluate", "Evaluate a model on a split of a dataset."),
    "compare": ("inkwise.cli.compare:compare", "Compare two models on the same images: who fixes what."),
    "ensemble": ("inkwise.cli.ensemble:ensemble", "Make several models one that answers with their mean."),
    "export": ("inkwise.cli.export:export", "Write a model as one ONNX file, checked on real digits."),
    "predict": ("inkwise.cli.predict:predict", "Read single digits from image files."),
    "read": ("inkwise.cli.read:read", "Read the numbers on photographs or scans of pages."),
    "score": ("inkwise.cli.score:score", "Score archives of images by the million into one table."),
    "explain": ("inkwise.cli.explain:explain", "Show the exact arithmetic of one value of any layer."),
    "studio": ("inkwise.cli.studio:studio", "Look into networks in the browser: draw, see every number."),
    "convolve": ("inkwise.cli.convolve:convolve", "Slide a kernel over numbers or an image, step by step."),
    "reproduce": ("inkwise.cli.reproduce:reproduce", "Run the tutorials as published and corrected, over seeds."),
    "bench": ("inkwise.cli.bench:bench", "Measure our recipes against what others published."),
}

EXAMPLE = "Example: inkwise train small-cnn --epochs 3"
_OPTIONS = ("--help", "-h", "--version")  # and --debug, which may stand anywhere


def make_app(verb: str | None = None) -> cyclopts.App:
    """Return the command line with its verbs; their modules are imported when they are needed.

    Args:
        verb: The one that will be run or explained: its help is its own docstring. The others have the line that
            lists them, so that a list of the verbs imports none.
    """
    app = cyclopts.App(
        name="inkwise",
        help=f"Handwritten digits read by convolutional networks.\n\n{EXAMPLE}\n\n"
        "`inkwise VERB --help` explains a verb. `--debug` shows the traceback of an error.",
        version=_version,
        result_action="return_value",
    )
    for place, (name, (home, text)) in enumerate(VERBS.items()):
        app.command(home, name=name, help=None if name == verb else text, sort_key=place)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        try:
            return _run([word for word in given if word != "--debug"])
        finally:
            _flush()
    except BrokenPipeError:
        return 1  # the reader of our output left (`| head`): end quietly
    except KeyboardInterrupt:
        return _complain("Stopped.", 130)
    except Exception as error:
        if debug:
            raise
        if isinstance(error, InkwiseError):
            return _complain(str(error), error.exit_code)
        if isinstance(error, OSError) and error.filename is None:  # a standard stream: other files have names
            return _complain(f"Cannot write the output: {error.strerror or error}.", 1)
        return _complain(
            f"Unexpected {type(error).__name__}: {error}. This is a defect of Inkwise; "
            "run again with --debug and report what it shows.",
            1,
        )


def entry() -> None:
    """Run as the `inkwise` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name may hold what is no text
    sys.exit(main())


def _run(tokens: list[str]) -> int:
    first = tokens[0] if tokens else ""
    if first.startswith("-") and first not in _OPTIONS:
        raise UnknownName("option", first, (*_OPTIONS, "--debug"))
    if tokens and not first.startswith("-") and first not in VERBS:
        raise UnknownName("verb", first, VERBS)
    try:
        result = make_app(first)(tokens, exit_on_error=False, print_error=False)
    except cyclopts.UnusedCliTokensError as error:
        words = " ".join(map(repr, error.unused_tokens or ()))
        raise UsageError(f"{words} is more than `inkwise {first}` takes. See `inkwise {first} --help`.") from error
    except cyclopts.CycloptsError as error:
        raise UsageError(f"{' '.join(str(error).split())} See `inkwise {first} --help`.") from error
    return result if isinstance(result, int) else 0


def _flush() -> None:
    """Write out what is buffered, while a full disk or a reader that left can still be told of."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again at its exit
        raise


def _complain(text: str, code: int) -> int:
    print(f"inkwise: {text}", file=sys.stderr)
    return code


def _version() -> str:
    from importlib.metadata import version

    return version("inkwise")
