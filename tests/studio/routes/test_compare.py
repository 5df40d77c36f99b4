import httpx
from tests.studio_server import Served

from inkwise.evaluation.table import verdict
from inkwise.experiment.assessment import contrast

PAIR = {"model": "run:tiny", "other": "recipe:small-cnn", "dataset": "uci-digits", "split": "test"}


def test_the_comparison_is_that_of_the_command_line(client: httpx.Client, served: Served) -> None:
    told = client.get("/api/compare/dataset", params=PAIR).json()
    models = [served.library.get(PAIR[name]) for name in ("model", "other")]
    expected = contrast(models[0], models[1], "uci-digits", "test", names=("tiny", "small-cnn"))
    assert told["verdict"] == verdict(expected)
    for name in ("n", "both_right", "both_wrong", "only_a_wrong", "only_b_wrong", "p", "difference"):
        assert told[name] == expected.to_dict()[name]
    assert told["interval"] == list(expected.interval)


def test_the_images_that_one_fixes_are_shown_with_both_answers(client: httpx.Client) -> None:
    told = client.get("/api/compare/dataset", params=PAIR).json()
    assert told["fixed_by_a"]
    assert len(told["fixed_by_a"]) == min(60, told["only_b_wrong"])
    for each in told["fixed_by_a"]:
        assert each["answers"][0]["label"] == each["truth"] != each["answers"][1]["label"]


def test_models_of_one_name_are_told_apart(client: httpx.Client) -> None:
    told = client.get("/api/compare/dataset", params={**PAIR, "other": "run:below/tiny"}).json()
    assert told["names"] == ["tiny", "below/tiny"]


def test_models_of_different_questions_are_refused(client: httpx.Client) -> None:
    told = client.get("/api/compare/dataset", params={**PAIR, "other": "recipe:matched-filter"}).json()
    assert "The models answer different questions" in told["error"]["message"]


def test_splits_that_one_has_learned_from_are_refused(client: httpx.Client) -> None:
    told = client.get("/api/compare/dataset", params={**PAIR, "split": "validation"}).json()
    assert "one has learned from what the other has not" in told["error"]["message"]
