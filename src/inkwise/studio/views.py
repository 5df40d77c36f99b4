"""The views of the Studio in the order in which the page lists them; a new one is a line here."""

from inkwise.studio.routes import compare, convolution, draw, errors, network, read, stress, train
from inkwise.studio.view import View

VIEWS: tuple[View, ...] = (
    draw.VIEW,
    network.VIEW,
    convolution.VIEW,
    train.VIEW,
    read.VIEW,
    errors.VIEW,
    compare.VIEW,
    stress.VIEW,
)
