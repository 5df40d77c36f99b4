"""Thresholds that keep a stated risk, the reasons they give, and how well families are told from digits."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from inkwise.errors import DataError
from inkwise.evaluation.rejection import Rejection, acceptance, auroc, choose

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
REJECTS = ("not a digit", "two digits")


def judged(seed: int, n: int, digit: float) -> np.ndarray:
    """Return kinds (N, 3) whose first column lies around `digit`."""
    generator = np.random.default_rng(seed)
    one = 1 / (1 + np.exp(-np.log(digit / (1 - digit)) - generator.normal(size=n)))
    rest = generator.random(n)
    return np.stack([one, (1 - one) * rest, (1 - one) * (1 - rest)], axis=1)


def shares(chosen: Rejection, probabilities: np.ndarray, kinds: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the share accepted, and the share wrong of these."""
    reasons = chosen.reasons(probabilities, kinds, "0123456789"[: probabilities.shape[1]], REJECTS)
    taken = np.array([reason is None for reason in reasons])
    return float(taken.mean()), float((probabilities.argmax(1) != labels)[taken].mean())


@pytest.mark.parametrize(("risk", "accepted"), [(0.01, 0.05), (0.05, 0.1), (0.2, 0.5), (0.0, 0.1)])
@pytest.mark.parametrize("with_negatives", [False, True])
def test_both_promises_hold_on_what_the_thresholds_were_chosen_on(
    make: Make, risk: float, accepted: float, with_negatives: bool
) -> None:
    probabilities, labels = make(0, 600, 10)
    kinds = judged(1, 600, 0.95)
    negatives = judged(2, 300, 0.1) if with_negatives else None
    chosen = choose(probabilities, kinds, labels, negatives, risk=risk, accepted=accepted)
    share, wrong = shares(chosen, probabilities, kinds, labels)
    assert share >= accepted
    assert wrong <= risk
    assert chosen.accepted == pytest.approx(share)
    assert chosen.risk == pytest.approx(wrong)
    assert (chosen.digit > 0.1) == with_negatives
    looser = Rejection(chosen.digit, chosen.confidence - 0.02)
    if chosen.confidence > 0.53:  # no lower threshold would do; at one half it is the floor
        assert shares(looser, probabilities, kinds, labels)[1] > risk


def test_where_the_risk_cannot_be_had_the_acceptance_holds_and_the_risk_is_told(make: Make) -> None:
    probabilities, labels = make(0, 400, 10)
    chosen = choose(probabilities, judged(1, 400, 0.9), labels, judged(2, 400, 0.6))
    share, wrong = shares(chosen, probabilities, judged(1, 400, 0.9), labels)
    assert 0.985 <= share < 1
    assert chosen.risk == pytest.approx(wrong)
    assert wrong > 0.001


def test_what_is_told_apart_is_cut_between_the_two() -> None:
    sure = np.eye(10)[np.arange(100) % 10] * 0.9 + 0.01
    digits, others = np.full((100, 3), [0.9, 0.05, 0.05]), np.full((50, 3), [0.2, 0.4, 0.4])
    chosen = choose(sure, digits, np.arange(100) % 10, others)
    assert chosen.digit == pytest.approx(0.6)  # logits of 0.2 and 0.9: their middle is ln 1.5
    assert (chosen.confidence, chosen.risk, chosen.accepted) == (0.5, 0.0, 1.0)
    assert choose(sure, digits, np.arange(100) % 10, others[:0]).digit == 0


def test_a_few_digits_that_look_like_none_are_not_worth_the_rest() -> None:
    sure = np.eye(10)[np.arange(400) % 10] * 0.9 + 0.01
    digits = np.full((400, 3), [0.9, 0.05, 0.05])
    digits[:2] = [0.1, 0.8, 0.1]  # below nearly all others: turned away
    others = np.linspace(0.15, 0.5, 50)[:, None] * [1, 0, 0] + [0, 0.2, 0.3]
    assert 0.5 < choose(sure, digits, np.arange(400) % 10, others, accepted=0.985).digit < 0.9
    digits[:4] = [0.1, 0.8, 0.1]  # of 400, six may be turned away, and half of these by this threshold
    assert choose(sure, digits, np.arange(400) % 10, others, accepted=0.985).digit <= 0.1


def test_an_answer_more_likely_wrong_than_right_is_not_accepted_even_where_none_was_wrong() -> None:
    sure = np.full((100, 3), [0.6, 0.3, 0.1])
    chosen = choose(sure, np.ones((100, 1)), np.zeros(100, np.int64))
    assert (chosen.confidence, chosen.digit, chosen.risk) == (0.5, 0.0, 0.0)
    doubtful = choose(np.full((100, 3), [0.4, 0.3, 0.3]), np.ones((100, 1)), np.zeros(100, np.int64))
    assert (doubtful.confidence, doubtful.accepted) == (0.0, 1.0)  # all would be turned away


def test_reasons_name_the_kind_first_and_then_the_two_likeliest_classes() -> None:
    rejection = Rejection(digit=0.5, confidence=0.8)
    probabilities = torch.tensor([[0.1, 0.9, 0], [0.3, 0.1, 0.6], [0.1, 0.9, 0], [0.3, 0.3, 0.4], [0.0, 0.8, 0.2]])
    kinds = torch.tensor([[0.9, 0.1, 0], [0.9, 0.1, 0], [0.4, 0.5, 0.1], [0.2, 0.3, 0.5], [0.5, 0.25, 0.25]])
    assert rejection.reasons(probabilities.double(), kinds, "149", REJECTS) == [
        None,
        "unsure between 9 and 1",
        "not a digit",
        "two digits",
        None,
    ]
    assert rejection.reasons(probabilities[:0], kinds[:0], "149", REJECTS) == []


def test_a_card_gives_the_thresholds_back_and_strange_ones_are_refused() -> None:
    for made in (Rejection(0.25, 0.75, 0.001, 0.99), Rejection()):
        assert Rejection.from_dict(made.to_dict()) == made
    assert Rejection().to_dict() == {"digit": 0.5, "confidence": 0.0}
    with pytest.raises(DataError, match=r"These are no thresholds \(.*'warmth'\); what Rejection\.to_dict gave"):
        Rejection.from_dict({"warmth": 1.0})


def test_rows_that_do_not_belong_together_are_refused(make: Make) -> None:
    with pytest.raises(DataError, match="There are 9 rows of probabilities but 8 of kinds; each image needs one of"):
        choose(make(0, 9, 3)[0], np.ones((8, 1)), make(0, 9, 3)[1])


def test_the_score_is_the_chance_that_the_answer_is_right() -> None:
    scores = acceptance(torch.tensor([[0.25, 0.75], [1, 0]]), torch.tensor([[0.5, 0.5], [1, 0]]))
    assert scores.tolist() == [0.375, 1.0]


def test_auroc_is_by_family_and_ties_count_one_half() -> None:
    digits, others = np.array([0.9, 0.6]), np.array([0.1, 0.95, 0.6, 0.2])
    assert auroc(digits, others, ["blank", "letters", "letters", "blank"]) == {"blank": 1.0, "letters": 0.375}
