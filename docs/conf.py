"""Configuration of the documentation site, see docs/testing.md.

The source folder is the repository, so that links between its Markdown files are links of the site.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

project = "keras-gan-zoo"
copyright = "the keras-gan-zoo authors"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "pages",
]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "CHANGELOG.md",
    "benchmarks/README.md",
    "keras_gan_zoo/presets/*/card.md",
]
exclude_patterns = [".*", "build", "docs/_*", "docs/demo"]

myst_enable_extensions = ["html_image", "colon_fence"]
myst_heading_anchors = 6

# Single backticks: a link if they hold the name of a documented object, else code.
default_role = "py:obj"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_default_options = {"show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
python_maximum_signature_line_length = 88
toc_object_entries = False
highlight_language = "none"

html_theme = "furo"
html_title = "keras-gan-zoo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_additional_pages = {"index": "to_start.html"}
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
