"""Random numbers that belong to a sample, not to a moment.

A draw is a pure function of (seed, epoch, index of the sample, field, position): a counter is hashed, no state is
kept. So a sample gets the same numbers in any batch, order, process or resumed run. Everything is integer
arithmetic modulo 2**64, or one correctly rounded operation per element, and therefore equal to the last bit for
any batch size and thread count. Knows nothing of images.

Sources: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
doi:10.1145/2660193.2660195 (splitmix64); Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2,
3", SC 2011, doi:10.1145/2063384.2063405 (counter-based generation).
"""

from functools import cache

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15  # 2**64 / golden ratio, odd: the step of splitmix64
_MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_SHIFTS = (30, 27, 31)
_LEVELS = 2**16  # equally likely values of a normal draw


def sample_keys(seed: int, epoch: int, indices: Int64[Tensor, " n"]) -> Int64[Tensor, " n"]:
    """Return one 64-bit key per sample, from which all its draws follow.

    Args:
        seed: any integer, taken modulo 2**64.
        epoch: any integer, taken modulo 2**64.
        indices: the samples' positions in their split.
    """
    key = _mix_int(_mix_int(seed) + epoch * _GOLDEN)
    return mix(indices * _signed(_GOLDEN) + _signed(key))


def uniform(keys: Int64[Tensor, " n"], field: int, count: int) -> Float32[Tensor, "n count"]:
    """Return independent draws, uniform in (-1, 1) and symmetric about 0, on a grid of 2**24 values.

    Args:
        keys: from `sample_keys`.
        field: which quantity is drawn, 0 or more; other fields are independent of it.
        count: draws per sample.
    """
    top = _shift_right(_words(keys, field, count), 40)  # 24 bits: all that float32 holds exactly
    return (top * 2 - (2**24 - 1)).to(torch.float32) * 2.0**-24


def normal(keys: Int64[Tensor, " n"], field: int, count: int) -> Float32[Tensor, "n count"]:
    """Return independent draws of the standard normal distribution, rounded to 65,536 equally likely values.

    The largest possible draw is 4.3; one word of the generator gives four draws. Arguments as for `uniform`.
    """
    words = _words(keys, field, -(-count // 4))
    parts = torch.stack([_shift_right(words, shift) & (_LEVELS - 1) for shift in (0, 16, 32, 48)], dim=-1)
    flat = parts.flatten(1)[:, :count]  # (n, words, 4) -> (n, count)
    return _quantiles(keys.device)[flat]


def mix(words: Int64[Tensor, "..."]) -> Int64[Tensor, "..."]:
    """Return the splitmix64 finaliser of each word: a bijection of 64 bits in which each bit depends on all."""
    mixed = words
    for shift, multiplier in zip(_SHIFTS[:2], _MULTIPLIERS, strict=True):
        mixed = (mixed ^ _shift_right(mixed, shift)) * _signed(multiplier)
    return mixed ^ _shift_right(mixed, _SHIFTS[2])


def _words(keys: Tensor, field: int, count: int) -> Tensor:
    """Words 0 to count - 1 of the splitmix64 sequence that starts at a hash of (key, field)."""
    start = mix(keys + _signed((field + 1) * _GOLDEN))
    steps = torch.tensor([_signed((j + 1) * _GOLDEN) for j in range(count)], dtype=torch.int64, device=keys.device)
    return mix(start[:, None] + steps)  # (n, count)


def _shift_right(words: Tensor, bits: int) -> Tensor:
    """Logical shift: torch's `>>` repeats the sign bit of an int64."""
    return torch.bitwise_and(words >> bits, 2 ** (64 - bits) - 1)


def _signed(word: int) -> int:
    """The int64 with the same 64 bits."""
    word &= _MASK
    return word - 2**64 if word >= 2**63 else word


def _mix_int(word: int) -> int:
    """`mix` on a Python integer, modulo 2**64."""
    word &= _MASK
    for shift, multiplier in zip(_SHIFTS[:2], _MULTIPLIERS, strict=True):
        word = ((word ^ (word >> shift)) * multiplier) & _MASK
    return word ^ (word >> _SHIFTS[2])


@cache
def _quantiles(device: torch.device) -> Tensor:
    """The standard normal's quantiles at the middles of 65,536 equal slices of probability."""
    middles = (torch.arange(_LEVELS, dtype=torch.float64) + 0.5) / _LEVELS
    quantiles: Tensor = torch.special.ndtri(middles)
    return quantiles.to(torch.float32).to(device)
