"""Write docs/cli.md, the reference of the command line, from the verbs' own help; `--check` compares instead."""

import io
import sys
from pathlib import Path

from rich.console import Console

from inkwise.cli.app import VERBS, make_app

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEAD = """# The command line

Made by `make format` from the verbs' own help; `make check` compares.
"""


def page() -> str:
    """Return the reference as Markdown."""
    parts = [HEAD]
    for verb in VERBS:
        parts += [f"\n## inkwise {verb}\n", "```text", help_of([verb]), "```"]
    return "\n".join(parts) + "\n"


def help_of(tokens: list[str]) -> str:
    """Return what `inkwise TOKENS --help` prints, 100 columns wide and without colour."""
    text = io.StringIO()
    app = make_app(tokens[0])
    app.help_print(tokens, console=Console(file=text, width=100, color_system=None, force_terminal=False))
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())


if __name__ == "__main__":
    made = page()
    if "--check" not in sys.argv:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != made:
        print("docs/cli.md is not what the verbs say; run `make format`.")
        sys.exit(1)
    else:
        print("docs/cli.md is what the verbs say.")
