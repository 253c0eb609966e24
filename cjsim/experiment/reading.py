"""A results folder opened: whatever is wrong with what lies in it is a message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cjsim.errors import Fault, Faults
from cjsim.experiment.areas import AREAS
from cjsim.experiment.bounds import bounds_of_table, problem_in_table, problem_with_file
from cjsim.experiment.hashes import SHOW_ALL, Trust, hash_problem, listed_hashes, refuse_changed
from cjsim.experiment.manifest_schema import MANIFEST, REMEDY, Manifest, read_manifest
from cjsim.storage.plain import PlainTable
from cjsim.storage.tables import read_table

TABLES = ("kpis.parquet", "comparison.parquet")


@dataclass(frozen=True)
class OpenedRun:
    """A run that can be read: its folder, its manifest, and that as plain values."""

    folder: Path
    manifest: Manifest
    content: PlainTable

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of the whole run."""
        return (*TABLES, AREAS) if self.manifest.areas is not None else TABLES

    def table(self, file: str) -> pa.Table:
        """One of them, read. Raises Faults when it is damaged below its heading."""
        try:
            table = read_table(self.folder / file)
        except (OSError, ValueError, pa.ArrowException):
            raise self._damage({file: "this cannot be read."}) from None
        if wrong := problem_in_table(table, file, self.manifest):
            raise self._damage({file: f"this is damaged: {wrong}"})
        return table

    def refuse_damage(self) -> None:
        """Raise Faults for tables that cannot be read, are too large or lack something."""
        damage = {
            file: wrong
            for file in self.tables
            if (
                wrong := problem_with_file(self.folder / file, bounds_of_table(file, self.manifest))
            )
        }
        if damage:
            raise self._damage(damage)

    def refuse_changed(self, trust: Trust) -> None:
        """Raise Faults for what is not as it was written; say so where nothing tells."""
        known = self.manifest.tables
        wanted: dict[str, str | tuple[str, ...]] = {
            str(file): one for file, one in (known or {}).items()
        }
        own = listed_hashes(self.folder).get(MANIFEST)
        if own is not None:
            wanted[MANIFEST] = own
        elif known is not None:
            trust.say(
                f"The list of files, .cjsim.json, is not in {self.folder}: nothing tells whether "
                f"{MANIFEST} is as it was written. {SHOW_ALL}"
            )
        else:
            trust.say(
                f"{self.folder} was written by an earlier cjsim, without hashes of all its files: "
                "nothing tells whether they were changed."
            )
        lacking = [] if known is None else [file for file in self.tables if file not in known]
        wrong = {name: hash_problem(self.folder, name, hashes) for name, hashes in wanted.items()}
        wrong |= dict.fromkeys(lacking, "the manifest has no hash of this.")
        refuse_changed(self.folder, wrong, trust)

    def _damage(self, damage: dict[str, str]) -> Faults:
        return Faults(
            Fault(str(self.folder), file, wrong, REMEDY) for file, wrong in damage.items()
        )


def open_run(folder: Path, trust: Trust) -> OpenedRun:
    """A run's folder, which is read only if it is what was written. Raises Faults."""
    run = OpenedRun(folder, *read_manifest(folder))
    run.refuse_damage()
    run.refuse_changed(trust)
    return run
