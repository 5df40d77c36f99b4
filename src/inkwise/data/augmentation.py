"""Batched augmentation (the helper owns this file; this is the agreed configuration)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Augmentation(BaseModel):
    """How far each random change goes; 0 switches it off. Each amount is drawn uniformly from [-a, +a]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees
    shift: Annotated[float, Field(ge=0, le=14)] = 0.0  # pixels, each axis on its own
    scale: Annotated[float, Field(ge=0, le=0.9)] = 0.0  # fraction: 0.15 draws factors from 0.85 to 1.15, each axis
    shear: Annotated[float, Field(ge=0, le=60)] = 0.0  # degrees of slant
    thickness: Annotated[float, Field(ge=0, le=3)] = 0.0  # pixels by which strokes grow or shrink
    elastic: Annotated[float, Field(ge=0, le=10)] = 0.0  # pixels, standard deviation of a smooth displacement

    @property
    def active(self) -> bool:
        """Whether any change is switched on."""
        return any(getattr(self, name) > 0 for name in type(self).model_fields)
