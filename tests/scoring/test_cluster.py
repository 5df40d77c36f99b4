"""Ray computes the same bytes, on a cluster that is there or one that is started."""

import os
import sys
from pathlib import Path

import pytest
from tests.scoring_cases import SABOTEUR, picture, scored

from inkwise.errors import ModelError, UsageError
from inkwise.models.file import read_model, write_model
from inkwise.scoring.worker import Shard, Task


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r'needs Ray; install it with pip install "inkwise\[cluster\]", or use'):
        scored(tmp_path / "o.jsonl", "nowhere", model=tmp_path, engine="ray", workers=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_gives_the_same_bytes_and_our_own_errors(model: Path, digits: Path, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason='Ray is not installed; pip install "inkwise[cluster]"')
    from inkwise.scoring.cluster import run_ray

    scored(tmp_path / "local.jsonl", digits, model=model, shard=6, labels="folders")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        outcome = scored(
            tmp_path / "ray.jsonl", digits, model=model, shard=6, labels="folders", engine="ray", workers=2
        )
        saboteur = tmp_path / "saboteur.py"  # a worker dies once, and Ray computes its shard again
        saboteur.write_text(SABOTEUR.format(mark=str(tmp_path / "mark"), parent=os.getpid()))
        (tmp_path / "unlucky.png").write_bytes(picture())
        lost = scored(
            tmp_path / "l.jsonl", tmp_path / "unlucky.png", model=model, engine="ray", workers=1, register=saboteur
        )
        weights, card = read_model(model)
        write_model(tmp_path / "other.safetensors", weights, card.model_copy(update={"purpose": "another"}))
        task = Task(str(tmp_path / "other.safetensors"), "0" * 64)
        with pytest.raises(ModelError, match="is not the model that scoring began with"):
            list(run_ray(task, [Shard(0, [], [])], 1))
    finally:
        ray.shutdown()
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    assert outcome.counts.images == 24
    assert (tmp_path / "mark").exists()
    assert (lost.counts.images, lost.counts.errors) == (1, 0)
