"""The Recipe: what to train and how, as one frozen model with a comment per field.

Flags, TOML files and the Studio's form all come from this model. It knows the fields' meaning, not how a loop
carries them out. Defaults are the corrected, everyday choice; a defect of a published route is spelled out in
that route's `NAME@published` recipe and nowhere else. The comment behind a field is its help text everywhere: see
`fields`.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inkwise.data.augmentation import Augmentation

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]

# What the outputs behind those of the classes mean, of a network that also learns from pictures of no digit.
REJECTS: Final = ("not a digit", "two digits")


class Disagreement(ValueError):
    """Fields that are fine one by one but not together; `faults` pairs their dotted names with a sentence."""

    def __init__(self, faults: list[tuple[set[str], str]]) -> None:
        self.faults = tuple((frozenset(names), sentence) for names, sentence in faults)
        super().__init__("; ".join(sentence for _, sentence in self.faults))


class Optimizer(BaseModel):
    """How a gradient becomes a step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["sgd", "adam", "adamw", "muon"] = "adam"  # the rule for a step
    lr: Positive = 1e-3  # learning rate at the height of the schedule
    momentum: Fraction = 0.0  # sgd and muon alone
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)  # adam, adamw, and the weights that muon leaves to adamw
    eps: Positive = 1e-8  # the same
    weight_decay: NotNegative = 0.0  # sgd and adam add it to the gradient, adamw and muon to the step
    rest_lr: Positive = 1e-3  # muon alone: the rate of its adamw, for the last matrix and all vectors


class Schedule(BaseModel):
    """The learning rate over the run, as a factor on `optimizer.lr`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["constant", "linear", "cosine"] = "constant"  # the way down, after the warm-up
    warmup: Fraction = 0.0  # share of all steps in which the rate rises linearly
    final: Fraction = 0.0  # factor at the last step; linear and cosine alone


class Claim(BaseModel):
    """What the source says of itself, and what came out when it was run as published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str  # as printed at the source, "98.73 %"
    split: Literal["train", "validation", "test"] = "test"  # what it was measured on
    reproduced: Annotated[float, Field(ge=0, le=1)] | None = None  # accuracy of the published code, measured by us


class Recipe(BaseModel):
    """Everything that decides a training's outcome, given the data and the machine's arithmetic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # NAME, or NAME@published
    title: str = ""  # one line for people
    source: str = ""  # where it was published
    claim: Claim | None = None
    defects: tuple[str, ...] = ()  # what is wrong with it, one sentence each

    dataset: str = "mnist"  # a registered name, folder:PATH or npz:PATH
    positive: Annotated[int, Field(ge=0)] | None = None  # binary: this class against all others
    validation: Annotated[int, Field(ge=0)] = 5000  # images held out of train, for every choice
    negatives: Annotated[int, Field(ge=0)] = 0  # pictures of no digit, drawn and added to the train images; 0: none
    rewritten: Annotated[int, Field(ge=0)] = 0  # digits written anew with other pens, added to the train images
    shuffle: bool = True  # a new order each epoch

    network: tuple[str, ...] | str  # layers, one line each ("conv 8 3x3 pad 1"), or a registered network's name
    pixels: Literal["unit", "signed", "standard"] = "unit"  # [0, 1]; [-1, 1]; (x - 0.1307) / 0.3081

    loss: Literal["cross-entropy", "binary-cross-entropy", "mse"] = "cross-entropy"  # what training makes small
    label_smoothing: Fraction = 0.0  # cross-entropy alone
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    epochs: Annotated[int, Field(ge=1)] = 10  # passes over the training images
    batch_size: Annotated[int, Field(ge=1)] = 64  # images a step
    least_steps: Annotated[int, Field(ge=0)] = 0  # on few images epochs are added up to here; 0 once epochs is a flag
    augmentation: Augmentation = Augmentation()

    average: Fraction = 0.0  # decay per step of an exponential average of the weights; 0: none
    patience: Annotated[int, Field(ge=0)] = 0  # epochs without a better validation before stopping; 0: never
    keep: Literal["best", "last"] = "best"  # the epoch that becomes the model: best by validation loss, or the last

    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 where the machine is faster with it
    watch_every: Annotated[int, Field(ge=0)] = 0  # steps between looks at accuracy within an epoch; 0: epochs alone

    # Defects that a published route may have; none of ours does.
    test_mode: Literal["eval", "train"] = "eval"  # "train": dropout and batch statistics act while testing
    watch_test: bool = False  # the looks go to the test split
    decision: Literal["argmax", "threshold", "argmax-of-one-column"] = "argmax"  # how outputs become a class

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0  # of first weights, order, dropout and augmentation

    @property
    def binary(self) -> bool:
        """Whether the question is one class against all others."""
        return self.positive is not None

    @property
    def rejects(self) -> tuple[str, ...]:
        """What the outputs behind those of the classes mean; none where the recipe has no negatives."""
        return REJECTS if self.negatives else ()

    def outputs(self, classes: int) -> int:
        """Return how many outputs the network has for a dataset of so many classes."""
        return 1 if self.binary else classes + len(self.rejects)

    @model_validator(mode="after")
    def _fields_agree(self) -> "Recipe":
        faults: list[tuple[set[str], str]] = []
        if self.binary and self.loss == "cross-entropy":
            sentence = "positive asks a yes-or-no question: loss must be binary-cross-entropy or mse"
            faults.append(({"positive", "loss"}, sentence))
        if self.binary and self.decision == "argmax":
            sentence = "positive asks a yes-or-no question: decision must be threshold"
            faults.append(({"positive", "decision"}, sentence))
        if not self.binary and self.loss != "cross-entropy":
            faults.append(({"positive", "loss"}, f"loss {self.loss} needs positive, the class that is asked for"))
        if not self.binary and self.decision != "argmax":
            sentence = f"decision {self.decision} needs positive, the class that is asked for"
            faults.append(({"positive", "decision"}, sentence))
        if self.binary and self.negatives:
            sentence = "positive asks a yes-or-no question, which has no output for negatives: set negatives to 0"
            faults.append(({"positive", "negatives"}, sentence))
        if self.binary and self.rewritten:
            sentence = "positive asks a yes-or-no question, and digits are rewritten by their label: set rewritten to 0"
            faults.append(({"positive", "rewritten"}, sentence))
        if self.patience and not self.validation:
            sentence = "patience needs a validation split: set validation above 0"
            faults.append(({"patience", "validation"}, sentence))
        if self.label_smoothing and self.loss != "cross-entropy":
            faults.append(({"label_smoothing", "loss"}, "label_smoothing works with cross-entropy alone"))
        if self.optimizer.momentum and self.optimizer.name not in {"sgd", "muon"}:
            sentence = f"optimizer.momentum works with sgd and muon alone; {self.optimizer.name} takes optimizer.betas"
            faults.append(({"optimizer.momentum", "optimizer.name"}, sentence))
        if self.optimizer.rest_lr != Optimizer().rest_lr and self.optimizer.name != "muon":
            sentence = f"optimizer.rest_lr works with muon alone; {self.optimizer.name} has one rate, optimizer.lr"
            faults.append(({"optimizer.rest_lr", "optimizer.name"}, sentence))
        if faults:
            raise Disagreement(faults)
        return self
