import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]


def test_what_is_missing_comes_with_what_to_do(inkwise: Call) -> None:
    done = inkwise("doctor")
    assert done.code == 0  # the packaged digits are there, so nothing that is needed is missing
    assert " --  mnist" in done.out
    assert "mnist is not on this machine" in done.out
    assert "inkwise data fetch mnist" in " ".join(done.out.split())
    assert max(map(len, done.lines)) <= 80
    assert done.err == ""


def test_json_is_one_object_with_the_findings(inkwise: Call) -> None:
    done = inkwise("doctor", "--json")
    (line,) = done.lines
    found = json.loads(line)
    assert found["ok"] is True
    findings = {finding["subject"]: finding for finding in found["findings"]}
    assert findings["uci-digits"]["ok"] is True
    assert "1,297 train" in findings["uci-digits"]["text"]
    assert findings["folder"]["ok"] is True
    assert "a model that comes with Inkwise" in findings["inkwise"]["text"]
    assert (findings["mnist"]["ok"], findings["mnist"]["needed"]) == (False, False)


def test_with_everything_there_it_exits_with_0(inkwise: Call, mnist_root: Path) -> None:
    done = inkwise("doctor", "--data", mnist_root)
    assert done.code == 0, done.out
