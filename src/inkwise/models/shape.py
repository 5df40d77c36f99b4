"""Shapes of what passes between layers, without the batch: (channels, height, width), or (features,) once flat."""

Shape = tuple[int, ...]
Pair = tuple[int, int]  # height, width
