"""Results as somebody may hand them over: changed, and with all their hashes put right again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cjsim.experiment.replication import RECORD
from cjsim.storage.disk import file_hash
from cjsim.storage.outputs import RESULTS, add_to_list
from cjsim.storage.whole import write_json


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def put_hashes_right(folder: Path) -> None:
    """Make every hash of a run that of what lies there now, as a forger would."""
    for path in folder.glob(f"runs/*/*/{RECORD}"):
        record = read(path)
        names = [name for name in record["files"] if (path.parent / name).is_file()]
        record["files"] = {name: file_hash(path.parent / name) for name in names}
        write_json(record, path)
    put_manifest_right(folder)


def put_manifest_right(folder: Path) -> None:
    """The same of the manifest alone, as far as it can be read."""
    try:
        manifest = read(folder / "manifest.json")
    except ValueError:
        manifest = None
    if isinstance(manifest, dict):
        for name in manifest.get("tables") or {}:
            if (folder / name).is_file():
                manifest["tables"][name] = file_hash(folder / name)
        for place in manifest.get("records") or {}:
            path = folder / "runs" / place / RECORD
            if path.is_file():
                manifest["records"][place] = file_hash(path)
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    add_to_list(folder, RESULTS, ["manifest.json"])


def edit_manifest(folder: Path, **values: Any) -> None:
    """Change some values of a manifest, and put its hash right."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**read(path), **values}, indent=1), encoding="utf-8")
    add_to_list(folder, RESULTS, ["manifest.json"])
