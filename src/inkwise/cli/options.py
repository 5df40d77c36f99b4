"""Options that several verbs have in common."""

from typing import Annotated

from cyclopts import Parameter

Flag = Annotated[bool, Parameter(negative="", show_default=False)]  # off unless given; it has no --no- form
