"""Run the guide: write what every block prints, and the pictures it draws, into docs/guide; `--check` compares instead.

A chapter is one Markdown page, and answers.md one more. Its ```python blocks run in order, as one program, in a folder
of their own beside a copy of docs/results; a line `inkwise ...` of a ```bash block runs too. What a block prints is the
```text block under it. `<!-- tolerance 0.01 -->` between the two lets numbers differ by that much, for what rounding
decides.

Pictures are saved as pictures/NAME.png; `<!-- alike 0.05 -->` above one lets that share of its pixels differ, where a
training decides what is drawn. Every number of the prose, of two digits or with a point, must stand above it
in code, output or a displayed formula; `<!-- known 28, 0.5 -->` in its paragraph names one that stands elsewhere.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from itertools import takewhile
from pathlib import Path

GUIDE = Path(__file__).parent.parent / "docs" / "guide"
PAGES = [*sorted(GUIDE.glob("[0-9]*.md")), GUIDE / "answers.md"]
SECONDS = 240  # more than any chapter needs, by far, also on a busy machine
WIDEST = 88  # characters of code that a page shows without scrolling
MARK = "\x1e"  # written after each block; nothing else prints it
COMMAND = (
    "(lambda run, python: run.run([python, '-m', *{}], stderr=run.STDOUT, check=True))"
    "(__import__('subprocess'), __import__('sys').executable)"
)
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
ALIKE = re.compile(r"<!-- alike (\S+) -->\s+!\[[^]]*\]\((pictures/[^)]+)\)")
PICTURE = re.compile(r"!\[([^]]*)\]\((pictures/[^)]+)\)")


class Failure(Exception):
    """A chapter that cannot be run or read."""


@dataclass(frozen=True)
class Block:
    """Lines `start` to `end` of a page, fences left out, and what stands under it as printed, fences included."""

    language: str
    start: int
    end: int
    printed: str | None = None
    shown: tuple[int, int] = (0, 0)
    tolerance: float = 0.0


def fences(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Yield (language, first line, line of the closing fence) of every fenced block."""
    opened: tuple[str, str, int] | None = None
    for at, line in enumerate(lines):
        if opened is None and (found := re.match(r"(`{3,})(.*)", line)):
            opened = (found[1], found[2].strip(), at + 1)
        elif opened and line.strip() == opened[0]:
            yield opened[1], opened[2], at
            opened = None
    if opened:
        raise Failure(f"line {opened[2]}: a block is opened and never closed")


def blocks(lines: list[str]) -> list[Block]:
    """Return the blocks that run, each with what the page says it prints."""
    found: list[Block] = []
    for language, start, end in fences(lines):
        if language in {"python", "bash"}:
            found.append(Block(language, start, end, shown=(end + 1, end + 1)))
        elif language == "text":
            between = lines[found[-1].end + 1 : start - 1] if found else ["no block"]
            if found and found[-1].printed is None and all(not b or b.startswith("<!-- tol") for b in between):
                tolerance = next((float(b.split()[2]) for b in between if b), 0.0)
                ran = found.pop()
                text = "\n".join(lines[start:end])
                found.append(Block(ran.language, ran.start, ran.end, text, (start - 1, end + 1), tolerance))
            else:
                raise Failure(f"line {start}: a text block does not stand right under the block that prints it")
    return found


def program(lines: list[str], found: list[Block]) -> str:
    """Return the chapter as a program whose lines have the page's numbers."""
    code = [""] * len(lines)
    for block in found:
        for at in range(block.start, block.end):
            words = shlex.split(lines[at], comments=True) if block.language == "bash" else []
            code[at] = lines[at] if block.language == "python" else COMMAND.format(words) if words else ""
            if words and words[0] != "inkwise":
                raise Failure(f"line {at + 1}: only inkwise runs in a bash block, not {words[0]}")
        code[block.end] = f"__import__('sys').stdout.write({MARK!r})"
    return "\n".join(code) + "\n"


