"""How Sphinx builds the course: executed chapters, mathematics set beforehand, nothing from the network."""

import os

project = "TensorGlass: the course"
author = "The TensorGlass maintainers"
extensions = ["myst_nb", "sphinxcontrib.katex"]
exclude_patterns = ["solutions/README.md"]
