"""JSON schemas of models and experiments, for editors that complete and check TOML.

They are made from the types that the loader uses. Errors that need the whole model, such as shares
that do not add up, are found by `cjsim check` only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from cjsim.schema.experiment import Experiment
from cjsim.schema.model import Model
from cjsim.storage.outputs import output_folder
from cjsim.storage.plain import PlainTable
from cjsim.storage.whole import write_text

MODEL_SCHEMA: Final = "model.schema.json"
EXPERIMENT_SCHEMA: Final = "experiment.schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

SETTINGS_FILE: Final = ".taplo.toml"
EDITOR_SETTINGS: Final = f"""\
# For editors that use taplo, such as Even Better TOML: the schema of each file.

[[rule]]
include = ["models/*/*.toml"]
[rule.schema]
path = "schemas/{MODEL_SCHEMA}"

[[rule]]
include = ["experiments/*.toml"]
[rule.schema]
path = "schemas/{EXPERIMENT_SCHEMA}"
"""


def model_schema() -> PlainTable:
    """Return the schema of one file of a model: any table of the model, none of them required.

    The files of a folder form the model together, so no single file needs all tables.
    """
    schema = _schema(Model, "A file of a cjsim model")
    del schema["required"]
    return schema


def experiment_schema() -> PlainTable:
    """Return the schema of an experiment file."""
    return _schema(Experiment, "A cjsim experiment")


def write_schemas(folder: Path) -> list[Path]:
    """Write both schemas to a folder and return their paths."""
    schemas = {MODEL_SCHEMA: model_schema(), EXPERIMENT_SCHEMA: experiment_schema()}
    with output_folder(folder, "schemas") as partial:
        for name, schema in schemas.items():
            write_text(f"{json.dumps(schema, indent=2, ensure_ascii=False)}\n", partial / name)
    return [folder / name for name in schemas]


def _schema(described: type[BaseModel], title: str) -> PlainTable:
    schema = described.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **schema, "title": title}
