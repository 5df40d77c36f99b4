"""From a line to its layer, and what is said of a line that cannot be read."""

import re

import pytest

from inkwise.errors import UsageError
from inkwise.models.kinds import KINDS, Conv, Dropout, LeakyRelu, Linear, MaxPool
from inkwise.models.notation import parse


def test_every_word_of_a_line_reaches_its_layer() -> None:
    line = "conv 16 5x3 stride 2 pad 2x1 dilation 1x2 groups 4 nobias"
    assert parse(line) == Conv(line, 16, (5, 3), (2, 2), (2, 1), (1, 2), 4, bias=False)
    assert parse("maxpool 3x3 stride 2 pad 1") == MaxPool("maxpool 3x3 stride 2 pad 1", (3, 3), (2, 2), (1, 1))
    assert parse("dropout 0.25") == Dropout("dropout 0.25", 0.25)
    assert parse("leakyrelu slope 0.2") == LeakyRelu("leakyrelu slope 0.2", 0.2)
    assert parse("linear 128 nobias") == Linear("linear 128 nobias", 128, bias=False)


def test_classes_is_sized_when_their_number_is_known() -> None:
    assert parse("linear classes").sized(7).output_shape((3,)) == (7,)
    assert parse("linear 5").sized(7).output_shape((3,)) == (5,)


def test_case_and_blanks_do_not_matter() -> None:
    assert parse("  Conv  8   3X3 PAD 1 ") == parse("conv 8 3x3 pad 1")


@pytest.mark.parametrize("word", KINDS)
def test_every_kind_says_how_it_is_written(word: str) -> None:
    kind = KINDS[word]
    assert kind.usage.split()[0] == kind.word == word
    assert kind.stem
    assert kind.__doc__


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "A layer's line is empty; write one of conv, maxpool"),
        ("rleu", "'rleu': there is no layer 'rleu'. Did you mean 'relu'?"),
        ("conv", "'conv' lacks its channels; write conv CHANNELS KERNEL [stride S]"),
        ("conv 8", "'conv 8' lacks its kernel; write conv CHANNELS KERNEL"),
        ("conv 0 3x3", "'conv 0 3x3': channels is '0'; it must be a whole number of at least 1."),
        ("conv -8 3x3", "channels is '-8'; it must be a whole number"),
        ("conv 8 3x3x3", "kernel is '3x3x3'; it must be one size (3) or height x width (3x5), each at least 1."),
        ("conv 8 3x", "kernel is '3x'; it must be one size"),
        ("conv 8 3x3 pad", "'conv 8 3x3 pad': pad lacks its value; write conv"),
        ("conv 8 3x3 pad -1", "pad is '-1'; it must be one margin (1) or height x width (1x2), each at least 0."),
        ("conv 8 3x3 pad 1 pad 2", "'conv 8 3x3 pad 1 pad 2' gives pad twice; write conv"),
        ("conv 8 3x3 padd 1", "'padd' is not understood; write conv CHANNELS"),
        ("conv 8 3x3 padd 1", "Did you mean 'pad'?"),
        ("maxpool 2 dilation 2", "'dilation' is not understood; write maxpool KERNEL [stride S] [pad P]."),
        ("relu 3", "'relu 3': '3' is not understood; write relu."),
        ("dropout 1", "probability is '1'; it must be a number from 0 to below 1."),
        ("dropout nan", "probability is 'nan'; it must be a number from 0 to below 1."),
        ("leakyrelu slope inf", "slope is 'inf'; it must be a finite number of at least 0."),
        ("leakyrelu slope x", "slope is 'x'; it must be a finite number of at least 0."),
        ("linear clases", "features is 'clases'; it must be a whole number of at least 1, or the word classes."),
        ("linear 12345678901234567890", "features is '12345678901234567890'; it must be a whole number"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_what_is_accepted(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        parse(line)


def test_an_endless_line_is_not_quoted_whole() -> None:
    with pytest.raises(UsageError) as caught:
        parse("relu " + "x" * 10_000)
    assert len(str(caught.value).split(":")[0]) < 220
