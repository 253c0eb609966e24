"""Who is in a simulation now: the cases that are open, and the contacts still owed to victims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cjsim.des.engine import has_twins


class OpenCase(Protocol):
    """A case that has no outcome yet."""

    number: int

    def write_open_rows(self) -> None:
        """Write to the log what the case is waiting for at the end of the run."""


class OpenContact(Protocol):
    """A contact that staff still owe to a victim or witness."""

    def write_open_row(self) -> None:
        """Write to the log that the contact is still owed at the end of the run."""


@has_twins("simulation.cpp")
class Population:
    """The open cases by number, the contacts owed, and what happens when a case is disposed of.

    `after_disposal` is called with each case that ends, if it is given.
    """

    __slots__ = ("after_disposal", "contacts", "open_cases")

    def __init__(self) -> None:
        self.open_cases: dict[int, OpenCase] = {}
        self.contacts: dict[OpenContact, None] = {}
        self.after_disposal: Callable[[OpenCase], None] | None = None
