"""The guide runs: every block prints what stands under it, every picture is drawn, every number is found."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "guide"
CHAPTERS = sorted(path.name for path in GUIDE.glob("[0-9]*.md"))
DRAW = "from PIL import Image\nImage.new('RGB', (40, 40), (0, 0, {})).save('pictures/blue.png')"
SHOW = "![A square of forty pixels, all blue](pictures/blue.png)"


def guide(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "scripts" / "guide.py", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300)


def page(folder: Path, *parts: str) -> Path:
    """Write a chapter; a part that starts with a language and a line break is a block of it."""
    fenced = [f"```{part}\n```" if re.match(r"(python|bash|text)\n", part) else part for part in parts]
    path = folder / "guide" / "01-try.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n\n".join(["# 1. Try", *fenced]) + "\n", encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("chapter", [*CHAPTERS, "answers.md"])
def test_every_block_of_a_chapter_prints_what_stands_under_it(chapter: str) -> None:
    done = guide("--check", GUIDE / chapter)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_chapters_are_numbered_without_a_gap() -> None:
    numbers = [int(name[:2]) for name in CHAPTERS]
    assert numbers == list(range(1, len(numbers) + 1))
    for name in CHAPTERS:
        assert (GUIDE / name).read_text(encoding="utf-8").startswith(f"# {int(name[:2])}. ")


def test_the_index_lists_every_chapter_by_its_title() -> None:
    index = (GUIDE / "index.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. \[(.+?)\]\((.+?)\): .+\.$", index, re.MULTILINE)
    titles = [(GUIDE / name).read_text(encoding="utf-8").splitlines()[0] for name in CHAPTERS]
    assert [name for _, _, name in listed] == CHAPTERS
    assert [f"# {number}. {title}" for number, title, _ in listed] == titles


def test_every_question_of_a_chapter_has_an_answer() -> None:
    answers = (GUIDE / "answers.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## Chapter (\d+): .+?\n(.+?)(?=^## |\Z)", answers, re.MULTILINE | re.DOTALL))
    for number, name in enumerate(CHAPTERS, start=1):
        heading, questions = (GUIDE / name).read_text(encoding="utf-8").rsplit("\n## ", 1)[1].split("\n", 1)
        assert heading == "To try", name
        asked = len(re.findall(r"^- ", questions, re.MULTILINE))
        assert len(re.findall(r"^\*\*", sections[str(number)], re.MULTILINE)) == asked > 1, name


def test_every_picture_of_the_guide_is_shown_in_one_chapter() -> None:
    shown = [picture for name in CHAPTERS for picture in re.findall(r"\(pictures/(.+?)\)", (GUIDE / name).read_text())]
    assert sorted(shown) == sorted(path.name for path in (GUIDE / "pictures").glob("*.png"))


def test_blocks_share_one_namespace_and_one_order(tmp_path: Path) -> None:
    done = guide("--check", page(tmp_path, "python\nx = 20 + 1", "python\nprint(2 * x)", "text\n42"))
    assert (done.returncode, done.stdout.strip()) == (0, "Guide: 1 pages, every block prints what the page shows.")


WRONG = {
    "output": (("python\nprint(41)", "text\n42"), "line 3: the block prints\n41\nand the page shows\n42"),
    "silent": (("python\nx = 1", "text\n42"), "and the page shows\n42"),
    "unsaid": (("python\nprint(41)",), "and the page shows\nNone"),
    "orphan": (("text\n42",), "line 3: a text block does not stand right under the block"),
    "apart": (("python\nprint(1)", "But:", "text\n1"), "a text block does not stand right under the block"),
    "open": (("```python\nprint(1)",), "line 3: a block is opened and never closed"),
    "error": (("python\nx = 1", "python\n\n1 / 0"), 'File "01-try.md", line 9, in <module>'),
    "warning": (("python\nimport warnings\nwarnings.warn('old')",), "UserWarning: old"),
    "shell": (("bash\nls",), "line 4: only inkwise runs in a bash block, not ls"),
    "verb": (("bash\ninkwise recipes nosuch",), "There is no recipe 'nosuch'."),
    "number": (("python\nprint(4)", "text\n4", "It is 17."), "line 11: 17 stands in no code, output or formula above"),
    "later": (("It is 17.", "python\nprint(17)", "text\n17"), "line 3: 17 stands in no code"),
    "point": (("python\nx = 0.25", "With 0.5 and 0.25"), "0.5 stands in no code"),
    "sizes": (("python\nx = 28", "A 28x29 image",), "29 stands in no code"),
    "wide": ((f"python\nx = {'1' * 85}",), "line 4: 89 characters in a block; 88 are seen without scrolling"),
    "missing": ((SHOW,), "pictures/blue.png is shown and not drawn"),
    "hidden": ((f"python\n{DRAW.format(255)}",), "pictures/blue.png is drawn and not shown"),
    "mute": ((f"python\n{DRAW.format(255)}", SHOW.replace("A square of forty pixels, all ", "")), "says nothing to"),
    "undrawn": ((f"python\n{DRAW.format(255)}", SHOW), "pictures/blue.png is not what the block draws"),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_not_as_the_page_says_is_a_fault(fault: str, tmp_path: Path) -> None:
    parts, message = WRONG[fault]
    done = guide("--check", page(tmp_path, *parts))
    assert done.returncode == 1, done.stdout
    assert message in done.stdout
    assert done.stderr == ""


RIGHT = {
    "code": ("python\nx = 1_000", "Of 1,000 values"),
    "output": ("python\nprint(40 + 2)", "text\n42", "It is 42, or 42.0."),
    "formula": ("$$\nx = 3.5\n$$", "So 3.5 it is."),
    "short": ("$$x = 35$$", "So 35 it is, in 2 lines; `conv2d` in [7](https://example.org/99) is none."),
    "known": ("Of 28x28 pixels and 1,234 more. <!-- known 28, 1,234 -->"),
    "chapter": ("As chapter 12 says.",),
    "words": ("Twelve values.",),
    "none": ("```toml\nx = 12\n```",),
    "tolerance": ("python\nprint('about 0.70')", "<!-- tolerance 0.02 -->", "text\nabout 0.71"),
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_a_page_may_say(case: str, tmp_path: Path) -> None:
    parts = RIGHT[case]
    done = guide("--check", page(tmp_path, *([parts] if isinstance(parts, str) else parts)))
    assert done.returncode == 0, done.stdout


def test_a_tolerance_is_for_numbers_within_it_alone(tmp_path: Path) -> None:
    for shown in ("about 0.73", "almost 0.71", "about 0.71 0.71"):
        done = guide(
            "--check", page(tmp_path, "python\nprint('about 0.70')", "<!-- tolerance 0.02 -->", f"text\n{shown}")
        )
        assert done.returncode == 1, shown


def test_a_tolerance_is_a_share_of_numbers_above_one(tmp_path: Path) -> None:
    for shown, code in (("4039", 0), ("4639", 1)):
        here = page(tmp_path, "python\nprint(4000)", "<!-- tolerance 0.1 -->", f"text\n{shown}")
        assert guide("--check", here).returncode == code


def test_what_is_printed_is_written_under_its_tolerance(tmp_path: Path) -> None:
    here = page(tmp_path, "python\nprint(0.5)", "<!-- tolerance 0.1 -->")
    assert guide(here).returncode == 0
    assert "<!-- tolerance 0.1 -->\n\n```text\n0.5\n```" in here.read_text(encoding="utf-8")


def test_writing_mends_what_a_page_shows_and_draws(tmp_path: Path) -> None:
    wrong = page(
        tmp_path, "python\nprint(41)", "text\n42", "python\nprint(43)", "python\nx = 1", "text\n1",
        f"python\n{DRAW.format(255)}", SHOW,
    )  # fmt: skip
    picture = wrong.parent / "pictures" / "blue.png"
    assert guide(wrong).returncode == 0
    text = wrong.read_text(encoding="utf-8")
    assert re.findall(r"```text\n(.*?)\n```", text) == ["41", "43"]
    assert picture.is_file()
    before = picture.read_bytes()
    assert guide("--check", wrong).returncode == 0
    wrong.write_text(text.replace("255", "254"), encoding="utf-8")
    assert guide(wrong).returncode == 0
    assert picture.read_bytes() == before  # what looks the same is left alone
    wrong.write_text(text.replace("255", "25"), encoding="utf-8")
    assert guide("--check", wrong).returncode == 1
    assert guide(wrong).returncode == 0
    assert picture.read_bytes() != before


def test_a_picture_may_differ_by_the_share_that_is_allowed(tmp_path: Path) -> None:
    strip = DRAW.format(255).replace(".save", "\npicture.paste((255, 0, 0), (0, 0, 40, 4))\npicture.save")
    strip = strip.replace("\nImage", "\npicture = Image")  # a tenth of the picture is red
    for share, code in ((0.2, 0), (0.05, 1)):
        here = page(tmp_path, f"python\n{strip}", f"<!-- alike {share} -->\n{SHOW}")
        committed = here.parent / "pictures" / "blue.png"
        committed.parent.mkdir(exist_ok=True)
        Image.new("RGB", (40, 40), (0, 0, 255)).save(committed)
        assert guide("--check", here).returncode == code


def test_a_block_finds_the_results_beside_the_guide(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "figures.json").write_text("97")
    chapter = page(tmp_path, "python\nprint(open('../results/figures.json').read())", "text\n97")
    shutil.rmtree(tmp_path / "guide" / "pictures", ignore_errors=True)
    done = guide("--check", chapter)
    assert "ResourceWarning" in done.stdout  # warnings are faults in the guide too
    chapter = page(
        tmp_path, "python\nfrom pathlib import Path\nprint(Path('../results/figures.json').read_text())", "text\n97"
    )
    assert guide("--check", chapter).returncode == 0


def test_the_command_line_runs_in_a_bash_block(tmp_path: Path) -> None:
    from inkwise import __version__

    done = guide("--check", page(tmp_path, "bash\ninkwise --version  # which is it?", f"text\n{__version__}"))
    assert done.returncode == 0, done.stdout