def run(page: Path, lines: list[str], found: list[Block]) -> tuple[list[str], dict[str, bytes]]:
    """Return what each block printed, and the pictures by path."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder) / "docs" / "guide"
        (here / "pictures").mkdir(parents=True)
        if (page.parent.parent / "results").is_dir():
            shutil.copytree(page.parent.parent / "results", here.parent / "results")
        script = Path(folder) / f"{page.stem}.py"
        script.write_text(program(lines, found), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-u", "-W", "error", str(script)],
            cwd=here,
            env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=SECONDS,
        )
        if done.returncode or done.stderr.strip():
            report = done.stdout.rpartition(MARK)[2] + done.stderr.replace(str(script), page.name)
            raise Failure(f"it does not run; line numbers are the page's\n{report}")
        printed = ["\n".join(line.rstrip() for line in said.rstrip().split("\n")) for said in done.stdout.split(MARK)]
        pictures = {f"pictures/{path.name}": path.read_bytes() for path in sorted((here / "pictures").iterdir())}
        return printed[:-1], pictures


def same(shown: str | None, printed: str, tolerance: float) -> bool:
    """Whether a page shows what was printed, numbers within `tolerance`."""
    if shown == (printed or None):
        return True
    if shown is None or not tolerance:
        return False
    number = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
    if number.sub("#", shown).split() != number.sub("#", printed).split():
        return False
    pairs = zip(number.findall(shown), number.findall(printed), strict=True)
    return all(abs(float(one) - float(two)) <= tolerance * max(1.0, abs(float(one))) for one, two in pairs)


def alike(committed: bytes, drawn: bytes, share: float = 1e-4) -> bool:
    """Whether two pictures look the same: of one size, and at most this share of the pixels is another colour."""
    import numpy as np
    from PIL import Image

    one, two = (np.asarray(Image.open(BytesIO(data)).convert("RGB"), dtype=int) for data in (committed, drawn))
    return one.shape == two.shape and bool((abs(one - two).max(axis=2) > 64).mean() < share)


def values(text: str) -> set[Decimal]:
    """Return every number in code, output or a formula; "1,234" also as 1 and 234."""
    plain = text.replace("{,}", ",").replace("_", "")
    return {Decimal(number.replace(",", "")) for number in NUMBER.findall(plain)} | {
        Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", plain)
    }


def said(line: str) -> Iterator[str]:
    """Yield the numbers of a line of prose that need to stand above it."""
    plain = re.sub(r"\]\([^)]*\)|<!--.*?-->|<https?:[^>]*>|^# \d+\.|[Cc]hapter \d+", " ", line).replace("{,}", ",")
    plain = re.sub(r"(?<=\d)\s*x\s*(?=\d)", " by ", plain)  # 3x3 is two numbers, conv2d is none
    for found in NUMBER.finditer(plain):
        if len(found[0]) > 1 and not re.search(r"[A-Za-z_]$", plain[: found.start()]):
            yield found[0]


def unknown(lines: list[str]) -> list[str]:
    """Return a sentence for each number of the prose that stands nowhere above it."""
    fenced = {start - 1: (language, end) for language, start, end in fences(lines)}
    known: set[Decimal] = set()
    faults: list[str] = []
    at, formula = 0, False
    while at < len(lines):
        line = lines[at]
        if at in fenced:
            language, end = fenced[at]
            if language in {"python", "bash", "text"}:
                known |= values("\n".join(lines[at + 1 : end]))
            at = end
        elif formula or line.startswith("$$"):
            known |= values(line)
            formula ^= line.count("$$") == 1
        else:
            paragraph = "\n".join(takewhile(str.strip, lines[at:]))
            for comment in re.findall(r"<!-- known (.*?) -->", paragraph):
                known |= values(comment)
            strange = [number for number in said(line) if Decimal(number.replace(",", "")) not in known]
            faults += [f"line {at + 1}: {number} stands in no code, output or formula above it" for number in strange]
        at += 1
    return faults


def wide(lines: list[str]) -> list[str]:
    """Return a sentence for each line of a block that a reader would have to scroll for; a verb's words are wrapped."""
    wrapped = {block.shown[0] + 1 for block in blocks(lines) if block.language == "bash"}
    shown = [at for _, start, end in fences(lines) if start not in wrapped for at in range(start, end)]
    long = [at for at in shown if len(lines[at]) > WIDEST]
    return [
        f"line {at + 1}: {len(lines[at])} characters in a block; {WIDEST} are seen without scrolling" for at in long
    ]


def chapter(page: Path, check: bool) -> list[str]:
    """Run a chapter; return its faults, or write what it prints and draws and return what is left to mend."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    try:
        found = blocks(lines)
        printed, pictures = run(page, lines, found)
    except Failure as failure:
        return [str(failure)]
    except subprocess.TimeoutExpired:
        return [f"it runs for more than {SECONDS} seconds"]
    faults = outputs(lines, found, printed, check)
    written = "\n".join(lines) + "\n"
    if written != text and not check:
        page.write_text(written, encoding="utf-8")
    return [*faults, *drawings(page, lines, pictures, check), *unknown(lines), *wide(lines)]


def outputs(lines: list[str], found: list[Block], printed: list[str], check: bool) -> list[str]:
    """Return a sentence for each block that prints something else than is shown, or put it into `lines`."""
    faults = []
    for block, said_now in reversed(list(zip(found, printed, strict=True))):
        if same(block.printed, said_now, block.tolerance):
            continue
        if check:
            faults.append(f"line {block.start}: the block prints\n{said_now}\nand the page shows\n{block.printed}")
        elif block.printed is None:
            under = block.end + 1
            if lines[under + 1 : under + 2] and lines[under + 1].startswith("<!-- tol"):
                under += 2
            lines[under:under] = ["", "```text", *said_now.split("\n"), "```"]
        else:
            first, last = block.shown
            lines[first:last] = ["```text", *said_now.split("\n"), "```"] if said_now else []
    return faults[::-1]


def drawings(page: Path, lines: list[str], pictures: dict[str, bytes], check: bool) -> list[str]:
    """Return a sentence for each picture that is not what was drawn; those that look otherwise are written."""
    used = {path: alt for line in lines for alt, path in PICTURE.findall(line)}
    faults = [f"{path} is shown and not drawn" for path in used if path not in pictures]
    faults += [f"{path} is drawn and not shown" for path in pictures if path not in used]
    faults += [f"{path} says nothing to those who cannot see it" for path, alt in used.items() if len(alt) < 20]
    shares = {path: float(share) for share, path in ALIKE.findall("\n".join(lines))}
    for path, drawn in pictures.items():
        target = page.parent / path
        if target.is_file() and alike(target.read_bytes(), drawn, shares.get(path, 1e-4)):
            continue
        if check:
            faults.append(f"{path} is not what the block draws")
        else:
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(drawn)
    return faults


def main(arguments: list[str]) -> int:
    """Run the chapters named, or all; return 1 where something is not as it says."""
    check = "--check" in arguments
    pages = [Path(name).resolve() for name in arguments if name != "--check"] or [
        *sorted(GUIDE.glob("[0-9]*.md")),
        GUIDE / "answers.md",
    ]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda page: chapter(page, check), pages))
    for page, faults in zip(pages, results, strict=True):
        for fault in faults:
            print(f"{page.name}, {fault}")
    if not any(results):
        print(f"Guide: {len(pages)} pages, every block prints what the page shows.")
    elif check:
        print("Run `make guide` to write what the blocks print; then read it.")
    return int(any(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
