import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from inkwise.data import registry
from inkwise.data.idx import write_images, write_labels
from inkwise.data.load import load, load_or_packaged
from inkwise.data.registry import Source, SourceFile, SourceSplit
from inkwise.errors import DataError, FetchError, UnknownName, UsageError

IMAGES = torch.arange(6 * 28 * 28).remainder(255).to(torch.uint8).reshape(6, 1, 28, 28)
LABELS = torch.tensor([0, 1, 2, 0, 1, 2])
NAMES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images.gz", "t10k-labels.gz"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("INKWISE_DATA", raising=False)


@pytest.fixture
def said() -> list[str]:
    return []


def write_tiny(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for images, labels in (NAMES[:2], NAMES[2:]):
        write_images(folder / images, IMAGES)
        write_labels(folder / labels, LABELS)
    return folder


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """A registered dataset of six images, on a mirror on this machine."""
    folder = write_tiny(tmp_path / "mirror")
    files = [SourceFile(name, hashlib.sha256((folder / name).read_bytes()).hexdigest()) for name in NAMES]
    splits = (SourceSplit("train", files[0], files[1], 6), SourceSplit("test", files[2], files[3], 6))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        mirrors = (f"http://127.0.0.1:{http.server_port}/",)
        source = Source("tiny", "Tiny", splits, mirrors, "CC0", "http://127.0.0.1/", ("a", "b", "c"))
        monkeypatch.setitem(registry.SOURCES, "tiny", source)
        yield source
        http.shutdown()
        thread.join()


def test_mnist_is_whole_and_verified(mnist_root: Path, said: list[str]) -> None:
    dataset = load("mnist", root=mnist_root, say=said.append)
    assert {name: len(split) for name, split in dataset.splits.items()} == {"train": 60_000, "test": 10_000}
    assert dataset.split("train").labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert round(float(dataset.split("train").images.float().mean()) / 255, 4) == 0.1307
    assert dataset.hashes["t10k-labels-idx1-ubyte.gz"].startswith("ff7bcfd4")
    assert "verified by SHA-256" in dataset.origin
    assert said == []


@pytest.mark.parametrize("where", ["root", "root/tiny", "variable/tiny", "cache/inkwise/tiny"])
def test_a_dataset_is_found_in_each_place(
    tiny: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, said: list[str]
) -> None:
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "variable"))
    write_tiny(tmp_path / where)
    dataset = load("tiny", root=tmp_path / "root" if "root" in where else None, say=said.append)
    assert torch.equal(dataset.split("train").images, IMAGES)
    assert torch.equal(dataset.split("test").labels, LABELS)
    assert (dataset.name, dataset.classes, dataset.licence) == ("tiny", ("a", "b", "c"), "CC0")
    assert str(tmp_path / where) in dataset.origin
    assert said == []


def test_another_place_than_the_folder_given_is_said(tiny: Source, tmp_path: Path, said: list[str]) -> None:
    write_tiny(tmp_path / "cache" / "inkwise" / "tiny")
    load("tiny", root=tmp_path / "root", say=said.append)
    assert said == [f"tiny is not in {tmp_path / 'root'}; using the one in {tmp_path / 'cache/inkwise/tiny'}."]


def test_raw_files_are_read_and_said_to_be_unverified(tiny: Source, tmp_path: Path, said: list[str]) -> None:
    for images, labels in (NAMES[:2], NAMES[2:]):
        write_images(tmp_path / images.removesuffix(".gz"), IMAGES)
        write_labels(tmp_path / labels.removesuffix(".gz"), LABELS)
    dataset = load("tiny", root=tmp_path, say=said.append)
    assert torch.equal(dataset.split("train").images, IMAGES)
    assert "not verified: train-images-idx3-ubyte, " in dataset.origin
    assert "not verified: train-images-idx3-ubyte, " in said[0]


@pytest.mark.parametrize("offline", [False, True])
def test_a_missing_dataset_is_told_with_where_and_what_to_do(tiny: Source, tmp_path: Path, offline: bool) -> None:
    with pytest.raises(DataError, match=r"tiny is not on this machine; looked in .*root; .*`inkwise data fetch tiny`"):
        load("tiny", root=tmp_path / "root", fetch=offline, offline=offline)
    assert not (tmp_path / "cache").exists()


def test_a_missing_dataset_is_downloaded_to_the_cache_when_asked_and_that_is_said_first(
    tiny: Source, tmp_path: Path, said: list[str]
) -> None:
    dataset = load("tiny", fetch=True, say=said.append)
    assert torch.equal(dataset.split("train").images, IMAGES)
    assert said[0] == f"tiny is not on this machine: downloading it to {tmp_path / 'cache/inkwise/tiny'}."
    assert "verified by SHA-256" in dataset.origin
    said.clear()
    load("tiny", say=said.append)
    assert said == []


def test_a_damaged_cache_is_mended_when_fetching_is_allowed(tiny: Source, tmp_path: Path, said: list[str]) -> None:
    folder = write_tiny(tmp_path / "cache" / "inkwise" / "tiny")
    (folder / NAMES[0]).write_bytes((folder / NAMES[0]).read_bytes()[:50])
    with pytest.raises(DataError, match="is truncated"):
        load("tiny", say=said.append)
    dataset = load("tiny", fetch=True, say=said.append)
    assert torch.equal(dataset.split("train").images, IMAGES)
    assert said[0].startswith("The cached tiny is damaged: ")


