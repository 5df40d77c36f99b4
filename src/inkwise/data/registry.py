"""The datasets that have a name: their files, hashes, mirrors, classes and licences, as frozen records.

A new dataset in IDX form is one more `Source` here and nothing else. No file is touched and no network used.

Where the SHA-256 of the published gzip files are from: torchvision, torchvision/prototype/datasets/_builtin/mnist.py
(all four sets); those of KMNIST and Fashion-MNIST are also given by torchvision-ruby, lib/torchvision/datasets/.
The SHA-256 of MNIST's decompressed files were computed from the published files. None is known for the other sets.
"""

from dataclasses import dataclass

from inkwise.errors import UnknownName

DIGITS = tuple(str(digit) for digit in range(10))


@dataclass(frozen=True)
class SourceFile:
    """One published file: its name and its hashes, SHA-256 in hexadecimal."""

    name: str  # as published, ending in .gz
    published: str  # of the gzip file as published
    content: str | None = None  # of the decompressed bytes, where known: right for recompressed files too


@dataclass(frozen=True)
class SourceSplit:
    """The two files of one split and how many images they hold."""

    name: str
    images: SourceFile
    labels: SourceFile
    count: int


@dataclass(frozen=True)
class Source:
    """A dataset by name: where it can be had and what it is.

    `mirrors` are folders' URLs, tried in turn. A source without mirrors is packaged with the project. `home` is the
    page to cite.
    """

    name: str
    title: str
    splits: tuple[SourceSplit, ...]
    mirrors: tuple[str, ...]
    licence: str
    home: str
    classes: tuple[str, ...] = DIGITS
    size: tuple[int, int] = (28, 28)
    packaged_counts: tuple[tuple[str, int], ...] = ()  # images per split of a packaged source, in its order

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Every file, in the order in which they are fetched."""
        return tuple(file for split in self.splits for file in (split.images, split.labels))

    @property
    def counts(self) -> dict[str, int]:
        """How many images each split has."""
        return dict(self.packaged_counts) or {split.name: split.count for split in self.splits}

    @property
    def packaged(self) -> bool:
        """Whether it comes with the project and needs no file from elsewhere."""
        return not self.mirrors


def find(name: str) -> Source:
    """Return the source called `name`, in any case and with - or _; UnknownName suggests close ones."""
    source = SOURCES.get(name.lower().replace("_", "-"))
    if source is None:
        raise UnknownName("dataset", name, [*SOURCES, "folder:PATH", "npz:PATH"])
    return source


def _four(
    published: tuple[str, str, str, str],
    content: tuple[str, str, str, str] | tuple[None, None, None, None] = (None,) * 4,
    names: tuple[str, str, str, str] = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ),
    test_count: int = 10_000,
) -> tuple[SourceSplit, SourceSplit]:
    """Arrange four files, each argument in the order train images, train labels, test images, test labels."""
    files = [SourceFile(*each) for each in zip(names, published, content, strict=True)]
    return SourceSplit("train", files[0], files[1], 60_000), SourceSplit("test", files[2], files[3], test_count)


_SOURCES = (
    Source(
        name="mnist",
        title="MNIST handwritten digits",
        splits=_four(
            published=(
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
            content=(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        licence="CC BY-SA 3.0",
        home="http://yann.lecun.com/exdb/mnist/",
    ),
    Source(
        name="fashion-mnist",
        title="Fashion-MNIST articles of clothing",
        splits=_four(
            published=(
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
        mirrors=(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        licence="MIT",
        home="https://github.com/zalandoresearch/fashion-mnist",
        classes=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
    ),
    Source(
        name="kmnist",
        title="Kuzushiji-MNIST cursive Japanese characters",
        splits=_four(
            published=(
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            ),
        ),
        mirrors=(
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
        licence="CC BY-SA 4.0",
        home="http://codh.rois.ac.jp/kmnist/",
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
    Source(
        name="qmnist",
        title="QMNIST, MNIST's digits redone from NIST, with 50,000 more to test on",
        splits=_four(
            names=(
                "qmnist-train-images-idx3-ubyte.gz",
                "qmnist-train-labels-idx2-int.gz",
                "qmnist-test-images-idx3-ubyte.gz",
                "qmnist-test-labels-idx2-int.gz",
            ),
            published=(
                "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
                "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
                "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
                "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
            ),
            test_count=60_000,
        ),
        mirrors=("https://raw.githubusercontent.com/facebookresearch/qmnist/master/",),
        licence="BSD-3-Clause",
        home="https://github.com/facebookresearch/qmnist",
    ),
    Source(
        name="uci-digits",
        title="UCI optical recognition of handwritten digits, its test set of 1,797",
        splits=(),
        mirrors=(),
        licence="CC BY 4.0",
        home="https://doi.org/10.24432/C50P49",
        packaged_counts=(("train", 1_297), ("test", 500)),
    ),
)
SOURCES = {source.name: source for source in _SOURCES}
