"""Docstrings as they are written, plain text with formulas, made into what Sphinx reads, before napoleon takes them.

A paragraph that is indented, or whose every line is a formula or has columns, is shown as it stands. Elsewhere
`name` is code, and the signs that mean something to Sphinx alone are themselves.
"""

import re

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises):$")
FORMULA = re.compile(r"\w+[\[(][^\])]*[\])] \+?= |\S.*\S {2,}\S")


def as_written(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as reStructuredText that napoleon still knows the sections of."""
    told: list[str] = []
    paragraphs = [part.split("\n") for part in "\n".join(lines).strip("\n").split("\n\n")]
    in_section = False
    for paragraph in paragraphs:
        in_section = in_section or bool(SECTION.match(paragraph[0]))
        shown = all(line.startswith("    ") for line in paragraph) or all(FORMULA.match(line) for line in paragraph)
        if shown and not in_section:
            told += [".. code-block:: none", "", *(f"    {line.removeprefix('    ')}" for line in paragraph), ""]
        else:
            told += [*(prose(line) for line in paragraph), ""]
    return told


def prose(line: str) -> str:
    """Return a line with its code as code, and nothing else that has a meaning beside the text's own."""
    parts = re.split(r"`([^`]+)`", line)
    for at in range(0, len(parts), 2):
        parts[at] = re.sub(r"([\\*|]|_\b)", r"\\\1", parts[at])
    return "".join(f"``{part}``" if at % 2 else part for at, part in enumerate(parts))


def read(_app: Sphinx, what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Change a docstring in place, as the event asks for."""
    # napoleon takes what stands before a colon in the first line of a property for its type.
    lines[:] = [""] * (what == "property") + as_written(lines)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx; a priority below 500 comes before napoleon."""
    app.connect("autodoc-process-docstring", read, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