def test_a_damaged_folder_of_the_users_is_never_replaced(tiny: Source, tmp_path: Path, said: list[str]) -> None:
    folder = write_tiny(tmp_path / "root")
    (folder / NAMES[0]).write_bytes(b"mine")
    with pytest.raises(DataError, match="is not an IDX file of images"):
        load("tiny", root=folder, fetch=True, say=said.append)
    assert (folder / NAMES[0]).read_bytes() == b"mine"


def test_swapped_files_wrong_counts_and_wrong_sizes_name_the_file(tiny: Source, tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "root")
    (folder / NAMES[0]).write_bytes((folder / NAMES[1]).read_bytes())
    with pytest.raises(
        DataError, match=r"train-images-idx3-ubyte\.gz holds labels, not images: are the two .* swapped"
    ):
        load("tiny", root=folder)
    write_images(folder / NAMES[0], IMAGES[:4])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz has 4 entries; the train split of tiny has 6"):
        load("tiny", root=folder)
    write_images(folder / NAMES[0], IMAGES[:, :, :20])
    with pytest.raises(DataError, match="has images of 20x28 pixels; expected 28x28"):
        load("tiny", root=folder)


def test_labels_outside_the_classes_name_the_file_the_value_and_the_position(tiny: Source, tmp_path: Path) -> None:
    folder = write_tiny(tmp_path / "root")
    write_labels(folder / NAMES[1], torch.tensor([0, 1, 2, 3, 4, 0]))
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte\.gz: label 3 at position 3 is outside .* 0 to 2"):
        load("tiny", root=folder)


def test_mnist_of_other_content_is_refused(mnist_root: Path, tmp_path: Path) -> None:
    for file in registry.SOURCES["mnist"].files:
        (tmp_path / file.name).symlink_to(mnist_root / file.name)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    write_labels(tmp_path / "t10k-labels-idx1-ubyte.gz", torch.zeros(10_000, dtype=torch.int64))
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is not the published file"):
        load("mnist", root=tmp_path)


def test_the_packaged_digits_need_no_files() -> None:
    assert len(load("uci-digits", offline=True).split("test")) == 500


def test_a_folder_and_an_archive_are_loaded_by_their_forms(tmp_path: Path, said: list[str]) -> None:
    for index in range(12):
        page = np.full((30, 30), 255, np.uint8)
        cv2.line(page, (12, 5), (15 + index % 3, 24), 0, 3)
        (tmp_path / "pages" / str(index % 2)).mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(tmp_path / "pages" / str(index % 2) / f"{index}.png"), page)
    np.savez(tmp_path / "set.npz", images=IMAGES.numpy(), labels=LABELS.numpy())
    assert load(f"folder:{tmp_path / 'pages'}", say=said.append).name == "folder:pages"
    assert load(f"npz:{tmp_path / 'set.npz'}").name == "npz:set.npz"
    (tmp_path / "pages" / "0" / "broken.png").touch()
    with pytest.raises(DataError, match=r"broken\.png"):
        load(f"folder:{tmp_path / 'pages'}", say=said.append)
    load(f"folder:{tmp_path / 'pages'}", skip_unreadable=True, say=said.append)
    assert "1 unreadable image(s) skipped" in said[-1]


def test_an_unknown_name_suggests_a_close_one() -> None:
    with pytest.raises(UnknownName, match="There is no dataset 'mnits'"):
        load("mnits")
    with pytest.raises(UnknownName, match="There is no dataset 'zip:x'"):
        load("zip:x")


@pytest.mark.parametrize("form", ["folder", "npz"])
def test_a_form_without_its_path_is_wrong_use(form: str) -> None:
    with pytest.raises(UsageError, match=f"'{form}:' lacks its path; write {form}:PATH"):
        load(f"{form}:")


def test_a_home_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DataError, match="begins with ~, and there is no such home folder"):
        load("npz:~nobody-of-that-name/x.npz")


def test_where_nothing_can_be_had_the_packaged_digits_stand_in_loudly(tiny: Source, said: list[str]) -> None:
    dataset = load_or_packaged("tiny", offline=True, say=said.append)
    assert dataset.name == "uci-digits"
    assert "TINY CANNOT BE HAD. USING THE PACKAGED UCI DIGITS INSTEAD: 1,297 to train on, 500" in said[-1]
    assert "Figures from here on are not those of tiny. Why: tiny is not on this machine" in said[-1]


def test_a_mirror_that_is_out_of_reach_is_a_reason_to_stand_in(
    tiny: Source, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    gone = Source("gone", "Gone", tiny.splits, ("http://127.0.0.1:1/",), "CC0", "http://127.0.0.1/", tiny.classes)
    monkeypatch.setitem(registry.SOURCES, "gone", gone)
    with pytest.raises(FetchError, match="could not be fetched"):
        load("gone", fetch=True, say=said.append)
    assert load_or_packaged("gone", say=said.append).name == "uci-digits"
    assert "Connection refused" in said[-1]


def test_what_can_be_had_is_not_replaced(tiny: Source, said: list[str]) -> None:
    assert load_or_packaged("tiny", say=said.append).name == "tiny"


def test_a_wrong_name_is_never_replaced() -> None:
    with pytest.raises(UnknownName):
        load_or_packaged("mnits")


def test_without_a_listener_messages_go_to_standard_error(tiny: Source, capsys: pytest.CaptureFixture[str]) -> None:
    load_or_packaged("tiny", offline=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "USING THE PACKAGED UCI DIGITS" in captured.err
