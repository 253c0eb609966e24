"""The process of a jurisdiction without a table of open cases, for which a run warms up first.

Such a jurisdiction gives its first steps, its case table and its kind of case; the rest of what
`cjsim.simulation.process.CaseProcess` asks for is here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cjsim.des.environment import NextStep
from cjsim.des.event_log import CaseColumns
from cjsim.errors import Fault, Faults
from cjsim.schema.files import shown_path
from cjsim.schema.model import Model
from cjsim.simulation.population import OpenCase
from cjsim.simulation.simulation import Simulation


@dataclass(frozen=True)
class ProcessWithoutOpenCases:
    """How cases go through a system, from a first step for each way in."""

    ENTRY_POINTS: Mapping[str, Callable[..., NextStep]]
    CASE_COLUMNS: CaseColumns
    new_case: Callable[..., OpenCase]
    OPENING_COLUMNS: Mapping[str, object] = field(default_factory=dict)

    def read_opening(self, path: Path, model: Model, _: dt.date) -> NoReturn:
        """Refuse a table of open cases. Raises Faults."""
        raise Faults([_no_table(model, shown_path(path))])

    def open_cases(self, simulation: Simulation) -> NoReturn:
        """Refuse to write a table of open cases. Raises Faults."""
        raise Faults([_no_table(simulation.model, simulation.model.area)])

    def epoch_before(self, study_from: dt.date, _: object) -> dt.date:
        """The day of minute 0: the first day of the study."""
        return study_from

    def let_open_cases_in(self, simulation: Simulation, _: object) -> None:
        """There are none."""

    def case_after_disposal(self, simulation: Simulation) -> None:
        """Nobody returns after a disposal."""


def _no_table(model: Model, file: str) -> Fault:
    wrong = f'the jurisdiction "{model.jurisdiction}" has no table of open cases.'
    return Fault(file, "", wrong, "Start with a warm-up: opening.warm_up_days of the model.")
