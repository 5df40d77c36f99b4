import pytest

from inkwise.errors import UsageError
from inkwise.recipes.flags import pairs

OWN = ("out", "quiet", "skip_unreadable", "json")


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        ([], {}),
        (["--epochs", "2"], {"epochs": "2"}),
        (["--epochs=2"], {"epochs": "2"}),
        (["--name=a=b"], {"name": "a=b"}),
        (["--name="], {"name": ""}),
        (["--no-shuffle"], {"shuffle": "false"}),
        (["--shuffle", "false"], {"shuffle": "false"}),
        (["--shuffle"], {"shuffle": "true"}),
        (["--shuffle", "--epochs", "2"], {"shuffle": "true", "epochs": "2"}),
        (["--no-shuffle", "--epochs", "2"], {"shuffle": "false", "epochs": "2"}),
        (["--seed", "1"], {"seed": "1"}),
        (["--augmentation.rotate", "10"], {"augmentation.rotate": "10"}),
        (["--augmentation.rotate", "-10"], {"augmentation.rotate": "-10"}),
        (["--batch-size", "8"], {"batch_size": "8"}),
        (["--optimizer.weight-decay=1e-4"], {"optimizer.weight_decay": "1e-4"}),
        (["--network", "flatten, linear classes"], {"network": "flatten, linear classes"}),
        (["--name", "-"], {"name": "-"}),
    ],
)
def test_every_way_of_writing_a_flag_is_read(tokens: list[str], found: dict[str, str]) -> None:
    assert pairs(tokens, OWN) == found


@pytest.mark.parametrize(
    ("tokens", "word"),
    [
        (["stray"], "stray"),
        (["--epochs", "2", "3"], "3"),
        (["--no-shuffle", "yes"], "yes"),
        (["-epochs", "2"], "-epochs"),
    ],
)
def test_a_stray_word_is_refused(tokens: list[str], word: str) -> None:
    with pytest.raises(
        UsageError, match=f"^'{word}' belongs to no flag; fields of the recipe are set as --field value"
    ):
        pairs(tokens)


@pytest.mark.parametrize("token", ["--", "--=3"])
def test_hyphens_without_a_name_are_refused(token: str) -> None:
    with pytest.raises(UsageError, match="belongs to no flag"):
        pairs([token])


@pytest.mark.parametrize(
    "tokens",
    [
        ["--epochs", "2", "--epochs", "3"],
        ["--epochs=2", "--epochs=2"],
        ["--shuffle", "--no-shuffle"],
        ["--no-shuffle", "--shuffle", "false"],
    ],
)
def test_a_flag_given_twice_is_refused(tokens: list[str]) -> None:
    with pytest.raises(UsageError, match=r"^--(epochs|shuffle) is given twice; give it once\.$"):
        pairs(tokens)


def test_hyphen_and_underscore_are_one_name() -> None:
    with pytest.raises(UsageError, match="--batch_size is given twice"):
        pairs(["--batch-size", "8", "--batch_size", "9"])


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--quite", "There is no flag --quite. Did you mean --quiet?"),
        ("--jsno=x", "There is no flag --jsno. Did you mean --json?"),
        ("--skip-unreadble", "There is no flag --skip-unreadble. Did you mean --skip-unreadable?"),
    ],
)
def test_a_misspelt_flag_of_the_verb_is_recognised(typed: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        pairs([typed], OWN)
    assert str(caught.value) == sentence


def test_a_misspelt_field_is_left_to_the_recipe() -> None:
    assert pairs(["--epoch", "2", "--losss", "mse", "--nonsense"], OWN) == {
        "epoch": "2",
        "losss": "mse",
        "nonsense": "true",
    }
