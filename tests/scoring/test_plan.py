"""A plan parts items by themselves alone, and its hash tells one list of items from another."""

from pathlib import Path
from typing import Any

import pytest

from inkwise.scoring import plan as plans
from inkwise.scoring.item import Item
from inkwise.scoring.plan import write_plan

ITEMS = [Item(f"{index}.png", f"/x/{index}.png", size=index) for index in range(10)]


def test_items_come_back_in_shards_of_one_size(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan", iter(ITEMS), shard=4)
    assert (plan.items, len(plan)) == (10, 3)
    assert [plan.read(number) for number in range(3)] == [ITEMS[:4], ITEMS[4:8], ITEMS[8:]]


def test_nothing_is_no_shard(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan", [], shard=4)
    assert (plan.items, len(plan)) == (0, 0)


@pytest.mark.parametrize("change", [{"name": "y"}, {"size": 9}, {"stamp": 1}, {"truth": "3"}, {"crc": 7}])
def test_the_hash_tells_any_change(change: dict[str, Any], tmp_path: Path) -> None:
    first = write_plan(tmp_path / "a", ITEMS, shard=4)
    assert write_plan(tmp_path / "b", ITEMS, shard=4).sha256 == first.sha256
    assert write_plan(tmp_path / "c", ITEMS, shard=5).sha256 != first.sha256
    other = [*ITEMS[:3], ITEMS[3]._replace(**change), *ITEMS[4:]]
    assert write_plan(tmp_path / "d", other, shard=4).sha256 != first.sha256


def test_a_shard_carries_no_more_bytes_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "CARRIED", 10)
    items = [item._replace(kind="gz", fault="too large" if item.size == 9 else None) for item in ITEMS]
    plan = write_plan(tmp_path / "plan", items, shard=4)
    shards = [[item.size for item in plan.read(number)] for number in range(len(plan))]
    assert shards == [[0, 1, 2, 3], [4, 5], [6], [7], [8, 9]]
