"""From a name, a TOML file or a Python file and flags, to one checked recipe."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkwise.errors import RecipeError, UnknownName, UsageError
from inkwise.models import registry as networks
from inkwise.recipes.load import resolve, setting_to_toml, to_toml
from inkwise.recipes.recipe import Recipe
from inkwise.recipes.registry import get


def toml(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


# Names, and what is typed.


def test_a_name_alone_is_the_registered_recipe() -> None:
    assert resolve("small-cnn") == get("small-cnn")
    assert resolve("deep-cnn@published") == get("deep-cnn@published")


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match="There is no recipe 'small-cn'"):
        resolve("small-cn")


def test_any_setting_can_be_typed() -> None:
    recipe = resolve(
        "small-cnn",
        {
            "optimizer.lr": "0.01",
            "optimizer.betas": "0.9,0.95",
            "epochs": "3",
            "augmentation.rotate": "10",
            "network": "conv 8 3x3, relu, flatten, linear classes",
            "shuffle": "false",
            "positive": "none",
            "batch-size": "32",
            "schedule.name": "cosine",
        },
    )
    assert (recipe.optimizer.lr, recipe.optimizer.betas) == (0.01, (0.9, 0.95))
    assert (recipe.epochs, recipe.augmentation.rotate, recipe.batch_size) == (3, 10.0, 32)
    assert recipe.network == ("conv 8 3x3", "relu", "flatten", "linear classes")
    assert (recipe.shuffle, recipe.positive, recipe.schedule.name) == (False, None, "cosine")
    assert recipe.seed == get("small-cnn").seed


def test_a_claim_can_be_typed_where_the_recipe_has_none(tmp_path: Path) -> None:
    path = toml(tmp_path, 'network = ["flatten", "linear classes"]')
    claim = resolve(path, {"claim.text": "99 %"}).claim
    assert claim is not None
    assert claim.text == "99 %"


# What is wrong is said in one sentence for each fault, all at once.


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"optimizer.lr": "nan"}, "small-cnn: optimizer.lr is nan; it must be a finite number above 0."),
        ({"optimizer.lr": "inf"}, "optimizer.lr is inf; it must be a finite number above 0."),
        ({"optimizer.lr": "0"}, "optimizer.lr is 0.0; it must be a finite number above 0."),
        ({"epochs": "three"}, "epochs is 'three'; it must be a whole number of at least 1."),
        ({"epochs": "0"}, "epochs is 0; it must be a whole number of at least 1."),
        ({"shuffle": "maybe"}, "shuffle is 'maybe'; it must be true or false."),
        ({"optimizer.name": "rmsprop"}, "optimizer.name is 'rmsprop'; it must be one of sgd, adam, adamw, muon."),
        ({"optimizer.betas": "0.9,2"}, "optimizer.betas is 0.9, 2.0; it must be 2 values separated by commas, each a"),
        ({"positive": "-1"}, "positive is -1; it must be a whole number of at least 0, or none."),
        ({"loss": "mse"}, "loss mse needs positive, the class that is asked for."),
        ({"optimiser.lr": "1"}, "there is no setting 'optimiser.lr'. Did you mean 'optimizer.lr'"),
        ({"batchsize": "1"}, "there is no setting 'batchsize'. Did you mean 'batch_size'?"),
        ({"optimizer": "adam"}, "optimizer is a group of settings; give one of optimizer.name, optimizer.lr,"),
        ({"title": "x" * 1000, "epochs": "y" * 1000}, "y...; it must be a whole number of at least 1."),
        (
            {"network": "rleu, flatten, linear classes"},
            "network: layer 1, 'rleu': there is no layer 'rleu'. Did you mean",
        ),
        (
            {"network": "conv 8 30x30, flatten, linear classes"},
            "network: Layer 1, conv1 'conv 8 30x30' cannot take 1 x 28 x 28: floor((28 + 2*0 - 30) / 1) + 1 = -1;",
        ),
        (
            {"network": "flatten, linear 5"},
            "network: The last layer, linear1 'linear 5', gives 5 values, but 10 outputs",
        ),
        ({"network": "resnet"}, "network: There is no registered network 'resnet'."),
        ({"network": ""}, "network: There is no registered network ''."),
        ({"network": "flatten, linear 999999999, linear classes"}, "parameters; at most 1,000,000,000 are accepted."),
    ],
)
def test_a_fault_says_what_was_given_and_what_is_accepted(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        resolve("small-cnn", overrides)


def test_all_faults_are_told_at_once() -> None:
    overrides = {
        "optimiser.lr": "1",
        "optimizer.lr": "-1",
        "optimizer.name": "rmsprop",
        "optimizer.momentum": "0.9",  # fine with sgd, and what was meant by rmsprop is not known
        "epochs": "three",
        "patience": "2",
        "validation": "0",
        "network": "rleu, conv",
        "positive": "12",
    }
    with pytest.raises(RecipeError) as caught:
        resolve("small-cnn", overrides)
    starts = sorted(" ".join(fault.split()[:3]) for fault in caught.value.faults)
    assert starts == [
        "epochs is 'three';",
        "network: layer 1,",
        "network: layer 2,",
        "optimizer.lr is -1.0;",
        "optimizer.name is 'rmsprop';",
        "patience needs a",
        "positive asks a",
        "positive asks a",
        "positive is 12;",
        "there is no",
    ]
    assert "small-cnn has 10 faults:\n  - " in str(caught.value)


def test_a_binary_recipe_has_one_output() -> None:
    binary = {"positive": "3", "loss": "binary-cross-entropy", "decision": "threshold"}
    assert resolve("small-cnn", binary).binary
    with pytest.raises(RecipeError, match="gives 10 values, but one output is needed; end with 'linear classes'"):
        resolve("small-cnn", {**binary, "network": "flatten, linear 10"})


def test_the_number_of_classes_counts_where_it_is_known() -> None:
    letters = {"dataset": "folder:letters", "network": "flatten, linear 26"}
    assert resolve("small-cnn", letters).network[-1] == "linear 26"
    assert resolve("small-cnn", letters, classes=26)
    with pytest.raises(RecipeError, match="gives 26 values, but 5 outputs are needed"):
        resolve("small-cnn", letters, classes=5)
    with pytest.raises(RecipeError, match="positive is 7; it must be a class from 0 to 4"):
        resolve("matched-filter", {"positive": "7"}, classes=5)


def test_negatives_need_two_outputs_more() -> None:
    assert resolve("small-cnn", {"negatives": "100"}).network[-1] == "linear classes"
    with pytest.raises(RecipeError, match="gives 10 values, but 12 outputs are needed; end with 'linear classes'"):
        resolve("small-cnn", {"negatives": "100", "network": "flatten, linear 10"})
    with pytest.raises(RecipeError, match=r"negatives is -1; it must be a whole number of at least 0\.") as caught:
        resolve("small-cnn", {"negatives": "-1"})
    assert len(caught.value.faults) == 1


# TOML files.


def test_a_toml_file_may_start_from_another_recipe(tmp_path: Path) -> None:
    path = toml(tmp_path, 'base = "deep-cnn"\nepochs = 2\n[optimizer]\nlr = 0.01\n')
    recipe, base = resolve(path, {"seed": "5"}), get("deep-cnn")
    assert (recipe.name, recipe.epochs, recipe.optimizer.lr, recipe.seed) == ("mine", 2, 0.01, 5)
    assert (recipe.optimizer.weight_decay, recipe.network, recipe.pixels) == (1e-3, base.network, base.pixels)
    assert (recipe.claim, recipe.title, recipe.defects) == (None, "", ())


def test_a_network_in_toml_may_be_one_text_with_commas(tmp_path: Path) -> None:
    path = toml(tmp_path, 'network = "conv 8 3x3, relu, flatten, linear classes"')
    assert resolve(path).network == ("conv 8 3x3", "relu", "flatten", "linear classes")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("x = \n", UsageError, r"mine.toml is not valid TOML: Invalid value \(at line 1, column 5\)"),
        ('base = "smal-cnn"', UnknownName, r"There is no recipe 'smal-cnn'. Did you mean 'small-cnn'"),
        ("base = 3", UsageError, r"mine.toml: base is 3; it must be a recipe's name such as 'small-cnn'"),
        ("epochs = 2", RecipeError, r"mine.toml: network is missing; it must be layers separated by commas"),
        ('base = "small-cnn"\nepochs = true', RecipeError, "epochs is true; it must be a whole number of at least 1"),
        ('base = "small-cnn"\nepochs = 3.0', RecipeError, "epochs is 3.0; it must be a whole number of at least 1"),
        ('base = "small-cnn"\nshuffle = 1', RecipeError, "shuffle is 1; it must be true or false"),
        ('base = "small-cnn"\ntitle = 2020-01-01', RecipeError, "title is .*; it must be text"),
        ('base = "small-cnn"\nnetwork = [1, 2]', RecipeError, "network is 1, 2; it must be layers separated by commas"),
        ('base = "small-cnn"\nepohs = 3', RecipeError, r"there is no setting 'epohs'. Did you mean 'epochs'"),
        (
            'base = "small-cnn"\n[optimizer]\nlrr = 3',
            RecipeError,
            r"there is no setting 'optimizer.lrr'. Did you mean 'optimizer.lr'",
        ),
        (
            'base = "small-cnn"\noptimizer = 3',
            RecipeError,
            "optimizer is 3; it must be a group with settings of name, lr, momentum, betas, eps, weight_decay, rest_lr",
        ),
        ('base = "small-cnn"\n[claim]\nsplit = "test"', RecipeError, "claim.text is missing; it must be text"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(
    tmp_path: Path, text: str, error: type[UsageError], message: str
) -> None:
    with pytest.raises(error, match=message):
        resolve(toml(tmp_path, text))


def test_a_flag_beside_a_group_that_is_no_group_is_still_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="optimizer is 3; it must be a group"):
        resolve(toml(tmp_path, 'base = "small-cnn"\noptimizer = 3'), {"optimizer.lr": "0.1"})


@pytest.mark.parametrize("name", ["missing.toml", "missing.py"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        UsageError, match=rf"There is no recipe file .*{name}; give an existing .toml or .py file, or a"
    ):
        resolve(str(tmp_path / name))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(UsageError, match=r"folder.toml cannot be read: Is a directory"):
        resolve(str(tmp_path / "folder.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        UsageError, match=r"bytes.toml is not a text file in UTF-8; a recipe is a .toml file of settings"
    ):
        resolve(str(tmp_path / "bytes.toml"))


# Python files.

MINE = "from inkwise.recipes.recipe import Recipe\nNETWORK = ('flatten', 'linear classes')\n"


def test_a_python_file_gives_its_recipe_and_its_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_BUILDERS", {})
    text = (
        "from torch import nn\nfrom inkwise.models.registry import register\n"
        "from inkwise.recipes.recipe import Recipe\n"
        "@register('dense')\ndef dense(classes, input_shape):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(784, classes))\n"
        "mine = Recipe(name='mine', network='dense')\n"
    )
    path = toml(tmp_path, text, "mine.py")
    assert resolve(path, {"epochs": "2"}) == Recipe(name="mine", network="dense", epochs=2)
    assert resolve(path).network == "dense"  # a second run of the same file


def test_of_several_recipes_the_one_called_recipe_is_taken(tmp_path: Path) -> None:
    text = MINE + "a = Recipe(name='a', network=NETWORK)\nrecipe = Recipe(name='b', network=NETWORK)\n"
    assert resolve(toml(tmp_path, text, "two.py")).name == "b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a = Recipe(name='a', network=NETWORK)\nb = Recipe(name='b', network=NETWORK)",
            r"mine.py has 2 \(a, b\); give it",
        ),
        ("", "mine.py has none; give it one Recipe object, or call the one to train `recipe`"),
        ("1 / 0", "mine.py cannot be run: ZeroDivisionError: division by zero"),
        ("def", "mine.py cannot be run: SyntaxError: invalid syntax"),
        ("import nothing_of_that_name", "mine.py cannot be run: ModuleNotFoundError: No module named"),
        (
            "a = Recipe(name='a', network=NETWORK, epochs=0)",
            "mine.py: epochs is 0; it must be a whole number of at least 1",
        ),
        (
            "from inkwise.recipes.recipe import Optimizer\nOptimizer(lr=-1.0, lrr=2, betas=(0.9, 2))",
            r"has 3 faults:\n  - optimizer.lr is -1.0; .*\n  - optimizer.betas is 2; .*\n  - .* 'optimizer.lrr'",
        ),
        ("Recipe(name='a')", "mine.py: network is missing; it must be layers separated by commas"),
        ("Recipe(name='a', network=NETWORK, patience=1, validation=0)", "mine.py: patience needs a validation split"),
    ],
)
def test_a_python_file_without_one_recipe_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        resolve(toml(tmp_path, MINE + text, "mine.py"))


def test_a_python_recipe_is_checked_like_any_other(tmp_path: Path) -> None:
    text = MINE + "a = Recipe(name='a', network=('flatten', 'linear 5'))"
    with pytest.raises(RecipeError, match="gives 5 values, but 10 outputs are needed"):
        resolve(toml(tmp_path, text, "mine.py"))


# TOML as it is written.

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
positive = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
share = st.floats(min_value=0, max_value=1, exclude_max=True, allow_nan=False)
values = st.fixed_dictionaries(
    {
        "name": texts,
        "network": st.sampled_from((("flatten", "linear classes"), ("conv 2 3", "relu", "flatten", "linear classes"))),
    },
    optional={
        "title": texts,
        "source": texts,
        "defects": st.lists(texts, max_size=3).map(tuple),
        "claim": st.fixed_dictionaries({"text": texts}, optional={"reproduced": st.floats(0, 1) | st.none()}),
        "validation": st.integers(0, 10**6),
        "shuffle": st.booleans(),
        "pixels": st.sampled_from(("unit", "signed", "standard")),
        "label_smoothing": share,
        "optimizer": st.fixed_dictionaries(
            {}, optional={"name": st.just("adamw"), "lr": positive, "betas": st.tuples(share, share), "eps": positive}
        ),
        "schedule": st.fixed_dictionaries({}, optional={"name": st.just("cosine"), "warmup": share, "final": share}),
        "augmentation": st.fixed_dictionaries({}, optional={"rotate": st.floats(0, 180), "elastic": st.floats(0, 10)}),
        "epochs": st.integers(1, 10**4),
        "average": share,
        "seed": st.integers(0, 2**63 - 1),
    },
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=values, comments=st.booleans())
def test_toml_gives_back_exactly_the_recipe(tmp_path: Path, values: dict[str, object], comments: bool) -> None:
    recipe = Recipe.model_validate(values)
    assert resolve(toml(tmp_path, to_toml(recipe, comments=comments))) == recipe


def test_toml_can_say_what_each_setting_means() -> None:
    text = to_toml(get("small-cnn"), comments=True)
    assert "# passes over the training images\nepochs = 10\n" in text
    assert "[optimizer]\n# the rule for a step\nname = " in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (0.01, "0.01"), ("mse", '"mse"'), ((0.9, 0.95), "[0.9, 0.95]"), (3, "3")],
)
def test_a_setting_reads_as_in_toml(value: object, text: str) -> None:
    assert setting_to_toml(value) == text


def test_reading_recipes_does_not_import_torch() -> None:
    code = (
        "import sys; from inkwise.recipes.load import resolve; from inkwise.models.summary import summarise; "
        "summarise(resolve('small-cnn').network, 10); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("typed", "least"),
    [({}, 235), ({"epochs": "3"}, 0), ({"epochs": "3", "least-steps": "50"}, 50), ({"seed": "1"}, 235)],
)
def test_epochs_that_are_typed_are_meant(typed: dict[str, str], least: int) -> None:
    assert resolve("fast", typed).least_steps == least


def test_a_scale_that_a_layer_cannot_take_is_a_fault_of_the_recipe() -> None:
    with pytest.raises(RecipeError, match=r"network: deskew1 'deskew' finds the ink .*; set pixels to unit."):
        resolve("fast", {"pixels": "standard"})
