"""What is to be run: every scenario's whole model, every replication, and a hash of all of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cjsim.identity import Versions, environment_digest, identity
from cjsim.scenarios.scenario import ResolvedScenario
from cjsim.schema.areas import Areas
from cjsim.schema.model import Model
from cjsim.simulation.process import OpeningCaseload


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

    def as_json(self) -> dict[str, object]:
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

    They do so with the same libraries: the run id, which names the folder of the results, is made
    from the hash and from the environment, so that results of two environments never mix.

    `scenarios` has every scenario by name, the baseline first, with its complete model and its
    changes; the study period includes both of its days. `opening` holds the cases that are open on
    the first; without it each replication has a warm-up. With an `aim` replications are added until
    it is reached.
    A `brief` plan has many models and keeps their hashes instead of all their values. With `areas`
    every replication of a scenario is one of each, the scenario's model at the area's size.
    """

    scenarios: Mapping[str, ResolvedScenario]
    seed: int
    replications: int
    study_from: dt.date
    study_to: dt.date
    opening: OpeningCaseload | None = None
    aim: Aim | None = None
    brief: bool = False
    areas: Areas | None = None

    @cached_property
    def models(self) -> dict[str, Model]:
        """The complete model of each scenario, the baseline's first."""
        return {name: scenario.model for name, scenario in self.scenarios.items()}

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
            for scenario in self.scenarios
        ]

    @property
    def most_replications(self) -> int:
        """As many replications as it can come to."""
        return self.replications if self.aim is None else max(self.aim.most, self.replications)

    @cached_property
    def models_as_json(self) -> dict[str, object]:
        """The resolved models in full, as plain values."""
        return {
            name: model.model_dump(mode="json", by_alias=True)
            for name, model in self.models.items()
        }

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the plan in one canonical spelling, with the code that it is run by."""
        return hash_of_content(self.content)

    @cached_property
    def run_id(self) -> str:
        """12 hexadecimal digits: of the hash and of the environment that this process has."""
        return run_id_of(self.hash, self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Python, the libraries and the machine that would run it, by name."""
        return dict(identity().environment)

    @cached_property
    def content(self) -> dict[str, object]:
        """All that the hash is taken over, as plain values."""
        return {
            "cjsim": identity().version,
            "code": identity().code,
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


def run_id_of(plan_hash: str, environment: Versions) -> str:
    """The run id of a plan's hash in an environment."""
    return hash_of_content([plan_hash, environment_digest(environment)])[:12]


def canonical(content: object) -> str:
    """JSON without spaces. Tables keep their order, which may decide which option a draw meets."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def hash_of(model: Model) -> str:
    """SHA-256 of a model in one canonical spelling."""
    return hash_of_content(model.model_dump(mode="json", by_alias=True))


def hash_of_content(content: object) -> str:
    """SHA-256 of plain values, such as the model that the manifest of a run holds."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()
