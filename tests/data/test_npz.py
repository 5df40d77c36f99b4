import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkwise.data import npz
from inkwise.data.npz import read_arrays, read_npz
from inkwise.errors import DataError

IMAGES = np.arange(12 * 28 * 28, dtype=np.uint32).reshape(12, 28, 28).astype(np.uint8)
LABELS = np.arange(12) % 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "set.npz"


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def test_kerass_names_are_read_and_28x28_is_taken_as_it_is(path: Path) -> None:
    save(path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:3], y_test=LABELS[:3])
    dataset = read_npz(path)
    assert dataset.name == "npz:set.npz"
    assert dataset.classes == tuple("0123456789")
    assert torch.equal(dataset.split("train").images, torch.from_numpy(IMAGES)[:, None])
    assert dataset.split("train").labels.tolist() == LABELS.tolist()
    assert len(dataset.split("test")) == 3
    assert dataset.origin == f"Read from {path}."
    assert len(dataset.hashes["set.npz"]) == 64


def test_medmnists_names_are_read_with_labels_in_a_column(path: Path) -> None:
    column = LABELS.astype(np.uint8)[:, None]
    save(path, train_images=IMAGES, train_labels=column, test_images=IMAGES, test_labels=column, val_images=IMAGES)
    dataset = read_npz(path)
    assert dataset.split("train").labels.tolist() == LABELS.tolist()
    assert "val_images left unused" in dataset.origin


def test_of_one_split_a_sixth_is_held_out(path: Path) -> None:
    dataset = read_npz(save(path, images=IMAGES, labels=LABELS))
    assert dataset.split("train").labels.bincount().tolist() == [5, 5]
    assert dataset.split("test").labels.bincount().tolist() == [1, 1]
    assert "a sixth held out as test by a fixed draw, stratified by class" in dataset.origin


@pytest.mark.parametrize("shape", [(12, 28, 28), (12, 1, 28, 28), (12, 28, 28, 1)])
def test_each_accepted_shape_gives_the_same_images(path: Path, shape: tuple[int, ...]) -> None:
    dataset = read_npz(save(path, x_train=IMAGES.reshape(shape), y_train=LABELS, x_test=IMAGES, y_test=LABELS))
    assert torch.equal(dataset.split("train").images, dataset.split("test").images)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_floats_from_0_to_1_become_0_to_255(path: Path, kind: type[np.floating[Any]]) -> None:
    floats = (IMAGES / 255).astype(kind)
    dataset = read_npz(save(path, x_train=floats, y_train=LABELS, x_test=IMAGES, y_test=LABELS))
    assert torch.equal(dataset.split("train").images, dataset.split("test").images)


def test_columnwise_arrays_are_read_right(path: Path) -> None:
    turned = np.asfortranarray(IMAGES)
    dataset = read_npz(save(path, x_train=turned, y_train=LABELS, x_test=IMAGES, y_test=LABELS))
    assert torch.equal(dataset.split("train").images, dataset.split("test").images)


def test_other_sizes_are_normalised_and_the_origin_says_so(path: Path) -> None:
    large = np.zeros((12, 64, 50), np.uint8)
    large[:, 10:50, 20:26] = 255
    dataset = read_npz(save(path, images=large, labels=LABELS))
    train = dataset.split("train").images
    assert train.shape[1:] == (1, 28, 28)
    assert int((train[0, 0].amax(1) > 127).sum()) == 20
    assert "images of 64x50 normalised to 28x28" in dataset.origin


