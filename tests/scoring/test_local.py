"""Processes of this machine: the same bytes as one, and a process that dies costs nothing but its time."""

import multiprocessing
import os
import signal
import time
from multiprocessing import forkserver
from pathlib import Path

import pytest
from tests.forked import IMPORTED
from tests.scoring_cases import SABOTEUR, picture, rows, scored, write_zip

from inkwise.scoring import local


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes from a server that has everything imported; one test below starts them as users do."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(IMPORTED)
    forkserver.ensure_running()  # now, while signals are heard: all that it begins hears them as it does
    monkeypatch.setattr(local, "START", "forkserver")


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same_bytes(
    model: Path, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(tmp_path / "0.jsonl", digits, model=model, shard=4, labels="folders")
    scored(tmp_path / "3.jsonl", digits, model=model, shard=4, labels="folders", workers=3)
    monkeypatch.setattr(local, "START", "spawn")
    scored(tmp_path / "1.jsonl", digits, model=model, shard=4, labels="folders", workers=1)
    expected = (tmp_path / "0.jsonl").read_bytes()
    assert (tmp_path / "3.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes() == expected
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_an_image_that_brings_processes_down_costs_its_own_row(model: Path, tmp_path: Path) -> None:
    saboteur = tmp_path / "saboteur.py"
    saboteur.write_text(SABOTEUR.format(mark=str(tmp_path / "mark"), parent=os.getpid()))
    names = ("1.png", "poison.png", "unlucky.png", "4.png", "5.png")
    archive = write_zip(tmp_path / "a.zip", {name: picture(index) for index, name in enumerate(names)})
    outcome = scored(tmp_path / "o.jsonl", archive, model=model, shard=3, workers=2, register=saboteur)
    found = rows(tmp_path / "o.jsonl")
    assert [row["image"].partition("!")[2] for row in found] == list(names)
    assert [row["error"] is None for row in found] == [True, False, True, True, True]
    assert "the process that read it died over it twice" in found[1]["error"]
    assert outcome.counts.errors == 1


@pytest.mark.slow
def test_a_worker_killed_from_outside_loses_nothing(model: Path, digits: Path, tmp_path: Path) -> None:
    scored(tmp_path / "whole.jsonl", digits, model=model, shard=2)

    class Killer:
        left = 2

        def begin(self, images: int, done: int) -> None:
            """Wait for shards."""

        def advance(self, images: int) -> None:
            children = multiprocessing.active_children()
            if images and self.left and children and children[0].pid:
                self.left -= 1
                os.kill(children[0].pid, signal.SIGKILL)

    scored(tmp_path / "o.jsonl", digits, model=model, shard=2, workers=2, observer=Killer())
    assert (tmp_path / "o.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.slow
def test_workers_end_with_the_process_that_began_them(tmp_path: Path) -> None:
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:  # pragma: no cover (it is killed)
        context = multiprocessing.get_context("spawn")
        child = context.Process(target=_watch)
        child.start()
        os.write(write, str(child.pid).encode())
        time.sleep(600)
        os._exit(0)
    pid = int(os.read(read, 20))
    time.sleep(0.5)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "it lives on"
        time.sleep(0.05)


def _watch() -> None:
    import threading

    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=local._end_with, args=(parent.sentinel,), daemon=True).start()
    time.sleep(600)
