"""What is measured of a model is what evaluation says, in short."""

from typing import Any

import pytest
import torch
from benchmarks.shipped import GROUPS, brief, drawn, endured, rounded

from inkwise.data.dataset import Split
from inkwise.data.uci import read_uci_digits
from inkwise.evaluation.evaluation import evaluate
from inkwise.evaluation.robustness import measure
from inkwise.synthesis.negatives import FAMILIES


def test_an_evaluation_in_short_has_its_figures() -> None:
    chances = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]])
    answers = evaluate(
        chances,
        torch.tensor([0, 1, 1, 0]),
        ("a", "b"),
        dataset="d",
        split="s",
        abstain=torch.tensor([False, False, True, False]),
    )
    said = brief(answers)
    assert (said["n"], said["errors"], said["abstained"], said["answered_errors"]) == (4, 1, 1, 0)
    assert (said["accuracy"], said["accepted"]) == (0.75, 0.75)
    assert said["ece"] == pytest.approx(answers.ece, abs=1e-5)


def test_robustness_in_short_has_every_strength() -> None:
    test = read_uci_digits().split("test")

    def judge(images: torch.Tensor) -> tuple[torch.Tensor, int]:
        return torch.full((len(images), 10), 0.1), 0

    table = measure(judge, test.images[:20], test.labels[:20], dataset="d", split="test", corruptions=("noise", "blur"))
    said = endured(table)
    assert list(said["corruptions"]) == ["noise", "blur"]
    assert said["corruptions"]["blur"]["strengths"] == [level.strength for level in table.of("blur")]
    assert all(len(each["accuracy"]) == len(each["ece"]) == 5 for each in said["corruptions"].values())


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.123456789, 0.12346), (3, 3), ("x", "x"), ({"a": {"b": 1 / 3}}, {"a": {"b": 0.33333}}), (None, None)],
)
def test_numbers_are_rounded_wherever_they_stand(value: Any, wanted: Any) -> None:
    assert rounded(value) == wanted


def test_pictures_of_no_digit_are_grouped_and_the_held_out_stand_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.shipped.DRAWN", 60)
    test = read_uci_digits().split("test")
    found = drawn(Split("test", test.images[:20], test.labels[:20]))
    assert {name: len(each) for name, each in found.items()} == {"negatives": 60, "held_out": 30}
    assert "letters" in found["negatives"].families
    assert not set(GROUPS) & set(found["negatives"].families)
    assert set(GROUPS) <= set(FAMILIES)
