"""`cjsim new`: a folder to begin a study in, from what travels with the package.

The wheel carries two models, two experiments and the evidence register in `starter_files`; in a
checkout they are read where they lie. A study is written whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cjsim.docgen.schemas import EDITOR_SETTINGS, SETTINGS_FILE, write_schemas
from cjsim.errors import Fault, Faults
from cjsim.storage import disk
from cjsim.storage.outputs import new_folder
from cjsim.storage.whole import write_bytes, write_text

PACKED: Final = Path(__file__).parent / "starter_files"
CHECKOUT: Final = Path(__file__).parents[1]

PARTS: Final = (
    "models/toy",
    "models/staffordshire_2013",
    "experiments/first_question.toml",
    "experiments/prosecute_not_process.toml",
    "calibration/register.csv",
    "calibration/targets",
    "calibration/fits",
)
"""What a study begins with. pyproject.toml packs the same; a test compares the two."""

_README: Final = """\
# A study with cjsim

| folder | what is in it |
| --- | --- |
| `experiments/` | one file for each question; `first_question.toml` is short, to be copied |
| `models/` | the areas: `toy`, small and made up; `staffordshire_2013`, from published figures |
| `calibration/` | the register of published figures that the models' sources name; the targets |
| `schemas/` | what a file may say, for editors; `.taplo.toml` points them to it |
| `results/` | what runs write: delete it at will, the same commands write it again |

```sh
cjsim check models/toy experiments/first_question.toml
cjsim run experiments/first_question.toml
cjsim report results/first_question
```

Before a result goes to anybody: the cases in the models are made up and stand for no person; a
baseline's level is no forecast; many numbers are marked assumptions. `cjsim explain NAME` says
where a number comes from.
"""
_GITIGNORE: Final = """\
# `cjsim run` writes them again.
/results/
# what cjsim wrote into a folder
.cjsim.json
"""


def new_study(folder: Path) -> list[str]:
    """Write a study to a folder that is empty or not there yet, and say what to do next.

    Raises Faults when the folder has something in it, or is a file; nothing is written then.
    """
    _refuse_what_is_there(folder)
    with new_folder(folder) as partial:
        _write(PACKED if PACKED.is_dir() else CHECKOUT, partial)
    return [
        f"{folder}: two models, two experiments, and the figures that they rest on.",
        "",
        f"Next, in {folder}:",
        "  cjsim run experiments/first_question.toml",
        "  cjsim report results/first_question",
    ]


def _refuse_what_is_there(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        wrong, remedy = "there is something in this folder.", "Name a new or an empty one."
    elif folder.exists() and not folder.is_dir():
        wrong, remedy = "this is a file.", "Name a new folder."
    else:
        return
    raise Faults([Fault(str(folder), "", wrong, remedy)])


def _write(source: Path, folder: Path) -> None:
    for part in PARTS:
        files = [path for path in sorted((source / part).rglob("*")) if path.is_file()]
        for file in files or [source / part]:
            place = folder / file.relative_to(source)
            disk.make_folder(place.parent)
            write_bytes(file.read_bytes(), place)
    write_text(_README, folder / "README.md")
    write_text(_GITIGNORE, folder / ".gitignore")
    write_text(EDITOR_SETTINGS, folder / SETTINGS_FILE)
    write_schemas(folder / "schemas")
