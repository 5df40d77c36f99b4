"""From a dataset's name to the `Dataset` in memory: the one door that the other rooms use.

Files are looked for in the folder given, `$INKWISE_DATA/<name>/` and the user's cache, then downloaded if the
caller allows it, which is said first. Counts, sizes, labels and hashes are checked on the way. A loaded dataset has
the splits train and test; validation is carved by the caller (`split.carve`).
"""

from pathlib import Path

from inkwise.data import idx
from inkwise.data.dataset import Dataset, Split, check_labels
from inkwise.data.fetch import Say, say_on_stderr
from inkwise.data.fetch import fetch as fetch_source
from inkwise.data.folder import read_folder
from inkwise.data.inflate import file_sha256
from inkwise.data.locate import cache_folder, find_file, not_found, places
from inkwise.data.npz import read_npz
from inkwise.data.registry import Source, SourceFile, SourceSplit, find
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError, UsageError


def load(
    name: str,
    *,
    root: Path | None = None,
    fetch: bool = False,
    offline: bool = False,
    skip_unreadable: bool = False,
    say: Say = say_on_stderr,
) -> Dataset:
    """Load a dataset by name.

    Args:
        name: A registered name (`inkwise data list`), folder:PATH or npz:PATH.
        root: A folder to look into first: of the files themselves, or with a subfolder of the dataset's name.
        fetch: Download what is missing into the user's cache.
        offline: Forbid that, whatever `fetch` says.
        skip_unreadable: folder: alone; leave out images that cannot be read.
        say: Receives messages for people: downloads, what was skipped, what could not be verified.

    Returns:
        The dataset, with the splits train and test.

    Raises:
        UnknownName: There is no such dataset.
        UsageError: folder: or npz: without a path.
        DataError: It is not on this machine and may not be fetched, or its files are damaged or inconsistent.
        FetchError: No mirror delivered it.
    """
    form, colon, rest = name.partition(":")
    if colon and form in {"folder", "npz"}:
        if not rest:
            raise UsageError(f"{name!r} lacks its path; write {form}:PATH.")
        path = _expanded(rest)
        return read_npz(path) if form == "npz" else read_folder(path, skip_unreadable=skip_unreadable, say=say)
    source = find(name)
    if source.packaged:
        return read_uci_digits()
    looked = places(source, root)
    found = next((place.folder for place in looked if place.complete), None)
    may_fetch = fetch and not offline
    cache = cache_folder(source)
    if found is None and not may_fetch:
        raise not_found(source, looked)
    if found is not None:
        if root is not None and found not in {root, root / source.name}:
            say(f"{source.name} is not in {root}; using the one in {found}.")
        try:
            return _read(source, found, say)
        except DataError as error:
            if found != cache or not may_fetch:  # only the cache is ours to mend
                raise
            say(f"The cached {source.name} is damaged: {error}")
    say(f"{source.name} is not on this machine: downloading it to {cache}.")
    fetch_source(source, cache, say=say)
    return _read(source, cache, say)


def load_or_packaged(
    name: str,
    *,
    root: Path | None = None,
    offline: bool = False,
    skip_unreadable: bool = False,
    say: Say = say_on_stderr,
) -> Dataset:
    """Load a dataset, downloading it if need be; where it cannot be had, load the packaged digits and say so loudly.

    Arguments as for `load`. The name of what is returned tells which it is.

    Raises:
        UsageError: There is no such dataset: a wrong name is never replaced.
        DataError: The packaged digits themselves are damaged.
    """
    try:
        return load(name, root=root, fetch=True, offline=offline, skip_unreadable=skip_unreadable, say=say)
    except DataError as error:
        packaged = read_uci_digits()
        bar = "=" * 100
        say(
            f"{bar}\n{name.upper()} CANNOT BE HAD. USING THE PACKAGED UCI DIGITS INSTEAD: "
            f"{len(packaged.split('train')):,} to train on, {len(packaged.split('test')):,} to test on.\n"
            f"Figures from here on are not those of {name}. Why: {error}\n{bar}"
        )
        return packaged


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DataError(f"{path} begins with ~, and there is no such home folder; write the path in full.") from error


def _read(source: Source, folder: Path, say: Say) -> Dataset:
    splits: dict[str, Split] = {}
    hashes: dict[str, str] = {}
    unverified: list[str] = []
    for listed in source.splits:
        splits[listed.name] = _read_split(source, listed, folder, hashes, unverified)
    verified = "verified by SHA-256"
    if unverified:
        verified = f"not verified: {', '.join(unverified)} not as published, though well-formed"
        say(f"{source.name} in {folder} is {verified}.")
    return Dataset(
        name=source.name,
        classes=source.classes,
        splits=splits,
        licence=source.licence,
        origin=f"IDX files in {folder}, {verified}; published at {source.home}.",
        hashes=hashes,
    )


def _read_split(
    source: Source, listed: SourceSplit, folder: Path, hashes: dict[str, str], unverified: list[str]
) -> Split:
    paths = []
    for file in (listed.images, listed.labels):
        path = find_file(folder, file.name)
        if path is None:
            raise DataError(f"{folder} lacks {file.name}; run `inkwise data fetch {source.name}`.")
        paths.append(path)
        if not _published(path, file):
            unverified.append(path.name)
    images = idx.read(paths[0], "images", sha256=listed.images.content, size=source.size)
    labels = idx.read(paths[1], "labels", sha256=listed.labels.content)
    for read in (images, labels):
        hashes[read.path.name] = read.sha256
        if len(read.values) != listed.count:
            raise DataError(
                f"{read.path} has {len(read.values):,} entries; the {listed.name} split of {source.name} has "
                f"{listed.count:,}. Run `inkwise data fetch {source.name}`."
            )
    check_labels(labels.labels(), len(source.classes), str(labels.path))
    return Split(listed.name, images.images(), labels.labels())


def _published(path: Path, file: SourceFile) -> bool:
    """Whether the file is known to be the published one; with a content hash, the reader checks that instead."""
    return file.content is not None or file_sha256(path) == file.published
