import io
import signal

import pytest
from rich.console import Console

from inkwise.cli import console
from inkwise.cli.console import Interrupt, TrainingBar, figures, on_interrupt, print_json, say
from inkwise.training.row import Row

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal of 80 columns in place of stderr."""
    screen = io.StringIO()
    fake = Console(file=screen, width=80, force_terminal=True, color_system=None, highlight=False, markup=False)
    monkeypatch.setattr(console, "err", lambda: fake)
    return screen


def test_ctrl_c_before_the_first_step_stops_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), on_interrupt(TrainingBar(quiet=True)):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_training_asks_a_second_one_stops(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_interrupt(TrainingBar(quiet=True)) as interrupt:
        assert not interrupt()
        signal.raise_signal(number)
        assert interrupt()
        assert "Stopping after this step; press Ctrl-C again to stop at once." in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_the_handlers_from_before_come_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with on_interrupt(TrainingBar(quiet=True)) as interrupt:
        assert isinstance(interrupt, Interrupt)
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_bar_fits_into_80_columns_with_all_of_its_figures(terminal: io.StringIO) -> None:
    with TrainingBar(quiet=False) as bar:
        bar.progress(9379, 9380, 0.1234, 1.0, 123_456.7)
        bar.bar.refresh()
    shown = terminal.getvalue()
    for text in ("9379/9380", "loss 0.1234", "accuracy 100.00 %", "123,457 images/s", "-:--:--"):
        assert text in shown
    assert "…" not in shown


def test_a_row_of_an_epoch_is_a_line_and_one_within_it_is_none(terminal: io.StringIO) -> None:
    bar = TrainingBar(quiet=False)
    row: Row = {"epoch": 2.0, "step": 100, "split": "train", "loss": 0.25, "accuracy": 0.5, "seconds": 1.25}
    bar.row(row)
    row["epoch"] = 2.5
    bar.row(row)
    assert terminal.getvalue() == "epoch   2  train       loss 0.2500  accuracy  50.00 %  1.2 s\n"


def test_a_quiet_bar_says_nothing(terminal: io.StringIO) -> None:
    with TrainingBar(quiet=True) as bar:
        bar.say("text")
        bar.progress(1, 2, 0.5, 0.5, 1.0)
        bar.row({"epoch": 1.0, "step": 2, "split": "train", "loss": 0.25, "accuracy": 0.5, "seconds": 1.25})
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("loss", [0.0, 2.3026, 9999.0, 243330508213618475008.0, float("nan"), float("inf")])
def test_a_loss_of_any_size_keeps_the_columns(loss: float) -> None:
    assert len(figures(loss, 0.5)) == len(figures(1.0, 1.0))


def test_a_sentence_is_neither_wrapped_nor_read_as_markup(capsys: Capture) -> None:
    text = f"[bold]runs/[/x] :smile: {'word ' * 40}end"
    say(text)
    assert capsys.readouterr().err == text + "\n"


def test_json_is_one_line(capsys: Capture) -> None:
    print_json({"text": "two\nlines"})
    assert capsys.readouterr().out == '{"text": "two\\nlines"}\n'
