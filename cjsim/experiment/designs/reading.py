"""A study read again: it is what was written, and has what its reader asks of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from cjsim.errors import Fault, Faults
from cjsim.experiment.hashes import SHOW_ALL, hash_problem, listed_hashes
from cjsim.experiment.manifest_records import Count, Day, Record, Sha256
from cjsim.experiment.manifest_schema import LARGEST, no_number
from cjsim.schema.bounds import control_character
from cjsim.schema.files import dotted
from cjsim.storage.plain import PlainTable

STUDY: Final = "study.json"
"""What a study found, and all that is needed to say how; written last."""

REMEDY: Final = "Run the study again with --fresh."


class StudyRecord(Record):
    """What every study.json says of its study."""

    kind: str
    run_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]
    plan_hash: str | None = None
    seed: Count
    replications: Annotated[int, Field(strict=True, ge=1)]
    study_from: Day
    study_to: Day
    notices: tuple[str, ...] = ()
    models: dict[str, str] = Field(default_factory=dict)
    versions: PlainTable = Field(default_factory=dict)
    tables: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}\.csv$")], Sha256] | None = None
    records: (
        dict[
            Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_@.-]{0,130}/[0-9]{3,5}$")], Sha256
        ]
        | None
    ) = None


def read_study(
    folder: Path, kind: type[StudyRecord] = StudyRecord, *, trusting: bool = False
) -> PlainTable:
    """The content of a study's file. Raises Faults where it is damaged, or was changed since.

    With `trusting` the caller checks its hash by other means.
    """
    path = folder / STUDY
    content = None
    try:
        if path.stat().st_size <= LARGEST:
            content = json.loads(path.read_text(encoding="utf-8"), parse_constant=no_number)
    except (OSError, ValueError, RecursionError):
        raise _fault(folder, "this cannot be read.") from None
    if not isinstance(content, dict):
        raise _fault(folder, "this is damaged.")
    try:
        kind.model_validate(content, by_alias=True)
    except ValidationError as error:
        places = dict.fromkeys(dotted(one["loc"]) for one in error.errors())
        raise _fault(folder, f"this is damaged: it has no {', '.join(places)}.") from None
    about = content.get("experiment")
    kept = {**about, "text": ""} if isinstance(about, dict) else {}
    if (at := control_character({**content, "experiment": kept})) is not None:
        raise _fault(folder, f"the text at {dotted(at)} holds a control character.")
    own = listed_hashes(folder).get(STUDY)
    if own is not None and not trusting and (wrong := hash_problem(folder, STUDY, own)):
        raise Faults([Fault(str(folder), STUDY, wrong, SHOW_ALL)])
    return content


def _fault(folder: Path, wrong: str) -> Faults:
    return Faults([Fault(str(folder), STUDY, wrong, REMEDY)])
