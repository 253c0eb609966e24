"""What is to be run: every scenario's whole model, every replication, and a hash of all of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cjsim
from cjsim.spec.areas import Areas
from cjsim.spec.model import Model
from cjsim.spec.opening import OpenCases

ROOMS_THAT_ONLY_SHOW = (
    "experiment", "ledger", "report", "calibrate", "reforms", "reference", "cli.py", "commands",
)  # fmt: skip
"""The rooms whose change cannot change a result."""


@dataclass(frozen=True)
class Task:
    """One replication of one scenario, in one area where there are several: the unit of work."""

    scenario: str
    replication: int
    area: str = ""

    def __str__(self) -> str:
        where = f", area {self.area}" if self.area else ""
        return f"scenario {self.scenario}, replication {self.replication}{where}"


@dataclass(frozen=True)
class Aim:
    """How precise the watched measures are to be, and the most replications for it.

    `of_baseline` is the half-width of an interval as a share of the baseline's level, `measures`
    half-widths in a measure's own unit.
    """

    of_baseline: float | None
    measures: Mapping[str, float]
    most: int
    watched: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The aim as plain values."""
        return {
            "of_baseline": self.of_baseline,
            "measures": dict(self.measures),
            "most_replications": self.most,
            "watched": list(self.watched),
        }


@dataclass(frozen=True)
class Plan:
    """All that decides the results; two plans with one hash give the same results.

    `models` maps each scenario, the baseline first, to its whole model; the study period includes
    both of its days. `opening` holds the cases that are open on the first; without it each
    replication has a warm-up. With an `aim` replications are added until it is reached.
    A `brief` plan has many models and keeps their hashes instead of all their values. With `areas`
    every replication of a scenario is one of each, the scenario's model at the area's size.
    """

    models: Mapping[str, Model]
    seed: int
    replications: int
    study_from: dt.date
    study_to: dt.date
    opening: OpenCases | None = None
    aim: Aim | None = None
    brief: bool = False
    areas: Areas | None = None

    @property
    def area_names(self) -> tuple[str, ...]:
        """The areas, the largest first; one without a name where there are not several."""
        return ("",) if self.areas is None else self.areas.largest_first

    @property
    def tasks(self) -> list[Task]:
        """Every replication of every scenario that it begins with."""
        return self.tasks_up_to(self.replications)

    def tasks_up_to(self, replications: int) -> list[Task]:
        """So many of every scenario; the scenarios of a replication follow each other."""
        return [
            Task(scenario, replication, area)
            for replication in range(replications)
            for area in self.area_names
            for scenario in self.models
        ]

    @property
    def most_replications(self) -> int:
        """As many replications as it can come to."""
        return self.replications if self.aim is None else max(self.aim.most, self.replications)

    @cached_property
    def models_as_json(self) -> dict[str, Any]:
        """The resolved models in full, as plain values."""
        return {
            name: model.model_dump(mode="json", by_alias=True)
            for name, model in self.models.items()
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the plan in one canonical spelling, with the version of the program."""
        return hashlib.sha256(canonical(self.content).encode()).hexdigest()

    @property
    def run_id(self) -> str:
        """The first 12 hexadecimal digits of the hash: the name of the results folder."""
        return self.hash[:12]

    @cached_property
    def content(self) -> dict[str, Any]:
        """All that the hash is taken over, as plain values."""
        return {
            "cjsim": cjsim.__version__,
            "code": code_digest(),
            "seed": self.seed,
            "replications": self.replications,
            "study_from": self.study_from.isoformat(),
            "study_to": self.study_to.isoformat(),
            "precision": self.aim and self.aim.as_json(),
            "opening": self.opening and self.opening.sha256,
            "areas": self.areas and self.areas.model_dump(mode="json"),
            # The order of the scenarios is the order of the rows of the results.
            "models": {name: hash_of_content(model) for name, model in self.models_as_json.items()}
            if self.brief
            else self.models_as_json,
        }


def canonical(content: Any) -> str:
    """JSON without spaces. Tables keep their order, which may decide which option a draw meets."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def hash_of(model: Model) -> str:
    """SHA-256 of a model in one canonical spelling."""
    return hash_of_content(model.model_dump(mode="json", by_alias=True))


def hash_of_content(content: Any) -> str:
    """SHA-256 of plain values, such as the model that the manifest of a run holds."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def code_digest() -> str:
    """SHA-256 of the source of every room that makes results.

    The version alone would let a run made before a change of the journey pass for one made after.
    """
    package = Path(cjsim.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] not in ROOMS_THAT_ONLY_SHOW:
            digest.update(place.as_posix().encode())
            digest.update(path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()
