"""How Sphinx builds the pages: Markdown by MyST, Furo's look, docs/_ext for formulas and docstrings."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Inkwise"
author = "The Inkwise founders"
language = "en"

extensions = ["myst_parser", "mathml", "sphinx.ext.autodoc", "docstrings", "sphinx.ext.napoleon"]
add_module_names = False
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
pygments_dark_style = "a11y-high-contrast-dark"
html_title = "Inkwise"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # it would fetch pages, which a browser forbids where they lie on a disk
