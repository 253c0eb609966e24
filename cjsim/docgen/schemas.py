"""JSON schemas of the files that people write, so that an editor completes, explains and warns.

They are made from the same types that the loader checks with. What only the loader can see (a pool
that no file names, shares that do not add up) stays with `cjsim check`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from cjsim.schema.experiment import Experiment
from cjsim.schema.model import Model
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_text

MODEL_SCHEMA: Final = "model.schema.json"
EXPERIMENT_SCHEMA: Final = "experiment.schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

SETTINGS_FILE: Final = ".taplo.toml"
EDITOR_SETTINGS: Final = f"""\
# For editors with TOML support by taplo, such as Even Better TOML: which file is described where.

[[rule]]
include = ["models/*/*.toml"]
[rule.schema]
path = "schemas/{MODEL_SCHEMA}"

[[rule]]
include = ["experiments/*.toml"]
[rule.schema]
path = "schemas/{EXPERIMENT_SCHEMA}"
"""


def model_schema() -> dict[str, Any]:
    """The schema of one file of a model's folder: any of the model's tables, none of them needed.

    The files of a folder make the model together, so that no single one has to have them all.
    """
    schema = _schema(Model, "A file of a cjsim model")
    del schema["required"]
    return schema


def experiment_schema() -> dict[str, Any]:
    """The schema of an experiment file."""
    return _schema(Experiment, "A cjsim experiment")


def write_schemas(folder: Path) -> list[Path]:
    """Write both schemas to a folder, made if need be, and say where they are."""
    schemas = {MODEL_SCHEMA: model_schema(), EXPERIMENT_SCHEMA: experiment_schema()}
    with output_folder(folder, "schemas") as partial:
        for name, schema in schemas.items():
            write_text(f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n", partial / name)
    return [folder / name for name in schemas]


def _schema(described: type[BaseModel], title: str) -> dict[str, Any]:
    found = described.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **found, "title": title}
