"""Where to compute and in which precision, chosen with a reason that is printed.

Both choices change speed alone, up to rounding: never the data, their order or the metrics, which are always
computed in float32.
"""

import os
import re
from dataclasses import dataclass

import torch

from inkwise.errors import UsageError
from inkwise.recipes.recipe import Recipe

# Below this many multiply-adds per image the casts cost more than the faster products bring (docs/log.md).
_WORTH_CASTING = 200_000

# Values of ONEDNN_MAX_CPU_ISA with which oneDNN leaves a processor's bfloat16 instructions alone:
# https://uxlfoundation.github.io/oneDNN/dev_guide_cpu_dispatcher_control.html.
_WITHOUT_BFLOAT16 = {"SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX512_CORE", "AVX512_CORE_VNNI"}


@dataclass(frozen=True)
class Compute:
    """A device and the type of its products, each with the reason for it."""

    device: torch.device
    dtype: torch.dtype
    reason: str

    @property
    def half(self) -> bool:
        """Whether products are computed in bfloat16 under autocast."""
        return self.dtype == torch.bfloat16


def choose(recipe: Recipe, multiply_adds: int, device: str = "auto") -> Compute:
    """Choose the device ("auto", "cpu", "cuda", "cuda:1", "mps") and the precision that `recipe` allows.

    Raises:
        UsageError: The device is not one of these, or this machine does not have it.
    """
    where, why = find(device)
    dtype, because = _precision(recipe, multiply_adds, where)
    return Compute(where, dtype, f"{where} ({why}), {str(dtype).removeprefix('torch.')} ({because})")


def find(name: str) -> tuple[torch.device, str]:
    """Return the device called `name` ("auto" takes the fastest here) and why; UsageError where there is none."""
    has_mps = torch.backends.mps.is_available()
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda"), torch.cuda.get_device_name()
        if has_mps:
            return torch.device("mps"), "Apple GPU"
        return torch.device("cpu"), f"no GPU here, {torch.get_num_threads()} threads"
    known = re.fullmatch(r"(cpu|mps|cuda)(?:(?<=cuda):([0-9]{1,3}))?", name)
    if known is None:
        raise UsageError(f"--device {name} is not known; accepted are auto, cpu, cuda, cuda:N and mps.")
    kind, index = known[1], int(known[2] or 0)
    there = {"cpu": True, "cuda": torch.cuda.device_count() > index, "mps": has_mps}
    if not there[kind]:
        raise UsageError(f"--device {name} is not on this machine; use --device cpu, or auto to take what is there.")
    return torch.device(name), "as asked"


def _precision(recipe: Recipe, multiply_adds: int, where: torch.device) -> tuple[torch.dtype, str]:
    if recipe.precision == "float32":
        return torch.float32, "as the recipe says"
    if recipe.precision == "bfloat16":
        return torch.bfloat16, "as the recipe says"
    if where.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16, "this GPU computes it natively"
        return torch.float32, "this GPU has no native bfloat16"
    if where.type == "cpu" and _has_cpu_bfloat16():
        if multiply_adds >= _WORTH_CASTING:
            return torch.bfloat16, "this processor has bfloat16 instructions"
        return torch.float32, "too small a network for casting to pay"
    return torch.float32, "no faster type here"


def _has_cpu_bfloat16() -> bool:
    allowed = os.environ.get("ONEDNN_MAX_CPU_ISA") or os.environ.get("DNNL_MAX_CPU_ISA") or "ALL"
    if allowed.upper() in _WITHOUT_BFLOAT16:
        return False
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)
