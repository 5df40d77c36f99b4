import httpx
import pytest
from tests.studio_server import Served

from inkwise.studio.views import VIEWS


def test_health_tells_which_server_it_is(client: httpx.Client) -> None:
    first, second = (client.get("/api/health").json() for _ in range(2))
    assert first["started"] == second["started"]
    assert len(first["started"]) == 16


def test_the_page_learns_views_and_models_in_one_request(client: httpx.Client, served: Served) -> None:
    told = client.get("/api/studio").json()
    assert [view["name"] for view in told["views"]] == [view.name for view in VIEWS]
    assert told["models"] == [entry.to_dict() for entry in served.library.entries()]
    assert told["model"] in {entry["id"] for entry in told["models"]}
    assert told["runs"] == str(served.library.runs)
    again = client.get("/api/models").json()
    assert again == {"models": told["models"], "model": told["model"]}


@pytest.mark.parametrize(("model", "trained"), [("run:tiny", True), ("recipe:small-cnn", False)])
def test_a_model_tells_what_it_is(client: httpx.Client, model: str, trained: bool) -> None:
    told = client.get("/api/model", params={"model": model}).json()
    assert told["classes"] == list("0123456789")
    assert told["trained"] is trained
    assert told["parameters"] == (7850 if trained else 9098)


def test_an_unknown_model_is_one_sentence(client: httpx.Client) -> None:
    answer = client.get("/api/model", params={"model": "run:../tiny"})
    assert answer.json()["error"]["kind"] == "UnknownName"
    assert "There is no run '../tiny'" in answer.json()["error"]["message"]
