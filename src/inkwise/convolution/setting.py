"""The setting of one convolution: shapes, mode, stride, padding, dilation and groups, checked once.

Every function of this room makes a Setting first, so that a mistake gets the same sentence everywhere and the
arithmetic afterwards can rely on what it is given. No tensors here, only their shapes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, Literal

from inkwise.convolution.window import (
    Axes,
    Each,
    Padding,
    Pads,
    Whole,
    check_places,
    counted,
    pads_of,
    per_axis,
    spelled,
    whole,
)
from inkwise.errors import ShapeError, UnknownName, UsageError

Mode = Literal["valid", "same", "full", "causal"]
PaddingMode = Literal["zeros", "reflect", "replicate", "wrap"]

MODES: Final = ("valid", "same", "full", "causal")
PADDING_MODES: Final = ("zeros", "reflect", "replicate", "wrap")
RANKS: Final = (1, 2, 3)

_FORMS: Final = {  # by what was given: what it must be, and how a mere array becomes one
    "image": ("An image is (N, channels, *space)", "a single signal x becomes one with x[None, None]"),
    "kernel": ("A kernel is (kernels, channels, *space)", "a single kernel k becomes one with k[None, None]"),
}


@dataclass(frozen=True)
class Setting:
    """A kernel over an image, both known by their shapes alone, and everything that says how it slides.

    The image is (batch, groups * depth, *space), the kernel (kernels, depth, *kernel), the output
    (batch, kernels, *output_size). `pads` has (before, after) for each axis of space.
    """

    batch: int
    kernels: int  # C_out
    depth: int  # channels that one kernel sees: C_in / groups
    space: Axes
    kernel: Axes
    stride: Axes
    dilation: Axes
    pads: Pads
    padding_mode: PaddingMode
    groups: int
    output_size: Axes

    @classmethod
    def make(
        cls,
        image_shape: Sequence[int],
        kernel_shape: Sequence[int],
        *,
        mode: str = "valid",
        padding: Padding | None = None,
        padding_mode: str = "zeros",
        stride: Each = 1,
        dilation: Each = 1,
        groups: Whole = 1,
    ) -> "Setting":
        """Check everything and return the setting.

        Args:
            image_shape: (N, C_in, *space), over one to three axes.
            kernel_shape: (C_out, C_in / groups, *kernel), over the same axes.
            mode: "valid" adds nothing; "same" makes the output ceil(n / stride) long, the spare value of an odd total
                after the image; "full" adds d(m - 1) on either side, so that every overlap counts; "causal" adds
                d(m - 1) before alone, so that no output depends on what comes later (one axis). The total d(m - 1)
                is odd for an even kernel that is not dilated: with the spare value after, "same" is torch's
                padding="same"; NumPy's and SciPy's convolve put it before, so that for such a kernel theirs is ours
                one place later.
            padding: Values to add instead of by a mode: one number, one for each axis, or (before, after) for each.
            padding_mode: What is added: "zeros", "reflect" (the edge not repeated), "replicate" (the edge), "wrap".
            stride: Steps between two places, at least 1.
            dilation: Steps between two values of the kernel, at least 1.
            groups: Blocks of channels that do not see each other; it divides C_in and C_out.

        Raises:
            ShapeError: Something is empty, the axes or channels do not match, or the kernel does not fit.
            UsageError: A stride, dilation, padding or number of groups out of its range, a mode beside a padding or in
                its place, or torch's name for a padding mode.
            UnknownName: A mode or padding mode that does not exist.
        """
        rank = spatial_rank("image", image_shape)
        spatial_rank("kernel", kernel_shape, rank)
        blocks = checked_groups(image_shape[1], kernel_shape[0], groups)
        _check_depth(image_shape[1], kernel_shape[1], blocks)
        space, kernel = tuple(image_shape[2:]), tuple(kernel_shape[2:])
        strides, dilations = per_axis("stride", stride, rank), per_axis("dilation", dilation, rank)
        pads = _pads(mode, padding, kernel, dilations)
        return cls(
            batch=image_shape[0],
            kernels=kernel_shape[0],
            depth=kernel_shape[1],
            space=space,
            kernel=kernel,
            stride=strides,
            dilation=dilations,
            pads=pads,
            padding_mode=_padding_mode(padding_mode),
            groups=blocks,
            output_size=check_places(space, kernel, strides, pads, dilations),
        )

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.space)

    @property
    def padded(self) -> Axes:
        """The image's size with its padding."""
        return tuple(n + before + after for n, (before, after) in zip(self.space, self.pads, strict=True))

    @property
    def image_shape(self) -> Axes:
        """(N, C_in, *space)."""
        return (self.batch, self.groups * self.depth, *self.space)

    @property
    def kernel_shape(self) -> Axes:
        """(C_out, C_in / groups, *kernel)."""
        return (self.kernels, self.depth, *self.kernel)

    @property
    def output_shape(self) -> Axes:
        """(N, C_out, *output_size)."""
        return (self.batch, self.kernels, *self.output_size)

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with its addition, that the definition asks for."""
        return prod(self.output_shape) * self.depth * prod(self.kernel)


def spatial_rank(what: Literal["image", "kernel"], shape: Sequence[int], rank: int | None = None) -> int:
    """Return over how many axes of space an image or a kernel is, which has two axes more.

    Args:
        what: Which of the two it is.
        shape: Its shape.
        rank: How many there must be; one to three where None.

    Raises:
        ShapeError: There are others, or the shape has a 0.
    """
    found = len(shape) - 2
    if found not in RANKS or found != (rank or found):
        form, cure = _FORMS[what]
        axes = "one to three axes" if rank is None else f"the image's {counted(rank, 'axis', 'axes')}"
        raise ShapeError(f"{form} over {axes}, and was given shape {tuple(shape)}; {cure}.")
    if 0 in shape:
        raise ShapeError(f"The {what} is empty: its shape is {spelled(shape)}; give at least one value.")
    return found


def checked_groups(channels: int, kernels: int, groups: Whole) -> int:
    """Return the number of groups.

    Raises:
        UsageError: It is not a whole number of at least 1.
        ShapeError: It does not divide the image's channels and the kernels.
    """
    blocks = whole("number of groups", groups)
    if channels % blocks or kernels % blocks:
        raise ShapeError(
            f"The image has {counted(channels, 'channel')} and there {'is' if kernels == 1 else 'are'} "
            f"{counted(kernels, 'kernel')}; {blocks} groups must divide both."
        )
    return blocks


def _check_depth(channels: int, depth: int, groups: int) -> None:
    if depth != channels // groups:
        groups_of = "" if groups == 1 else f" in {groups} groups of {channels // groups}"
        raise ShapeError(
            f"Each kernel has {counted(depth, 'channel')} and the image has {channels}{groups_of}; give kernels of "
            f"{counted(channels // groups, 'channel')}."
        )


def _padding_mode(name: str) -> PaddingMode:
    for known in PADDING_MODES:
        if name == known:
            return known
    if name == "circular":  # which no spelling is close to
        raise UsageError("There is no padding mode 'circular'; what torch calls so is 'wrap' here.")
    raise UnknownName("padding mode", name, PADDING_MODES)


def _pads(mode: str, padding: Padding | None, kernel: Axes, dilation: Axes) -> Pads:
    """Return (before, after) for each axis, from the mode or from what was asked for."""
    if mode not in MODES:
        raise UnknownName("mode", mode, MODES)
    if padding is not None:
        if mode != "valid":
            raise UsageError(f"Both mode {mode!r} and padding {padding!r} were given; give one of them.")
        if isinstance(padding, str) and padding in MODES:
            raise UsageError(f"The padding is {padding!r}, which is a mode here: give mode={padding!r} instead.")
        return pads_of(padding, len(kernel))
    reach = tuple(d * (m - 1) for m, d in zip(kernel, dilation, strict=True))
    if mode == "full":
        return tuple((r, r) for r in reach)
    if mode == "causal":
        if len(kernel) != 1:
            raise UsageError(
                f"Mode 'causal' is for one axis, time, and the image has {len(kernel)}; use 'same' or give a padding."
            )
        return ((reach[0], 0),)
    if mode == "same":
        return tuple((r // 2, r - r // 2) for r in reach)
    return ((0, 0),) * len(kernel)
