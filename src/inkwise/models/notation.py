"""From a line to its layer: "conv 8 3x3 pad 1" to Conv(channels=8, kernel=(3, 3), pad=(1, 1)).

The grammar is the fields of each kind's dataclass (see `kinds`). A line that cannot be read is a UsageError that
names the line, the word and what is accepted.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, Final

from inkwise.errors import UsageError, hint
from inkwise.models.kinds import KINDS
from inkwise.models.layer import Layer
from inkwise.models.words import WordError

_MOST_CHARACTERS: Final = 200  # of a line quoted in a message


def parse(line: str) -> Layer:
    """Return the layer that `line` describes; case and blanks do not matter.

    Raises:
        UsageError: the layer or a word is unknown, a word is missing, or a value is not accepted.

    Example:
        >>> parse("conv 8 3x3 pad 1").output_shape((1, 28, 28))
        (8, 28, 28)
    """
    words = line.lower().split()
    if not words:
        raise UsageError(f"A layer's line is empty; write one of {', '.join(KINDS)}.")
    line = " ".join(words)
    kind = KINDS.get(words[0])
    if kind is None:
        raise UsageError(f"{_quoted(line)}: there is no layer {words[0]!r}.{hint(words[0], KINDS)}")
    return kind(line=line, **_Reader(line, kind).values(words[1:]))


class _Reader:
    """Reads the words after the first, for one kind of layer."""

    def __init__(self, line: str, kind: type[Layer]) -> None:
        own = [slot for slot in fields(kind) if slot.name != "line"]
        self.line, self.usage = _quoted(line), kind.usage
        self.positional = [slot for slot in own if slot.default is MISSING]
        self.options = {slot.name: slot for slot in own if "read" in slot.metadata and slot.default is not MISSING}
        self.switches = {f"no{slot.name}": slot.name for slot in own if "read" not in slot.metadata}

    def values(self, words: list[str]) -> dict[str, Any]:
        """Return each given field's value."""
        if len(words) < len(self.positional):
            missing = self.positional[len(words)]
            raise UsageError(f"{self.line} lacks its {missing.name}; write {self.usage}.")
        values = {slot.name: self._value(slot, words.pop(0)) for slot in self.positional}
        while words:
            name = words.pop(0)
            if name in self.switches:
                values[self.switches[name]] = False
                continue
            if name not in self.options:
                suggestion = hint(name, (*self.options, *self.switches))
                raise UsageError(f"{self.line}: {name!r} is not understood; write {self.usage}.{suggestion}")
            if name in values:
                raise UsageError(f"{self.line} gives {name} twice; write {self.usage}.")
            if not words:
                raise UsageError(f"{self.line}: {name} lacks its value; write {self.usage}.")
            values[name] = self._value(self.options[name], words.pop(0))
        return values

    def _value(self, slot: Field[Any], word: str) -> Any:
        read: Callable[[str], Any] = slot.metadata["read"]
        try:
            return read(word)
        except WordError as error:
            raise UsageError(f"{self.line}: {slot.name} is {word!r}; it must be {error}.") from None


def _quoted(line: str) -> str:
    return repr(line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}...")
