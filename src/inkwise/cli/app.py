"""`inkwise VERB`: the list of verbs, and what becomes of errors.

An expected error is one sentence on stderr and an exit code (1 failed, 2 wrong use, 3 a gate not met, 130 stopped
by Ctrl-C); a traceback is shown with --debug alone.
"""

import os
import sys
from collections.abc import Sequence

import cyclopts

from inkwise.errors import InkwiseError

VERBS = {
    "doctor": ("inkwise.cli.doctor:doctor", "Check the installation, the machine and the data."),
    "data": ("inkwise.cli.data:app", "List, fetch and show datasets."),
    "recipes": ("inkwise.cli.recipes:recipes", "List the recipes, or show one layer by layer."),
    "train": ("inkwise.cli.train:train", "Train a recipe into a run folder, and evaluate it."),
    "resume": ("inkwise.cli.resume:resume", "Continue a run that was stopped or killed."),
    "evaluate": ("inkwise.cli.evaluate:evaluate", "Evaluate a model on a split of a dataset."),
    "compare": ("inkwise.cli.compare:compare", "Compare two models on the same images: who fixes what."),
    "predict": ("inkwise.cli.predict:predict", "Read single digits from image files."),
    "reproduce": ("inkwise.cli.reproduce:reproduce", "Run the tutorials as published and corrected, over seeds."),
}

EXAMPLE = "Example: inkwise train small-cnn --epochs 3"


def make_app() -> cyclopts.App:
    """Return the command line with its verbs; their modules are imported when they are needed."""
    app = cyclopts.App(
        name="inkwise",
        help="Handwritten digits read by convolutional networks.",
        help_epilogue=EXAMPLE + "\n\nEvery verb has its own --help. --debug before the verb shows tracebacks.",
        version=_version,
        result_action="return_value",
    )
    for name, (home, text) in VERBS.items():
        app.command(home, name=name, help=text)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    debug = bool(tokens) and tokens[0] == "--debug"
    if debug:
        tokens = tokens[1:]
    try:
        result = make_app()(tokens, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except cyclopts.CycloptsError as error:
        return _complain(f"{' '.join(str(error).split())} See `inkwise {_verb(tokens)}--help`.", 2)
    except InkwiseError as error:
        if debug:
            raise
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("Stopped.", 130)
    except BrokenPipeError:
        # The reader of our output left (`| head`): end quietly, also when Python flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            raise
        return _complain(
            f"Unexpected {type(error).__name__}: {error}. This is a defect of Inkwise; "
            "run again with `inkwise --debug ...` and report what it shows.",
            1,
        )
    return result if isinstance(result, int) else 0


def entry() -> None:
    """Run as the `inkwise` command."""
    sys.exit(main())


def _complain(text: str, code: int) -> int:
    print(f"inkwise: {text}", file=sys.stderr)
    return code


def _verb(tokens: Sequence[str]) -> str:
    return f"{tokens[0]} " if tokens and tokens[0] in VERBS else ""


def _version() -> str:
    from importlib.metadata import version

    return version("inkwise")
