import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.forked import LIMIT, begin_python
from tests.scoring_cases import picture, write_digits, write_zip

Call = Callable[..., Any]


def test_labelled_images_are_scored_and_evaluated(inkwise: Call, model: Path, tmp_path: Path) -> None:
    write_digits(tmp_path / "d", 12)
    words = ("--model", model, "--labels", "folders", "--workers", 0)
    done = inkwise("score", tmp_path / "d", "--out", "o.csv", *words)
    assert done.code == 0
    assert "accuracy" in done.out
    assert "12 images in" in done.out
    assert "Rows:    o.csv (12)" in done.lines
    assert done.err == ""
    again = inkwise("score", tmp_path / "d", "--out", "o.csv", *words, "--json")
    assert again.code == 0
    told = json.loads(again.out)
    assert (told["images"], told["rows"], told["errors"], told["scored"]) == (12, 12, 0, 0)
    assert told["evaluation"]["n"] == 12
    assert "o.csv is there already, from the same images, model and settings." in again.err


def test_bad_images_end_with_1_and_how_many(inkwise: Call, model: Path, tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"1.png": picture(), "2.png": b"none", "x.txt": b"", "../3.png": b""})
    done = inkwise("score", tmp_path / "a.zip", "--out", "o.jsonl", "--model", model, "--workers", 0)
    assert done.code == 1
    told = " ".join(done.err.split())
    assert "Left out, since they are no pictures by their names: 1 file." in told
    assert "inkwise: 2 images could not be read; the first:" in told
    assert "2.png is not an image of a known format" in told


def test_without_a_path_it_is_wrong_use(inkwise: Call) -> None:
    done = inkwise("score", "--out", "o.csv")
    assert (done.code, done.err) == (
        2,
        "inkwise: No path was given; name images, folders, archives or lists.\n",
    )


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_says_the_command(model: Path, tmp_path: Path) -> None:
    write_digits(tmp_path / "d", 40)
    words = ["score", "d", "--out", "o.csv", "--model", str(model), "--shard", "2", "--workers", "1", "--quiet"]
    begun = begin_python("-m", "inkwise", *words, folder=tmp_path)
    shards = tmp_path / "o.csv.parts" / "shards"
    deadline = time.monotonic() + LIMIT
    while not list(shards.rglob("*.jsonl")) and begun.alive:
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.005)
    assert begun.process.pid is not None
    os.kill(begun.process.pid, signal.SIGINT)
    done = begun.end()
    assert done.code == 130, done.err
    assert done.err.split() == f"Stopped; what is done is kept. Continue with: inkwise {' '.join(words)}".split()
    assert list(shards.rglob("*.jsonl"))
    again = subprocess.run([sys.executable, "-m", "inkwise", *words], cwd=tmp_path, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 41
