from pathlib import Path

import cv2
import numpy as np
import pytest

from inkwise.data.folder import read_folder
from inkwise.errors import DataError


def draw_digit(path: Path, seed: int = 0) -> None:
    """A white page with one dark stroke, at a place that depends on the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = np.full((40, 30), 255, np.uint8)
    cv2.line(page, (10 + seed % 5, 8), (18, 30 - seed % 7), 0, 3)
    assert cv2.imwrite(str(path), page)


@pytest.fixture
def said() -> list[str]:
    return []


def fill(path: Path, counts: dict[str, int]) -> Path:
    for name, count in counts.items():
        for index in range(count):
            draw_digit(path / name / f"{index}.png", index)
    return path


def test_one_subfolder_per_class_becomes_train_and_a_sixth_held_out_as_test(tmp_path: Path, said: list[str]) -> None:
    dataset = read_folder(fill(tmp_path / "mine", {"cat": 12, "ant": 6}), say=said.append)
    assert dataset.name == "folder:mine"
    assert dataset.classes == ("ant", "cat")
    assert dataset.split("train").labels.bincount().tolist() == [5, 10]
    assert dataset.split("test").labels.bincount().tolist() == [1, 2]
    assert "a sixth held out as test by a fixed draw" in dataset.origin
    assert said == []


def test_images_come_in_mnists_form_with_ink_high(tmp_path: Path, said: list[str]) -> None:
    images = read_folder(fill(tmp_path, {"0": 6, "1": 6}), say=said.append).split("train").images
    assert images.shape[1:] == (1, 28, 28)
    assert int(images.amax()) == 255
    assert int(images[:, :, 0].amax()) == 0
    rows = images[0, 0].amax(1).nonzero()
    assert int(rows.max() - rows.min()) + 1 == 20


def test_reading_twice_gives_the_same_images_and_hashes(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 12, "1": 12})
    first, second = (read_folder(tmp_path, say=said.append) for _ in range(2))
    assert first.hashes == second.hashes
    assert set(first.hashes) == {"train", "test"}


def test_train_and_test_folders_are_taken_as_given(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path / "train", {"a": 2, "b": 3})
    fill(tmp_path / "test", {"b": 1})
    dataset = read_folder(tmp_path, say=said.append)
    assert dataset.split("train").labels.tolist() == [0, 0, 1, 1, 1]
    assert dataset.split("test").labels.tolist() == [1]
    assert dataset.split("train").name == "train"
    assert "split as given" in dataset.origin


def test_names_that_are_numbers_are_ordered_by_value(tmp_path: Path, said: list[str]) -> None:
    dataset = read_folder(fill(tmp_path, {"10": 2, "9": 2, "2": 2}), say=said.append)
    assert dataset.classes == ("2", "9", "10")


def test_hidden_files_are_passed_over_and_foreign_ones_counted(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6, "1": 6})
    (tmp_path / "0" / ".DS_Store").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / "1" / "notes.txt").write_text("not a picture")
    dataset = read_folder(tmp_path, say=said.append)
    assert dataset.classes == ("0", "1")
    assert said == [f"{tmp_path}: 1 file(s) are not pictures by name and were left out."]


def test_an_unreadable_image_is_named(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6, "1": 6})
    (tmp_path / "1" / "3.png").write_bytes(b"no picture at all")
    with pytest.raises(DataError, match=r"1/3\.png .*Remove the file, or pass --skip-unreadable"):
        read_folder(tmp_path, say=said.append)


def test_an_image_without_ink_is_named(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6, "1": 6})
    assert cv2.imwrite(str(tmp_path / "0" / "2.png"), np.full((40, 30), 255, np.uint8))
    with pytest.raises(DataError, match=r"0/2\.png shows no digit: no ink found\. Remove the file"):
        read_folder(tmp_path, say=said.append)


def test_unreadable_images_are_skipped_and_counted_when_asked(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6, "1": 7})
    (tmp_path / "1" / "3.png").write_bytes(b"no picture at all")
    dataset = read_folder(tmp_path, skip_unreadable=True, say=said.append)
    assert sum(len(split) for split in dataset.splits.values()) == 12
    assert len(said) == 1
    assert said[0].startswith(f"{tmp_path}: 1 unreadable image(s) skipped; the first: ")
    assert "3.png" in said[0]
    assert "1 unreadable image(s) skipped" in dataset.origin


def test_a_class_of_which_every_image_was_skipped_has_none(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6, "1": 0})
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.png").touch()
    with pytest.raises(DataError, match="1 has no images; each class needs at least one"):
        read_folder(tmp_path, skip_unreadable=True, say=said.append)


def test_a_missing_folder_a_file_and_an_empty_folder_are_refused(tmp_path: Path, said: list[str]) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name in ("missing", "file"):
        with pytest.raises(DataError, match=f"{name} cannot be listed as a folder"):
            read_folder(tmp_path / name, say=said.append)
    with pytest.raises(DataError, match="empty has no subfolders; folder: takes a folder with one subfolder of images"):
        read_folder(tmp_path / "empty", say=said.append)


def test_a_class_without_images_is_refused(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path, {"0": 6})
    (tmp_path / "1").mkdir()
    with pytest.raises(DataError, match="1 has no images; each class needs at least one, or remove its folder"):
        read_folder(tmp_path, say=said.append)


def test_a_single_class_is_refused(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(DataError, match="has one class folder, 7; at least two are needed"):
        read_folder(fill(tmp_path, {"7": 6}), say=said.append)


def test_train_without_test_is_refused(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path / "train", {"0": 2, "1": 2})
    with pytest.raises(DataError, match=r"has a folder train but lacks test; give both, or name folder:.*train\."):
        read_folder(tmp_path, say=said.append)


def test_a_test_class_that_train_has_not_is_refused(tmp_path: Path, said: list[str]) -> None:
    fill(tmp_path / "train", {"0": 2, "1": 2})
    fill(tmp_path / "test", {"0": 2, "5": 2})
    with pytest.raises(DataError, match="test has the class '5', which train has not; classes are 0, 1"):
        read_folder(tmp_path, say=said.append)
