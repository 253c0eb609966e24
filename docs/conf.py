"""How the guide is built: MyST Markdown by Sphinx, with the reference written from the code first.

`make docs` builds it and takes a warning for an error.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

import cjsim
from cjsim.cli.main import main
from cjsim.docgen.pages import write_reference
from cjsim.docgen.schemas import write_schemas
from cjsim.storage.outputs import replacing

HERE = Path(__file__).parent

project = "cjsim"
author = "cjsim contributors"
version = release = cjsim.__version__
# No year and no copyright line: a page is the same whenever it is built.
html_show_copyright = False
language = "en-GB"

extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"cjsim {cjsim.__version__}"
# The schemas are there to be fetched by an editor.
html_extra_path = ["reference/schemas"]
html_copy_source = False
pygments_style = "tango"


def setup(app: Sphinx) -> None:
    """Write the reference, then let the index name every page."""
    # Nobody writes there but this: what an older cjsim left without a list of its files goes.
    with replacing(lambda _: True):
        write_reference(HERE / "reference", main, HERE.parent / "models")
        write_schemas(HERE / "reference" / "schemas")
    app.connect("source-read", name_the_other_pages)


def name_the_other_pages(_: Sphinx, page: str, source: list[str]) -> None:
    """Expand the patterns of the index, and put what it leaves out at its end: no page is lost."""
    if page != "index":
        return
    named: set[str] = set()

    def expand(pattern: re.Match[str]) -> str:
        found = [path.relative_to(HERE).with_suffix("") for path in HERE.glob(f"{pattern[1]}.md")]
        # A page of an earlier line of the index does not come twice.
        pages = [name for path in sorted(found) if (name := path.as_posix()) not in named]
        named.update(pages)
        return "".join(f"{name}\n" for name in pages)

    source[0] = re.sub(r"^([a-z_/*]+)\n", expand, source[0], flags=re.MULTILINE)
    others = sorted({path.stem for path in HERE.glob("*.md")} - named - {"index"})
    if others:
        lines = "\n".join(others)
        source[0] += f"\n```{{toctree}}\n:caption: More\n:maxdepth: 1\n\n{lines}\n```\n"
