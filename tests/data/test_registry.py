import re

import pytest

from inkwise.data.registry import SOURCES, find
from inkwise.errors import UnknownName

SOURCE_NAMES = ["mnist", "fashion-mnist", "kmnist", "qmnist", "uci-digits"]


def test_the_named_datasets_are_these() -> None:
    assert list(SOURCES) == SOURCE_NAMES


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_every_source_is_complete(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name
    assert source.title
    assert source.licence
    assert source.home.startswith("http")
    assert len(set(source.classes)) == len(source.classes) == 10
    assert set(source.counts) == {"train", "test"}
    assert all(count > 0 for count in source.counts.values())


@pytest.mark.parametrize("name", [name for name in SOURCE_NAMES if not SOURCES[name].packaged])
def test_every_fetched_source_has_four_hashed_files_and_mirrors_that_are_folders(name: str) -> None:
    source = SOURCES[name]
    assert [split.name for split in source.splits] == ["train", "test"]
    assert len({file.name for file in source.files}) == len({file.published for file in source.files}) == 4
    for file in source.files:
        assert file.name.endswith(".gz")
        assert re.fullmatch("[0-9a-f]{64}", file.published)
        assert file.content is None or re.fullmatch("[0-9a-f]{64}", file.content)
    assert all(re.fullmatch(r"https?://\S+/", mirror) for mirror in source.mirrors)


def test_no_two_files_share_a_hash() -> None:
    hashes = [hash_ for source in SOURCES.values() for file in source.files for hash_ in (file.published, file.content)]
    known = [hash_ for hash_ in hashes if hash_ is not None]
    assert len(known) == len(set(known)) == 20


@pytest.mark.parametrize("written", ["fashion-mnist", "Fashion-MNIST", "fashion_mnist"])
def test_a_name_is_found_in_any_case_with_either_dash(written: str) -> None:
    assert find(written).name == "fashion-mnist"


def test_an_unknown_name_suggests_a_close_one_or_lists_them_all() -> None:
    with pytest.raises(UnknownName, match=r"There is no dataset 'mnits'\. Did you mean .*'mnist'"):
        find("mnits")
    with pytest.raises(UnknownName, match="Accepted: fashion-mnist, folder:PATH, kmnist, mnist, npz:PATH"):
        find("zzzzzzzz")
