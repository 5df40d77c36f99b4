"""Check that no source file outgrows its one noun, and that nothing large is committed.

Python files: 400 lines. JavaScript files: 300 lines. Any file: 1 MB, a packaged model 2 MB.
"""

import subprocess
import sys
from pathlib import Path

LINES = {".py": 400, ".js": 300}
BYTES = 1_000_000
MODELS, MODEL_BYTES = "src/inkwise/models/packaged", 2_000_000


def faults() -> list[str]:
    """Return a sentence for each tracked file that is too long or too large."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    found = []
    for path in (Path(name) for name in listed.split("\0") if name):
        if not path.is_file():
            continue
        most = MODEL_BYTES if path.parent == Path(MODELS) else BYTES
        if path.stat().st_size > most:
            found.append(f"{path} has {path.stat().st_size:,} bytes; at most {most:,} are committed.")
        limit = LINES.get(path.suffix)
        if limit and "vendor" not in path.parts:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > limit:
                found.append(f"{path} has {lines} lines; split it by nouns, {limit} is the most.")
    return found


if __name__ == "__main__":
    sentences = faults()
    print("\n".join(sentences) or "Sizes: every file is within its limit.")
    sys.exit(bool(sentences))
