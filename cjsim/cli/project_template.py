"""`cjsim new`: write a project folder from the files that the package includes.

The wheel holds two models, two experiments and the evidence register in `starter_files`; in a
checkout they are read from the repository. Either the whole project is written, or nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cjsim.docgen.schemas import EDITOR_SETTINGS, SETTINGS_FILE, write_schemas
from cjsim.errors import Fault, Faults
from cjsim.storage import disk
from cjsim.storage.outputs import new_folder
from cjsim.storage.whole import write_bytes, write_text

PACKED: Final = Path(__file__).parents[1] / "starter_files"
CHECKOUT: Final = Path(__file__).parents[2]

PARTS: Final = (
    "models/toy",
    "models/staffordshire_2013",
    "experiments/first_question.toml",
    "experiments/prosecute_not_process.toml",
    "calibration/register.csv",
    "calibration/targets",
    "calibration/fits",
)
"""The files of a new project. pyproject.toml packs the same; a test compares the two."""

_README: Final = """\
# A cjsim project

| folder | contents |
| --- | --- |
| `experiments/` | one file for each question; copy `first_question.toml` to start |
| `models/` | two areas: `toy` is small and fictional; `staffordshire_2013` uses published figures |
| `calibration/` | the register of published figures that the models cite; the targets |
| `schemas/` | JSON schemas for editors; `.taplo.toml` refers to them |
| `results/` | output of runs; the same commands write it again if you delete it |

```sh
cjsim check models/toy experiments/first_question.toml
cjsim run experiments/first_question.toml
cjsim report results/first_question
```

Before you share a result: the cases in the models are fictional and describe no person; the level
of a baseline is not a forecast; many numbers are assumptions. `cjsim explain NAME` shows the source
of a number.
"""
_GITIGNORE: Final = """\
# Output of `cjsim run`.
/results/
# The list of files that cjsim wrote into a folder.
.cjsim.json
"""


def new_study(folder: Path) -> list[str]:
    """Write a project to a new or empty folder; return the lines to print.

    Raises Faults when the folder is not empty or is a file; nothing is written then.
    """
    _refuse_used_folder(folder)
    with new_folder(folder) as partial:
        _write(PACKED if PACKED.is_dir() else CHECKOUT, partial)
    return [
        f"{folder}: two models, two experiments, and the register of published figures.",
        "",
        f"Next, in {folder}:",
        "  cjsim run experiments/first_question.toml",
        "  cjsim report results/first_question",
    ]


def _refuse_used_folder(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        wrong, remedy = "this folder is not empty.", "Name a new or an empty one."
    elif folder.exists() and not folder.is_dir():
        wrong, remedy = "this is a file.", "Name a new folder."
    else:
        return
    raise Faults([Fault(str(folder), "", wrong, remedy)])


def _write(source: Path, folder: Path) -> None:
    for part in PARTS:
        files = [path for path in sorted((source / part).rglob("*")) if path.is_file()]
        for file in files or [source / part]:
            target = folder / file.relative_to(source)
            disk.make_folder(target.parent)
            write_bytes(file.read_bytes(), target)
    write_text(_README, folder / "README.md")
    write_text(_GITIGNORE, folder / ".gitignore")
    write_text(EDITOR_SETTINGS, folder / SETTINGS_FILE)
    write_schemas(folder / "schemas")
