"""Formulas as MathML, written into the page when it is built: no script, no font and no host is asked for.

The converter is docutils' own; a command that it does not know is a warning, and so, in our build, an error. Every
browser of today draws MathML by itself.
"""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _write(page: HTML5Translator, node: nodes.Element, *, block: bool) -> None:
    formula = node.astext()
    try:
        page.body.append(tex2mathml(formula, as_block=block))
    except MathError as error:
        logger.warning("formula %r: %s", formula, error, location=node)
    raise nodes.SkipNode


def inline(page: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    _write(page, node, block=False)


def displayed(page: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself."""
    _write(page, node, block=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the renderer; conf.py chooses it by name."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(displayed, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
