"""The page of the shipped models is what their files say."""

from scripts.model_cards import PAGE, page

from inkwise.models.shipped import NAMES


def test_the_page_is_that_of_the_files() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_model_has_its_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"\n## {name}\n" in text for name in NAMES)
