"""The conditions are those of this process, the instruction set as oneDNN has it."""

import pytest
import torch

from inkwise.bench.conditions import conditions, instructions
from inkwise.data.uci import read_uci_digits


def test_variables_that_change_speed_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    here = conditions(read_uci_digits(), quick=False)
    assert here.environment["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    assert "MKL_NUM_THREADS" not in here.environment
    assert here.threads == torch.get_num_threads()
    assert here.dataset == "uci-digits"
    assert here.hashes


def test_what_a_user_switched_off_is_not_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "SSE41")
    assert "SSE4.1" in instructions()
