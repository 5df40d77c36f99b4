"""What is kept of machine and data is plain values that JSON holds."""

import json

import torch

from inkwise.data.load import load
from inkwise.experiment.environment import describe, machine
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
