"""Who takes part is found by name or by file, and said plainly where there is no such thing."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from inkwise.bench.choice import chosen, require_learned_from
from inkwise.bench.contender import PEERS
from inkwise.bench.identity import differing, fingerprint
from inkwise.data.uci import read_uci_digits
from inkwise.errors import ModelError, RunError, UnknownName, UsageError
from inkwise.experiment.ensemble import combine
from inkwise.runs.run import Run


def test_the_default_is_our_recipes_and_every_peer() -> None:
    everyone = chosen(())
    ours = [one for one in everyone if one.ours]
    assert ours
    assert everyone[len(ours) :] == PEERS
    assert list(chosen((), peers=False)) == ours


def test_contenders_keep_the_order_in_which_they_are_named() -> None:
    assert [one.name for one in chosen(["classical", "small-cnn"])] == ["classical", "small-cnn"]


def test_an_unknown_name_is_told_what_comes_close() -> None:
    with pytest.raises(UnknownName, match=r"no recipe, peer or model 'keras-jaxx'\. Did you mean 'keras-jax'"):
        chosen(["keras-jaxx"])


def test_a_recipes_file_is_to_be_trained_first() -> None:
    with pytest.raises(UsageError, match=r"train it with `inkwise train tiny\.toml` and name its run folder"):
        chosen(["tiny.toml"])


def test_a_name_given_twice_is_told_of_seeds() -> None:
    with pytest.raises(UsageError, match="classical is named twice; name each contender once, and say --seeds"):
        chosen(["classical", "classical"])


def test_a_yes_or_no_recipe_is_not_compared() -> None:
    with pytest.raises(UsageError, match="matched-filter asks a yes-or-no question"):
        chosen(["matched-filter"])


def test_a_run_folder_stands_in_the_row_of_its_recipe(tiny_run: Run) -> None:
    (one,) = chosen([str(tiny_run.folder)])
    (recipe,) = chosen(["tiny"])
    assert (one.name, one.seeds(5)) == ("tiny", (4,))
    assert not differing(fingerprint(one), fingerprint(recipe), weights=False)
    assert fingerprint(one)["weights"] == sha256(tiny_run.model_file.read_bytes()).hexdigest()[:12]
    assert one.command(4, "uci-digits", None, quick=False)[2:4] == ["inkwise.bench.trained", str(tiny_run.folder)]


def test_a_model_file_may_have_a_row_of_its_own(tiny_run: Run) -> None:
    (one,) = chosen([f"mine={tiny_run.model_file}"])
    assert (one.name, one.what, one.trained_with) == ("mine", "A tiny one", 4)


def test_a_model_given_twice_is_told(tiny_run: Run) -> None:
    with pytest.raises(UsageError, match="tiny with seed 4 is named twice"):
        chosen([str(tiny_run.folder), str(tiny_run.model_file)])


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no model file or run folder .*gone\.safetensors"):
        chosen([f"mine={tmp_path / 'gone.safetensors'}"])
    with pytest.raises(RunError, match="is not a run folder"):
        chosen([str(tmp_path)])


@pytest.mark.parametrize("label", ["published-fast", "classical", "fast", "small-cnn@published"])
def test_a_label_does_not_take_the_name_of_another(tiny_run: Run, label: str) -> None:
    with pytest.raises(UsageError, match=f"would stand in the row of {label}, which is a peer or another recipe"):
        chosen([f"{label}={tiny_run.folder}"])
    assert chosen([f"tiny={tiny_run.folder}"])[0].name == "tiny"


def test_a_model_is_not_called_like_a_peer_by_its_own_recipe(model_of: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="would stand in the row of classical"):
        chosen([str(model_of(name="classical"))])


def test_two_recipes_of_one_name_are_no_one_row(tiny_run: Run, model_of: Callable[..., Path]) -> None:
    other = model_of(seed=5, epochs=1)
    with pytest.raises(
        UsageError, match=r"would make one row, tiny, and are not the same but for their seed: epochs 2, now 1"
    ):
        chosen([str(tiny_run.folder), str(other)])
    assert [one.name for one in chosen([str(tiny_run.folder), f"short={other}"])] == ["tiny", "short"]


def test_what_learned_from_other_data_is_told_before_anything_starts(tiny_run: Run) -> None:
    found = chosen(["fast", str(tiny_run.folder)])
    require_learned_from(found, "uci-digits", None)
    require_learned_from(found, "uci-digits", read_uci_digits().hashes)
    with pytest.raises(
        UsageError, match=r"run learned from uci-digits, and this benchmark is on mnist; give --dataset"
    ):
        require_learned_from(found, "mnist", None)
    with pytest.raises(UsageError, match="run learned from other files of uci-digits than those that are found here"):
        require_learned_from(found, "uci-digits", {"optdigits.tra": "abc"})
    unknown = replace(found[1], learned_from=("unknown data", {}))
    with pytest.raises(UsageError, match="is on mnist; name a model that learned from mnist"):
        require_learned_from([unknown], "mnist", None)


def test_an_ensemble_tells_whose_mean_it_is(tiny_run: Run, model_of: Callable[..., Path], tmp_path: Path) -> None:
    same, short, other = model_of(seed=5), model_of(seed=6, epochs=1), model_of(name="other", seed=7)
    told = []
    for number, models in enumerate(([same], [short], [same, other])):
        path = combine([tiny_run.folder, *models], tmp_path / f"{number}.safetensors").path
        (one,) = chosen([str(path)])
        told.append((one.name, one.what))
    assert told == [
        ("tiny-ensemble", "the mean of 2 networks of tiny"),
        ("tiny-ensemble", "the mean of 2 networks of tiny, of different settings"),
        ("tiny-other-ensemble", "the mean of 2 networks of tiny and 1 network of other"),
    ]
    with pytest.raises(UsageError, match="would stand in the row of tiny"):
        chosen([f"tiny={path}"])  # an ensemble is not its recipe
