"""Channels: how a victim is reached, and what that does to a contact.

Staff ring, write or come to see people: each of these has a length, a time until it can be done and
a time until the victim hears of it. A victim who uses the case tracker looks up what it can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from cjsim.des.engine import has_twins
from cjsim.des.random_streams import Distribution

_One = TypeVar("_One", bound=str)
SELF_SERVICE: Final = "self_service"
CASE_TRACKER: Final = "case_tracker"
"""The place, in the event log, of a contact that the victim looked up."""


@has_twins("simulation.cpp")
class CompiledChannel:
    """A channel with staff: the factor on a contact's length, and the delays by division.

    A delay that is always nothing has no laws.
    """

    __slots__ = ("arranged", "arranged_point", "contact_length", "delivered", "delivered_point")

    def __init__(self, points: tuple[int, int]) -> None:
        self.arranged_point, self.delivered_point = points
        self.contact_length = 1.0
        self.arranged: list[Distribution] = []
        self.delivered: list[Distribution] = []


def channel_for(allowed: Sequence[_One], wanted: _One) -> _One:
    """The channel by which a duty is done for somebody who would rather be reached by `wanted`.

    `allowed` are the duty's own; the first of them serves whoever wants another.
    """
    return wanted if wanted in allowed else allowed[0]


def channel_of_contact(allowed: Sequence[str], preferred: str, place: str) -> str:
    """The channel of a contact in the event log, from its place and the victim's preference."""
    return SELF_SERVICE if place == CASE_TRACKER else channel_for(allowed, preferred)
