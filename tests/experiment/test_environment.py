"""What is kept of machine and data is plain values that JSON holds."""

import json
import os
import subprocess
import sys

import pytest
import torch

from inkwise.data.load import load
from inkwise.experiment import environment
from inkwise.experiment.environment import describe, machine, onednn, speed
from inkwise.training.device import Compute


def test_it_is_json_and_names_what_a_reader_needs() -> None:
    compute = Compute(torch.device("cpu"), torch.bfloat16, "because")
    found = json.loads(json.dumps(describe(compute, load("uci-digits"))))
    assert (found["device"], found["precision"], found["compute"]) == ("cpu", "bfloat16", "because")
    assert found["threads"] == torch.get_num_threads()
    assert found["dataset"]["hashes"] == dict(load("uci-digits").hashes)
    assert found["dataset"]["licence"]


def test_the_machine_has_a_processor_and_versions() -> None:
    here = machine()
    assert here["processor"]
    assert here["versions"]["torch"].startswith(torch.__version__.split("+")[0])


def test_what_changes_speed_is_kept_with_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    found = describe(Compute(torch.device("cpu"), torch.float32, "because"), load("uci-digits"))
    assert found["onednn"] == onednn()
    assert found["variables"] == speed()["variables"]
    assert speed()["variables"]["OMP_NUM_THREADS"] == "1"
    assert "MKL_NUM_THREADS" not in speed()["variables"]


def told(statement: str, **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"from inkwise.experiment.environment import onednn; {statement}"],
        env={name: value for name, value in os.environ.items() if name != "ONEDNN_VERBOSE"} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_what_a_user_switched_off_is_not_in_use_and_nothing_else_is_printed() -> None:
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        pytest.skip("this torch has no oneDNN")
    lines = told("print('before'); print(onednn()); print(onednn())", ONEDNN_MAX_CPU_ISA="SSE41")
    assert lines[0] == "before"
    assert "SSE4.1" in lines[1]
    assert lines[2:] == [lines[1]]


def test_where_onednn_does_not_say_torch_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "_verbose", lambda: "")
    assert onednn.__wrapped__() == f"{torch.backends.cpu.get_cpu_capability()} (by torch; oneDNN does not say)"
