import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.forked import python

from inkwise.cli.app import VERBS, main

Call = Callable[..., Any]


def test_without_a_verb_the_verbs_are_listed_in_the_order_of_work(inkwise: Call) -> None:
    done = inkwise()
    assert done.code == 0
    places = [done.out.index(f"│ {verb} ") for verb in VERBS]
    assert places == sorted(places)
    assert "Example: inkwise train small-cnn --epochs 3" in done.out
    assert done.err == ""


def test_help_fits_into_80_columns(inkwise: Call) -> None:
    for words in ([], *([verb] for verb in VERBS)):
        assert max(map(len, inkwise(*words, "--help").lines)) <= 80


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_verb_has_help_with_its_own_example(inkwise: Call, verb: str, flag: str) -> None:
    done = inkwise(verb, flag)
    assert done.code == 0
    assert done.out.startswith(f"Usage: inkwise {verb}")
    assert f"Example: inkwise {verb}" in done.out
    assert "[default: False]" not in done.out or verb in {"recipes", "reproduce"}
    assert done.err == ""


@pytest.mark.parametrize("verb", ["list", "fetch", "show"])
def test_the_verbs_of_data_have_help_with_an_example(inkwise: Call, verb: str) -> None:
    assert f"Example: inkwise data {verb}" in inkwise("data", verb, "--help").out


def test_version_is_a_number(inkwise: Call) -> None:
    done = inkwise("--version")
    assert done.code == 0
    assert done.out.strip().replace(".", "").isdigit()


def test_an_unknown_verb_is_told_what_comes_close(inkwise: Call) -> None:
    done = inkwise("trian", "small-cnn")
    assert done.code == 2
    assert done.err == "inkwise: There is no verb 'trian'. Did you mean 'train'?\n"
    assert done.out == ""


def test_an_unknown_verb_without_a_neighbour_is_told_all(inkwise: Call) -> None:
    assert inkwise("zzz").err == f"inkwise: There is no verb 'zzz'. Accepted: {', '.join(sorted(VERBS))}.\n"


def test_an_option_before_the_verb_is_checked(inkwise: Call) -> None:
    done = inkwise("--debgu", "train")
    assert done.code == 2
    assert done.err == "inkwise: There is no option '--debgu'. Did you mean '--debug'?\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["evaluate"], 'Command "evaluate" parameter MODEL requires an argument. See `inkwise evaluate --help`.'),
        (["compare", "a"], 'Command "compare" parameter SECOND requires an argument. See `inkwise compare --help`.'),
        (["resume", "--datta", "x"], "--datta"),
        (["evaluate", "m", "x", "y"], "'x' 'y' is more than `inkwise evaluate` takes. See `inkwise evaluate --help`."),
        (["evaluate", "m", "--datset", "x"], "Unknown option: --datset. Did you mean --dataset?"),
        (["evaluate", "m", "--split"], "--split requires an argument"),
        (["evaluate", "m", "--min-accuracy", "much"], 'unable to convert "much" into float'),
        (["evaluate", "m", "--json=perhaps"], "--json"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(inkwise: Call, words: list[str], sentence: str) -> None:
    done = inkwise(*words)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("inkwise: ")
    assert done.err.count("\n") == 1
    assert sentence in done.err


def test_a_traceback_is_shown_with_debug_alone(shell: Call) -> None:
    quiet = shell("inkwise train smal-cnn")
    assert quiet.code == 2
    assert quiet.err == "inkwise: There is no recipe 'smal-cnn'. Did you mean 'small-cnn'?\n"
    loud = shell("inkwise train smal-cnn --debug")
    assert loud.code == 1
    assert "Traceback (most recent call last)" in loud.err
    assert "There is no recipe 'smal-cnn'. Did you mean 'small-cnn'?" in loud.err


def test_debug_may_stand_anywhere(inkwise: Call) -> None:
    for words in (["--debug", "train", "smal"], ["train", "--debug", "smal"], ["train", "smal", "--debug"]):
        with pytest.raises(Exception, match="There is no recipe 'smal'"):
            main(words)
    assert inkwise("--debug").out.startswith("Usage: inkwise COMMAND")


def test_a_defect_of_ours_is_said_to_be_one(inkwise: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_tokens: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("inkwise.cli.app._run", broken)
    done = inkwise("doctor")
    assert done.code == 1
    assert done.err == (
        "inkwise: Unexpected ZeroDivisionError: division by zero. This is a defect of Inkwise; "
        "run again with --debug and report what it shows.\n"
    )


def test_ctrl_c_is_quiet(inkwise: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_tokens: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("inkwise.cli.app._run", interrupted)
    assert inkwise("doctor") == type(inkwise("doctor"))(130, "", "inkwise: Stopped.\n")


def test_a_reader_that_leaves_is_no_error_to_talk_about(shell: Call) -> None:
    for command in ("inkwise recipes small-cnn --toml | true", "inkwise recipes | head -1", "inkwise --help | true"):
        assert shell(command).err == ""


@pytest.mark.parametrize("command", ["inkwise recipes --json > /dev/full", "inkwise recipes > /dev/full"])
def test_a_full_disk_behind_stdout_is_told(shell: Call, command: str) -> None:
    done = shell(command)
    assert done.code == 1
    assert done.err == "inkwise: Cannot write the output: No space left on device.\n"


@pytest.mark.parametrize("words", ["recipes small-cnn", "recipes", "--help", "data list"])
def test_output_that_goes_elsewhere_has_no_escape_codes(words: str, tmp_path: Path) -> None:
    done = python("-m", "inkwise", *words.split(), folder=tmp_path)
    assert done.code == 0
    assert "\x1b" not in done.out + done.err


def test_the_command_line_is_quick_to_start(shell: Call) -> None:
    """No verb's module, and so neither torch nor pydantic, is imported for a list of the verbs."""
    done = shell(
        """inkwise --help > /dev/null && python - <<'END'
import sys
from inkwise.cli.app import main
main(["--help"])
loaded = {"torch", "pydantic", "matplotlib", "cv2"} & set(sys.modules)
sys.exit(f"imported {loaded}" if loaded else 0)
END"""
    )
    assert done.code == 0, done.err


def test_from_training_to_a_read_digit_in_real_processes(shell: Call, seven: Path, tmp_path: Path) -> None:
    network = ("--network", "flatten, linear classes", "--optimizer.lr", 0.01, "--validation", 200, "--epochs", 3)
    words = ("train", "small-cnn", "--dataset", "uci-digits", *network, "--quiet", "--out", "runs/first")
    trained = python("-m", "inkwise", *words, folder=tmp_path / "shell")
    assert (trained.code, trained.err) == (0, "")
    assert trained.out.splitlines()[-2:] == ["Model:  runs/first/best.safetensors", "Report: runs/first/report.html"]
    done = shell(
        "inkwise evaluate runs/first --min-accuracy 0.8 --json && "
        f"cat {seven} | NO_COLOR=1 inkwise predict - --model runs/first --json"
    )
    assert done.code == 0, done.err
    assert done.err == ""
    evaluation, prediction = done.lines
    assert json.loads(evaluation)["accuracy"] > 0.8
    assert json.loads(prediction)["label"] == "7"
    assert "\x1b" not in trained.out + done.out
