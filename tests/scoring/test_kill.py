"""Killed at any moment and begun again, scoring ends with the same bytes: processes really killed.

`python -m benchmarks.scoring_kills` does the same with the command line and its workers, fifty times.
"""

import random
import signal
import time
from pathlib import Path

import pytest
from tests.forked import LIMIT, begin
from tests.scoring_cases import picture, scored, write_tar

from inkwise.scoring.ledger import Ledger


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_bytes(model: Path, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"The moments are drawn from seed {seed}.")  # shown where the test fails
    draw = random.Random(seed)  # noqa: S311 (nothing to do with secrets)
    archive = write_tar(
        tmp_path / "a.tar.gz", {f"{index % 10}/{index}.png": picture(index) for index in range(80)}, "w:gz"
    )
    whole, out = tmp_path / "whole.csv", tmp_path / "o.csv"
    settings = {"model": model, "shard": 4, "labels": "folders"}
    began = time.monotonic()
    scored(whole, archive, **settings)  # type: ignore[arg-type]
    took = time.monotonic() - began
    kills = 0
    while not (tmp_path / "o.csv.summary.json").exists() and kills < 6:
        process = begin(scored, out, archive, **settings)
        deadline = time.monotonic() + LIMIT
        while not Ledger(out).plan_file.exists() and process.is_alive():
            assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(draw.uniform(0, took / 2))
        process.kill()
        process.join(LIMIT)
        kills += process.exitcode == -signal.SIGKILL
    assert kills
    scored(out, archive, **settings)  # type: ignore[arg-type]
    assert out.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("o.")} == {"o.csv", "o.csv.summary.json"}
