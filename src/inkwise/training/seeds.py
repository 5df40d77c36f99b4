"""Seeds for each purpose, derived from the recipe's one seed.

Every random choice is drawn from a generator seeded by (seed, purpose, counter), never from a stream that runs
along. So nothing about randomness has to be saved: step 1,234 draws the same numbers however it was reached.
"""

import hashlib


def derive(seed: int, purpose: str, counter: int = 0) -> int:
    """Return a seed in [0, 2**63) for one purpose ("weights", "order", "step") and counter (an epoch, a step)."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{counter}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
