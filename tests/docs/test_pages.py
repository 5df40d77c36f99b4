"""What the pages say is run: every block of README and docs/recipes.md, in one folder, as a reader would."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from PIL import Image
from tests.forked import python

from inkwise.data.load import load
from inkwise.data.sample import PAGE

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def run(folder: Path, *words: str) -> str:
    done = python(*words, folder=folder)
    assert done.code == 0, f"{words}: {done.err}"
    return done.out


def carry_out(language: str, text: str, folder: Path) -> None:
    """Run a block; trainings take the packaged digits, so that no page needs MNIST to be tested."""
    if language == "toml" or text.startswith("# "):
        name = text.splitlines()[0].removeprefix("# ").strip()
        (folder / name).write_text(text, encoding="utf-8")
    elif language == "python":
        (folder / "block.py").write_text(text, encoding="utf-8")
        run(folder, "block.py")
    else:
        for line in text.splitlines():
            words = shlex.split(line, comments=True)
            if words[0] != "inkwise":
                continue
            target = None
            if ">" in words:
                words, target = words[: words.index(">")], words[-1]
            if words[1] == "train":
                words += ["--dataset", "uci-digits"]
            said = run(folder, "-m", *words)
            if target:
                (folder / target).write_text(said, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/recipes.md", "docs/models.md", "docs/reading.md"])
def test_every_block_of_a_page_runs(page: str, tmp_path: Path) -> None:
    test = load("uci-digits").split("test")
    Image.fromarray(test.images[0, 0].numpy()).save(tmp_path / "my-digit.png")
    shutil.copy(PAGE, tmp_path / "page.jpg")
    found = blocks(page)
    assert len(found) >= 2
    for language, text in found:
        carry_out(language, text, tmp_path)


def test_the_first_two_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    commands = [line.split("#")[0].split() for line in blocks("README.md")[0][1].splitlines()]
    assert commands == [["make", "demo"], ["make", "test"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for _, target in commands)


@pytest.mark.parametrize("page", ["docs/results/bench.md", "docs/results/tutorials.md"])
def test_the_readme_shows_the_tables_of_the_last_results(page: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(rf"<!-- table: {page} -->\n(.*?)\n<!-- end of table -->", readme, re.DOTALL)
    assert shown
    assert shown[1].strip().startswith("|")
    assert shown[1].strip() in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/recipes.md", "docs/models.md", "docs/reading.md"]
)
def test_every_link_and_picture_of_a_page_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    here = (ROOT / page).parent
    for link in (one or two for one, two in links):
        assert link.startswith("https://") or (here / link).exists(), link


def test_the_house_in_contributing_is_the_tree() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([\w.]+)/?` \|", text, re.MULTILINE))
    package = ROOT / "src" / "inkwise"
    there = {path.name for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert told == there - {"__init__.py", "__main__.py"}


def test_every_recipe_is_in_the_readme() -> None:
    from inkwise.recipes import registry

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(name in readme for name in registry.names() if "@" not in name)


def test_the_readme_is_no_longer_than_a_reader_has_patience_for() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert sum(len(line.split()) for line in lines if not line.startswith("|")) < 450  # the table aside
