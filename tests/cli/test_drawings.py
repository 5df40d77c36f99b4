import os
from pathlib import Path

from inkwise.cli.drawings import Drawings


def test_each_page_of_each_picture_has_a_file_of_its_own(tmp_path: Path) -> None:
    images = ("a/scan.tiff", "b/scan.png", "b/scan.png", "scan-page-2.png", "-")
    drawings = Drawings(tmp_path, images)
    places = [drawings.place(image, number) for image, number in [(images[0], 1), *((image, 2) for image in images)]]
    assert len({place.name.casefold() for place in places}) == len(places)
    assert all(place.parent == tmp_path and place.suffix == ".png" for place in places)
    assert places[0].name == "scan-read.png"
    assert places[-1].name == "standard-input-page-2-read.png"


def test_no_picture_that_was_given_is_drawn_over(tmp_path: Path) -> None:
    given = tmp_path / "page-read.png"
    given.touch()
    (tmp_path / "link").symlink_to(tmp_path)
    drawings = Drawings(tmp_path / "link", (str(given), "page.png"))
    assert drawings.place("page.png", 1).name == "page-read-2.png"


def test_names_that_differ_in_capitals_alone_are_one(tmp_path: Path) -> None:
    drawings = Drawings(tmp_path, ("Page.png", "page.png"))
    assert drawings.place("Page.png", 1).name == "Page-read.png"
    assert drawings.place("page.png", 1).name == "page-read-2.png"


def test_a_name_as_long_as_names_may_be_has_a_drawing_too(tmp_path: Path) -> None:
    longest = "ü" * 125 + ".png"
    place = Drawings(tmp_path, (longest,)).place(longest, 1)
    assert len(os.fsencode(place.name)) < 200
    place.touch()
