"""In which numbers sums of products are computed and returned, so that nothing overflows unsaid.

Floats of 64 and 32 bits are computed as they are; those of 16 bits are summed in float32 and returned in their own
dtype; where dtypes are mixed, torch's promotion decides. Whole numbers (bool too) are computed exactly and returned as
int64; an `IntegerPromotion` warning says where the dtype that was given could not have held the result. Where even
int64 might not hold it, float64 is computed and returned, with that warning.

Exact arithmetic is in float64 wherever no sum can reach 2^53: every whole number up to there is a float64, so any
order of summing gives the same, and matrix products of floats are many times faster than those of whole numbers.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from inkwise.errors import UsageError

if TYPE_CHECKING:
    Given = Tensor
else:
    Given = object  # at run time anything may come, so that what is no tensor gets our own sentence

WHOLE: Final = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
FLOATS: Final = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
EXACT_BELOW: Final = 2.0**53  # all whole numbers up to here are float64
INT64_BELOW: Final = 2.0**63 * (1 - 1e-9)  # the margin is for the rounding of the bound itself


class IntegerPromotion(UserWarning):
    """A result of whole numbers was returned in a wider dtype than the one given, because it needs it."""


@dataclass(frozen=True)
class Promotion:
    """The dtypes of one computation that is linear in its values and in its weights."""

    given: torch.dtype  # what torch would promote the arguments to
    computed: torch.dtype
    returned: torch.dtype
    bound: float = 0.0  # whole numbers: no absolute value of a sum is larger

    @classmethod
    def of(cls, values: Tensor, weights: Tensor, bias: Tensor | None = None, *, kept: int = 0) -> "Promotion":
        """Decide the dtypes of sums of products of `values` and `weights`, plus a bias.

        Args:
            values: One factor of every product, any shape.
            weights: The other factor.
            bias: What is added to the sums.
            kept: The axis of `weights` that is not summed over, so that one sum has at most the weights of one index
                there. The bound of whole numbers is max|values| times the largest such sum of |weights|.

        Raises:
            UsageError: A dtype is neither a real float nor a whole number of at most 64 bits, signed.
        """
        given = common_dtype(values=values, weights=weights, bias=bias)
        if given.is_floating_point:
            halved = given in {torch.float16, torch.bfloat16}
            return cls(given, torch.float32 if halved else given, given)
        sums = weights.to(torch.float64).abs().transpose(0, kept).flatten(1).sum(dim=1)
        bound = float(_largest(values) * sums.max().item() + (_largest(bias) if bias is not None else 0))
        if bound < EXACT_BELOW:
            return cls(given, torch.float64, torch.int64, bound)
        whole = torch.int64 if bound < INT64_BELOW else torch.float64
        return cls(given, whole, whole, bound)

    def give(self, output: Tensor, *, caller: int = 1) -> Tensor:
        """Return what was computed in the dtype that it is returned in, with a warning where that one was needed.

        Args:
            output: The sums, as they were computed.
            caller: How many calls above this one the warning points to.
        """
        if self.given.is_floating_point:
            return output.to(self.returned)
        if self.returned != output.dtype:
            output = output.round().to(self.returned)  # off by less than a half where transforms came in between
        low, high = (bound.item() for bound in output.aminmax())
        least, most = range_of(self.given)
        if self.returned == torch.float64:
            message = (
                f"Sums may reach {self.bound:.3g}, beyond int64's 9.22e+18: they were computed in float64, which "
                "rounds them; scale the values down, or give floats."
            )
        elif low < least or high > most:
            message = (
                f"The result goes from {low} to {high}, and {name_of(self.given)} holds {least} to {most}: it was "
                "computed and returned in int64."
            )
        else:
            return output
        warnings.warn(message, IntegerPromotion, stacklevel=caller + 1)
        return output


def common_dtype(**tensors: Tensor | None) -> torch.dtype:
    """Return what torch promotes the dtypes of all `tensors` to; those that are None are left out.

    Args:
        tensors: By the name that a message calls them.

    Raises:
        UsageError: A dtype is not among WHOLE and FLOATS.
    """
    given: list[torch.dtype] = []
    for what, tensor in tensors.items():
        if tensor is None:
            continue
        if tensor.dtype not in WHOLE + FLOATS:
            cure = (
                "convolve its real and its imaginary part apart"
                if tensor.dtype.is_complex
                else f"convert it first, as with {what}.to(torch.float32)"
            )
            raise UsageError(
                f"The {what} is of dtype {name_of(tensor.dtype)}; accepted are "
                f"{', '.join(name_of(dtype) for dtype in WHOLE + FLOATS)}: {cure}."
            )
        given.append(tensor.dtype)
    common = given[0]
    for dtype in given[1:]:
        common = torch.promote_types(common, dtype)
    return common


def check_tensors(**tensors: object) -> None:
    """Raise UsageError unless all are tensors of dtypes that are accepted, on one device.

    Args:
        tensors: By the name that a message calls them; a bias may be None.
    """
    found: dict[str, Tensor] = {}
    for what, value in tensors.items():
        if isinstance(value, Tensor):
            found[what] = value
        elif value is not None or what != "bias":
            raise UsageError(
                f"A torch.Tensor is needed for the {what}, not {type(value).__name__}; make one with torch.tensor."
            )
    common_dtype(**found)
    first, home = next((what, tensor.device) for what, tensor in found.items())
    for what, tensor in found.items():
        if tensor.device != home:
            raise UsageError(
                f"On different devices: {first} on {home}, {what} on {tensor.device}; bring them together with "
                f"{what}.to({str(home)!r})."
            )


def range_of(dtype: torch.dtype) -> tuple[int, int]:
    """Return the least and the largest whole number that `dtype` holds; bool holds 0 and 1."""
    if dtype == torch.bool:
        return 0, 1
    limits = torch.iinfo(dtype)
    return limits.min, limits.max


def name_of(dtype: torch.dtype) -> str:
    """Return a dtype's name without torch's prefix: "float32"."""
    return str(dtype).removeprefix("torch.")


def _largest(values: Tensor) -> int:
    """Return the largest absolute value as a Python int, which the most negative int64 needs."""
    low, high = values.aminmax()
    return max(abs(int(low.item())), abs(int(high.item())))
