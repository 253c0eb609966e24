"""What is known of a case, and its own random numbers: what branches look at and measures count.

A case draws by decision point and occurrence (`cjsim.des.random_streams`), so that it draws the
same numbers in every scenario; `decide` and `choose` compare them with the model's odds and shares.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cjsim.des.engine import has_twins
from cjsim.des.event_log import NEVER
from cjsim.des.random_streams import DrawBlock, OwnDraws

if TYPE_CHECKING:
    from cjsim.simulation.simulation import Simulation


@has_twins("attributes.cpp")
class Attributes:
    """What is known of a case in every jurisdiction, and its own random numbers."""

    __slots__ = (
        "__weakref__",
        "_columns",
        "_first",
        "adjournments",
        "area_index",
        "arrived",
        "civilian_witnesses",
        "contact_channel",
        "division",
        "earlier_ineffective_trial",
        "ended_at",
        "first_listed",
        "group",
        "group_index",
        "has_victim",
        "hearings",
        "in_custody",
        "number",
        "outcome",
        "persistently_targeted",
        "remanded",
        "simulation",
        "slot",
        "times",
        "uses_case_tracker",
        "vulnerable_victim",
        "way_in",
        "youth",
    )

    def __init__(
        self,
        simulation: Simulation,
        number: int,
        way_in: str,
        group: int,
        area: int,
        columns: DrawBlock | OwnDraws,
    ) -> None:
        """`group` and `area` are indices into the offence groups and the model's divisions."""
        self.simulation = simulation
        self.number = number
        self.way_in = way_in
        self.group = simulation.vocabulary.offence_groups[group]
        self.group_index = group
        self.area_index = area
        self.division = simulation.divisions[area]
        self._columns = columns
        self._first = columns.first
        self.slot = number & columns.mask
        columns.serve(self)
        self.times = simulation.no_times.copy()
        self.arrived = simulation.env.minute
        self.first_listed = self.ended_at = NEVER
        self.outcome = ""
        self.hearings = self.adjournments = 0
        self.remanded = self.in_custody = self.earlier_ineffective_trial = False
        self.youth = self.has_victim = self.vulnerable_victim = False
        self.persistently_targeted = self.uses_case_tracker = False
        self.civilian_witnesses = 0
        self.contact_channel = simulation.vocabulary.staffed_channels[0]

    @property
    def owed_enhanced_service(self) -> bool:
        """Whether the victim is vulnerable or persistently targeted: contacted first and sooner."""
        return self.vulnerable_victim or self.persistently_targeted

    @property
    def held_for_next_court(self) -> bool:
        """Whether somebody holds the defendant, whom the next court that sits must see."""
        return False

    # --- random numbers ------------------------------------------------------------------

    def draw(self, point: int) -> float:
        """The case's random draw at a decision point, in (0, 1), another one at each occurrence."""
        times = self.times
        occurrence = times[point]
        times[point] = occurrence + 1
        column: Sequence[float] | None = (
            self._columns.later.get((point, occurrence)) if occurrence else self._first[point]
        )
        if column is None:
            column = self._columns.make(point, occurrence)
        return column[self.slot]

    def lasts(self, word: str) -> int:
        """How long something takes for this case, in minutes: nobody works or waits for it here."""
        stage = self.simulation.stages[word]
        return stage.minutes(self.area_index, self.group_index, self.draw(stage.point))

    def count(self, activity: int) -> int:
        """The occurrence of an activity that draws no random number, counted from 0."""
        at = self.simulation.points + activity
        occurrence = self.times[at]
        self.times[at] = occurrence + 1
        return occurrence

    def decide(self, branch: str) -> bool:
        """One way or the other: the branch's odds for this case against the case's random draw."""
        at = self.simulation.branches[branch]
        odds = at.odds[self.area_index][self.group_index]
        point, times = at.point, self.times
        occurrence = times[point]
        times[point] = occurrence + 1
        if not odds:
            return False
        for fact, factor, reference, numeric in at.factors[self.area_index][self.has_victim]:
            value = getattr(self, fact)
            if numeric:
                odds *= factor ** (value - reference)
            elif value:
                odds *= factor
        # As in `draw`, written out: this is the most frequent thing a case does.
        column: Sequence[float] | None = (
            self._columns.later.get((point, occurrence)) if occurrence else self._first[point]
        )
        if column is None:
            column = self._columns.make(point, occurrence)
        return column[self.slot] * (1.0 + odds) < odds

    def would(self, branch: str) -> bool:
        """How it would go as things are, by the same random draw, before the case comes to it."""
        found = self.decide(branch)
        self.times[self.simulation.branches[branch].point] -= 1
        return found

    def choose(self, choice: str) -> str:
        """One of the options of a multi-way branch, by its shares."""
        at = self.simulation.multiway_branches[choice]
        u = self.draw(at.point)
        return at.options[bisect_right(at.bounds[self.area_index][self.group_index], u)]

    def chosen(self, choice: str) -> str:
        """The option of a multi-way branch that a case has one draw for, whenever it is asked."""
        option = self.choose(choice)
        self.times[self.simulation.multiway_branches[choice].point] -= 1
        return option

    def drawn_fact(self, word: str) -> float:
        """A number that is drawn for the case, in the unit that its name says."""
        fact = self.simulation.drawn_facts[word]
        return fact.of(self.area_index, self.group_index, self.draw(fact.point))
