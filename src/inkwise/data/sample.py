"""The packaged sample page: a picture of a page with numbers on it, and what they are.

It is there so that a page can be read with nothing but the package. It was drawn from the packaged digits by
`scripts/sample_page.py`; packaged/README.md has its licence.
"""

import json
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).with_name("packaged") / "sample-page.jpg"
TRUTH: Final = PAGE.with_suffix(".json")


def sample_lines() -> tuple[str, ...]:
    """Return what stands on the page, line by line, with a blank between numbers."""
    lines: list[str] = json.loads(TRUTH.read_text(encoding="utf-8"))["lines"]
    return tuple(lines)
