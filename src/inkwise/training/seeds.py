"""Seeds for each purpose, derived from the recipe's one seed.

Every random choice is drawn from a generator seeded by (seed, purpose, counter), never from a stream that runs
along. So nothing about randomness has to be saved: step 1,234 draws the same numbers however it was reached.
"""

import hashlib

import torch


def derive(seed: int, purpose: str, counter: int = 0) -> int:
    """Return a seed in [0, 2**63) for one purpose ("weights", "order", "step") and counter (an epoch, a step)."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{counter}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def seed_device(seed: int, device: torch.device) -> None:
    """Seed the generators that layers on `device` draw from, and the CPU's.

    `torch.manual_seed` does this for every kind of accelerator there is; for those that are not yet in use it keeps a
    formatted traceback for later, which takes longer than a small network's whole step.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
