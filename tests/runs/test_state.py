"""The resume state: comes back exactly, and is refused in one sentence where it is not what was written."""

import pickle
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from inkwise.errors import RunError
from inkwise.runs.run import Run
from inkwise.runs.state import FORMAT, read_state, write_state

STATE: dict[str, Any] = {
    "step": 7,
    "loss": 0.1 + 0.2,
    "weights": torch.arange(1000.0).reshape(10, 10, 10),
    "last": torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last),
    "half": torch.rand(5).bfloat16(),
    "nested": {"betas": (0.9, 0.999), "rows": [{"split": "train", "epoch": 0.5}], "none": None, "fused": True},
}


def test_a_state_comes_back_exactly_strides_and_types_too(run: Run) -> None:
    write_state(run, STATE)
    found = read_state(run)
    assert found is not None
    assert found.keys() == STATE.keys()
    for name in ("weights", "last", "half"):
        assert torch.equal(found[name], STATE[name])
        assert (found[name].dtype, found[name].stride()) == (STATE[name].dtype, STATE[name].stride())
    for name in ("step", "loss", "nested"):
        assert found[name] == STATE[name]


def test_before_the_first_state_there_is_none_and_its_events_are_dropped(run: Run) -> None:
    run.append_event("start")
    assert read_state(run) is None
    assert run.events() == []


def test_events_after_the_state_are_dropped_when_it_is_read(run: Run) -> None:
    run.append_event("start")
    write_state(run, STATE)
    run.append_event("step")
    with run.events_file.open("a") as file:
        file.write('{"half')
    read_state(run)
    assert [event["kind"] for event in run.events()] == ["start"]


def damage(run: Run, change: Any) -> None:
    whole = bytearray(run.state_file.read_bytes())
    run.state_file.write_bytes(change(whole))


def flip(content: bytearray) -> bytes:
    """Change one byte of the weights, where the archive's own structure does not show it."""
    place = content.index(torch.arange(1000.0).numpy().tobytes()) + 2000
    content[place] ^= 1
    return bytes(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda content: content[:100],
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda _: b"not an archive at all",
        lambda content: bytes(len(content)),
        flip,
    ],
    ids=["empty", "head", "one-short", "half", "text", "zeros", "one-bit"],
)
def test_a_damaged_state_is_one_sentence_that_says_what_is_left(run: Run, change: Any) -> None:
    write_state(run, STATE)
    damage(run, change)
    with pytest.raises(RunError) as caught:
        read_state(run)
    assert str(caught.value) == (
        f"{run.state_file} is damaged, so {run.folder} cannot be resumed; train again under another name. "
        "The models beside it (best.safetensors, last.safetensors) are files of their own."
    )


@pytest.mark.parametrize("content", [[], {}, {"format": 1}, {"format": "x", "events": 0, "state": {}}])
def test_an_archive_of_something_else_is_damaged(run: Run, content: Any) -> None:
    torch.save(content, run.state_file)
    with pytest.raises(RunError, match="is damaged, so"):
        read_state(run)


def test_a_state_from_the_future_says_so_even_where_its_form_changed(run: Run) -> None:
    run.append_event("start")
    torch.save({"format": FORMAT + 1, "other": 3}, run.state_file)
    with pytest.raises(RunError, match=rf"of a newer Inkwise \(format {FORMAT + 1}, known is {FORMAT}\); update"):
        read_state(run)
    assert run.events()  # what is not understood is not touched


class Malice:
    """Runs a command when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


def test_code_in_a_state_is_refused_and_not_run(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "executed"
    for write in (
        lambda: torch.save({"format": 1, "events": 0, "state": Malice(target)}, run.state_file),
        lambda: run.state_file.write_bytes(pickle.dumps(Malice(target))),
        lambda: torch.save({"format": 1, "events": 0, "state": Malice(target)}, run.state_file,
                           _use_new_zipfile_serialization=False),
    ):  # fmt: skip
        write()
        with pytest.raises(RunError, match="is damaged, so"):
            read_state(run)
    assert not target.exists()
    # The same bytes do run where they are trusted: the attack was real.
    pickle.loads(pickle.dumps(Malice(target)))  # noqa: S301
    assert target.exists()


def test_the_checksums_that_are_checked_are_really_written(run: Run) -> None:
    write_state(run, STATE)
    with zipfile.ZipFile(run.state_file) as archive:
        assert all(member.CRC for member in archive.infolist() if member.file_size > 8)


@pytest.fixture
def short_of_room() -> Iterator[None]:
    """No file of this process may grow beyond 20,000 bytes."""
    resource = pytest.importorskip("resource", reason="limits on files are POSIX's")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_state_that_finds_no_room_is_one_sentence_and_the_old_one_stays(run: Run, short_of_room: None) -> None:
    write_state(run, STATE)
    before = run.state_file.read_bytes()
    with pytest.raises(RunError, match=rf"Cannot write {run.state_file}: .*; free some space"):
        write_state(run, {**STATE, "large": torch.rand(100_000)})
    assert run.state_file.read_bytes() == before
    assert [path.name for path in run.state_file.parent.iterdir()] == ["training.pt"]
