import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from inkwise.cli.data import app
from inkwise.data import registry
from inkwise.data.idx import write_images, write_labels
from inkwise.data.registry import Source, SourceFile, SourceSplit
from inkwise.errors import DataError, UnknownName, UsageError

Run = Callable[..., tuple[str, str]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("INKWISE_DATA", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `inkwise data ...` in this process and return what it printed on stdout and stderr."""

    def call(*tokens: str) -> tuple[str, str]:
        app(tokens, result_action="return_value", exit_on_error=False)
        captured = capsys.readouterr()
        return captured.out, captured.err

    return call


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """A registered dataset of three images, on a mirror on this machine."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    files = []
    for index in range(4):
        path = folder / f"{index}.gz"
        if index % 2:
            write_labels(path, torch.arange(3))
        else:
            write_images(path, torch.zeros((3, 1, 28, 28), dtype=torch.uint8))
        files.append(SourceFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest()))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        splits = (SourceSplit("train", files[0], files[1], 3), SourceSplit("test", files[2], files[3], 3))
        mirrors = (f"http://127.0.0.1:{http.server_port}/",)
        source = Source("tiny", "Tiny", splits, mirrors, "CC0", "http://127.0.0.1/")
        monkeypatch.setitem(registry.SOURCES, "tiny", source)
        yield source
        http.shutdown()
        thread.join()


def rows_of(text: str) -> dict[str, Any]:
    return {row["name"]: row for row in json.loads(text)}


def test_list_shows_every_dataset_with_where_it_is(run: Run) -> None:
    out, _ = run("list")
    assert all(name in out for name in registry.SOURCES)
    assert "not here" in out
    assert "with Inkwise" in out
    assert "CC BY-SA 4.0" in out
    assert "folder:PATH" in out
    assert "npz:PATH" in out


def test_list_as_json_has_the_same_for_machines(run: Run, tiny: Source, tmp_path: Path) -> None:
    rows = rows_of(run("list", "--json", "--data", str(tmp_path / "mirror"))[0])
    assert list(rows) == list(registry.SOURCES)
    assert rows["uci-digits"]["images"] == {"train": 1297, "test": 500}
    assert rows["mnist"]["where"] is None
    assert rows["tiny"]["where"] == str(tmp_path / "mirror")


def test_fetch_brings_a_dataset_to_the_cache(run: Run, tiny: Source, tmp_path: Path) -> None:
    out, err = run("fetch", "tiny")
    assert out == ""
    assert f"tiny is in {tmp_path / 'cache/inkwise/tiny'}, whole and verified." in err
    assert rows_of(run("list", "--json")[0])["tiny"]["where"] == str(tmp_path / "cache" / "inkwise" / "tiny")


def test_fetch_brings_a_dataset_to_a_folder_of_its_name(run: Run, tiny: Source, tmp_path: Path) -> None:
    out, _ = run("fetch", "tiny", "uci-digits", "--data", str(tmp_path / "mine"), "--json")
    rows = rows_of(out)
    assert rows["tiny"]["folder"] == str(tmp_path / "mine" / "tiny")
    assert rows["tiny"]["files"] == ["0.gz", "1.gz", "2.gz", "3.gz"]
    assert rows["uci-digits"]["folder"] is None
    assert (tmp_path / "mine" / "tiny" / "3.gz").is_file()


def test_fetch_mends_a_folder_of_the_files_in_place(run: Run, tiny: Source, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "0.gz").touch()
    run("fetch", "tiny", "--data", str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "0.gz").read_bytes() == (tmp_path / "mirror" / "0.gz").read_bytes()
    assert not (tmp_path / "mine" / "tiny").exists()


def test_fetch_of_nothing_and_of_an_unknown_name_are_wrong_use(run: Run, tiny: Source, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="Nothing to fetch was named; accepted are mnist, fashion-mnist, kmnist, qmnist"
    ):
        run("fetch")
    with pytest.raises(UnknownName, match="There is no dataset 'mnits'"):
        run("fetch", "tiny", "mnits")
    assert not (tmp_path / "cache").exists()


def test_show_has_counts_size_licence_origin_and_hashes(run: Run) -> None:
    out, _ = run("show", "uci-digits")
    for needed in ("1,297", "500", "28x28 pixels", "CC BY 4.0", "Packaged with Inkwise", "87ff0c9e40dc7e2c"):
        assert needed in out


def test_show_as_json_counts_every_class(run: Run) -> None:
    facts = json.loads(run("show", "uci-digits", "--json")[0])
    assert facts["splits"]["test"] == {"images": 500, "per_class": [50, 51, 49, 51, 51, 51, 51, 50, 46, 50]}
    assert (facts["height"], facts["width"]) == (28, 28)
    assert facts["classes"] == list("0123456789")
    assert list(facts["hashes"]) == ["uci-digits.npz"]


def test_show_looks_into_the_folder_given(run: Run, tiny: Source, tmp_path: Path) -> None:
    facts = json.loads(run("show", "tiny", "--data", str(tmp_path / "mirror"), "--json")[0])
    assert facts["splits"]["train"]["per_class"] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_show_saves_a_sheet_of_samples(run: Run, tmp_path: Path) -> None:
    out, err = run("show", "uci-digits", "--figure", str(tmp_path / "sheet.png"), "--json")
    assert json.loads(out)["name"] == "uci-digits"
    assert err == f"Samples saved to {tmp_path / 'sheet.png'}.\n"
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["missing/sheet.png", "sheet.nonsense"])
def test_a_sheet_that_cannot_be_written_is_named(run: Run, tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"cannot be written .*; name a PNG file in a folder that exists"):
        run("show", "uci-digits", "--figure", str(tmp_path / name))


def test_show_of_a_missing_dataset_says_what_to_do(run: Run) -> None:
    with pytest.raises(DataError, match="`inkwise data fetch mnist`"):
        run("show", "mnist")


@pytest.mark.parametrize("tokens", [["list"], ["fetch", "uci-digits"], ["show", "--help"]])
def test_listing_fetching_and_help_do_not_import_torch(tokens: list[str]) -> None:
    program = (
        "import sys; from inkwise.cli.data import app; "
        f"app({tokens!r}, result_action='return_value'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("verb", ["list", "fetch", "show"])
def test_every_help_shows_an_example(run: Run, verb: str) -> None:
    assert f"Example: inkwise data {verb}" in run(verb, "--help")[0]
