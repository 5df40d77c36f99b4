"""The conditions are those of this process."""

import pytest
import torch

from inkwise.bench.conditions import conditions
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.environment import onednn


def test_variables_that_change_speed_are_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    here = conditions(read_uci_digits(), quick=False)
    assert here.environment["ONEDNN_MAX_CPU_ISA"] == "AVX2"
    assert "MKL_NUM_THREADS" not in here.environment
    assert here.threads == torch.get_num_threads()
    assert here.instructions == onednn()
    assert here.dataset == "uci-digits"
    assert here.hashes