def test_an_array_of_classes_names_them_and_sets_their_number(path: Path) -> None:
    arrays = {"images": IMAGES, "labels": LABELS}
    assert read_npz(save(path, **arrays, classes=np.array(["ant", "bee"]))).classes == ("ant", "bee")
    assert read_npz(save(path, **arrays, classes=np.array([b"ant", b"bee"]))).classes == ("ant", "bee")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"pictures": IMAGES}, r"has the arrays pictures; accepted are x_train, y_train, x_test, y_test; or"),
    ({"images": IMAGES, "labels": LABELS[:5]}, "12 images in images but 5 labels in labels; each image needs one"),
    ({"images": IMAGES, "labels": LABELS + 9}, "labels: label 10 at position 1 is outside the classes; .* 0 to 9"),
    ({"images": IMAGES, "labels": LABELS - 1}, "labels: label -1 at position 0 is outside the classes"),
    ({"images": IMAGES, "labels": np.uint64(2**64 - 1) - LABELS.astype(np.uint64)}, "is outside the classes"),
    ({"images": IMAGES, "labels": LABELS / 2}, r"labels is float64 of shape \(12,\); accepted are whole numbers"),
    ({"images": IMAGES, "labels": LABELS.reshape(6, 2)}, r"labels is int64 of shape \(6, 2\); accepted are whole"),
    ({"images": IMAGES[0], "labels": LABELS}, r"images has the shape \(28, 28\); accepted are \(N, H, W\)"),
    ({"images": np.zeros((12, 28, 28, 3), np.uint8), "labels": LABELS}, r"has the shape \(12, 28, 28, 3\)"),
    ({"images": IMAGES[:0], "labels": LABELS[:0]}, r"has the shape \(0, 28, 28\).*with no axis empty"),
    ({"images": IMAGES.astype(np.int32), "labels": LABELS}, "has the type int32; accepted are uint8, and floats in"),
    ({"images": IMAGES.astype(np.float32), "labels": LABELS}, r"values from 0 to 255; floats must lie in \[0, 1\]"),
    ({"images": np.full((12, 28, 28), np.nan), "labels": LABELS}, "values from nan to nan"),
    ({"images": IMAGES, "labels": LABELS, "classes": np.array([1, 2])}, "classes is int64 of shape .* list of two or"),
    ({"images": IMAGES, "labels": np.array([None] * 12)}, "the array labels holds Python objects, which are never"),
    ({"images": IMAGES[:2], "labels": LABELS[:2]}, "2 images are too few to hold 17% out"),
]


@pytest.mark.parametrize(("arrays", "message"), REFUSED)
def test_what_is_not_accepted_is_refused_in_one_sentence(path: Path, arrays: dict[str, Any], message: str) -> None:
    np.savez(path, allow_pickle=True, **arrays)
    with pytest.raises(DataError, match=message):
        read_npz(path)


def test_a_missing_file_says_what_npz_takes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.npz does not exist; npz: takes the path of a numpy \.npz file"):
        read_npz(tmp_path / "gone.npz")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 nearly"])
def test_another_kind_of_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"set\.npz is not a numpy \.npz file, or is damaged"):
        read_npz(path)


def test_a_truncated_archive_is_refused(path: Path) -> None:
    save(path, images=IMAGES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="or is damaged"):
        read_npz(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(path, images=IMAGES, labels=LABELS)
    monkeypatch.setattr(npz, "MAX_BYTES", 1000)
    with pytest.raises(DataError, match=r"unpacks to [\d,]+ bytes; at most 1,000 are accepted"):
        read_npz(path)


def test_an_array_whose_shape_promises_more_than_its_bytes_is_refused(path: Path) -> None:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 28, 28)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", stream.getvalue() + bytes(10))
    with pytest.raises(DataError, match=r"images\.npy has 10 bytes for a shape of \(1000000000, 28, 28\)"):
        read_npz(path)


@given(position=st.integers(0, 4000), value=st.integers(0, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore:.*header parsing")
def test_a_changed_byte_raises_nothing_but_data_errors(path: Path, position: int, value: int) -> None:
    np.savez_compressed(path, images=IMAGES[:6], labels=LABELS[:6])
    content = bytearray(path.read_bytes())
    content[position % len(content)] = value
    path.write_bytes(content)
    message = str(path)
    try:
        read_arrays(path)
    except DataError as error:
        message = str(error)
    assert str(path) in message
