"""Where to compute and in which precision, each with its reason."""

from typing import Any

import pytest
import torch

from inkwise.errors import UsageError
from inkwise.training import device
from inkwise.training.device import choose, find

HERE = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}


@pytest.mark.parametrize(
    "name", ["gpu", "", "CPU", "cpu:0", "mps:0", "cuda:", "cuda:-1", "cuda:x", "cuda:²", "cuda:0:1"]
)
def test_an_unknown_device_is_refused_with_those_accepted(name: Any) -> None:
    with pytest.raises(UsageError, match=r"is not known; accepted are auto, cpu, cuda, cuda:N and mps\.") as caught:
        find(name)
    assert str(caught.value).startswith(f"--device {name} ")


@pytest.mark.parametrize("name", ["cuda:99", "cuda", "mps"])
def test_a_device_that_is_not_here_is_refused_with_what_to_do(name: Any) -> None:
    if HERE.get(name):
        pytest.skip(f"this machine has {name}")
    with pytest.raises(UsageError, match=rf"--device {name} is not on this machine; use --device cpu, or auto"):
        find(name)


def test_the_cpu_is_always_there() -> None:
    assert find("cpu") == (torch.device("cpu"), "as asked")


def test_auto_takes_something_and_says_why() -> None:
    where, why = find("auto")
    assert HERE[where.type]
    assert why
    if not HERE["cuda"] and not HERE["mps"]:
        assert why == f"no GPU here, {torch.get_num_threads()} threads"


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_a_recipe_that_names_its_precision_gets_it(recipe_of: Any, precision: Any, dtype: Any) -> None:
    for multiply_adds in (10, 10**9):
        compute = choose(recipe_of(precision=precision), multiply_adds, "cpu")
        assert compute.dtype == dtype
        assert compute.half == (precision == "bfloat16")
        assert compute.reason == f"cpu (as asked), {precision} (as the recipe says)"


@pytest.mark.parametrize(
    ("has", "multiply_adds", "dtype", "reason"),
    [
        (True, 199_999, torch.float32, "too small a network for casting to pay"),
        (True, 200_000, torch.bfloat16, "this processor has bfloat16 instructions"),
        (False, 10**9, torch.float32, "no faster type here"),
    ],
)
def test_auto_precision_goes_by_the_processor_and_the_networks_size(
    recipe_of: Any, monkeypatch: Any, has: Any, multiply_adds: Any, dtype: Any, reason: Any
) -> None:
    # The processor is the one thing here that a test cannot bring along.
    monkeypatch.setattr(device, "_has_cpu_bfloat16", lambda: has)
    compute = choose(recipe_of(precision="auto"), multiply_adds, "cpu")
    assert compute.dtype == dtype
    assert compute.reason.endswith(f"({reason})")


def test_the_processor_is_asked_and_answers_yes_or_no() -> None:
    assert device._has_cpu_bfloat16() in {True, False}


@pytest.mark.parametrize("name", ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"])
def test_instructions_that_onednn_was_told_to_leave_alone_do_not_count(monkeypatch: Any, name: str) -> None:
    as_it_is = device._has_cpu_bfloat16()
    monkeypatch.setenv(name, "AVX512_CORE_AMX")
    assert device._has_cpu_bfloat16() == as_it_is
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert device._has_cpu_bfloat16()
    monkeypatch.setenv(name, "avx512_core")
    assert not device._has_cpu_bfloat16()
