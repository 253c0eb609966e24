"""That hearings and lists fit the courts, the divisions and the day."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cjsim.errors import did_you_mean
from cjsim.jurisdiction import vocabulary
from cjsim.schema.base import Amount, Profile
from cjsim.schema.checks.checked import Checked, unknown_words
from cjsim.schema.closures import Closure
from cjsim.schema.dated import weights_on
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import ListSpec, Model
from cjsim.schema.parameter_paths import values_within

TINY: Final = 1e-9


def hearings_stand_in_their_courts_lists(checked: Checked) -> Iterator[Problem]:
    """A hearing can only be listed into lists of its own court."""
    lists = checked.model.lists
    for name, hearing in checked.model.hearings.items():
        for court_list in hearing.notice_days:
            there = lists.get(court_list)
            if there is not None and there.court != hearing.court:
                fitting = [word for word, each in lists.items() if each.court == hearing.court]
                yield Problem(
                    ("hearings", name, "notice_days", court_list),
                    f"this list belongs to the {there.court} court, the hearing to the "
                    f"{hearing.court} court.",
                    f"Name one of {', '.join(fitting)}.",
                )
        for court_list in hearing.notice_again_days:
            if court_list not in hearing.notice_days:
                yield Problem(
                    ("hearings", name, "notice_again_days", court_list),
                    "the first of these hearings is never on this list.",
                    f"Name one of {', '.join(hearing.notice_days)}.",
                )


def lists_are_held_somewhere(checked: Checked) -> Iterator[Problem]:
    """Every list has a courthouse for each division, with courtrooms enough, and fits its day."""
    model = checked.model
    for name, court_list in model.lists.items():
        served: set[str] = set()
        for key, house in court_list.houses.items():
            at: KeyPath = ("lists", name, "houses", key)
            courthouse = model.courthouses.get(key)
            if courthouse is None:
                known = checked.names("courthouses")
                if key not in known:
                    yield Problem(
                        at, f'there is no courthouse called "{key}".', did_you_mean(key, known)
                    )
                served |= {*model.divisions}  # which divisions it would serve, nobody can say
                continue
            served |= {*courthouse.serves}
            yield from unknown_words(
                (*at, "courtrooms"), house.courtrooms, courthouse.courtrooms, "courtroom"
            )
            courtrooms = len(model.courtrooms(name, key))
            yield from _rooms(at, house.rooms, courtrooms, model.one_in)
            yield from _changes_where_it_serves((*at, "rooms"), house.rooms, courthouse.serves)
        for division in model.divisions:
            if division not in served:
                yield Problem(
                    ("lists", name, "houses"),
                    f'no courthouse of this list serves the division "{division}".',
                    f'Add one with "{division}" in its serves, such as '
                    f"[lists.{name}.houses.{_a_courthouse_of(model, division)}].",
                )
        yield from _sessions_do_not_overlap(("lists", name), court_list)
        yield from _shares_of_the_months(("lists", name, "sitting_share"), court_list.sitting_share)
        yield from _blocked_houses(("lists", name, "blocked"), court_list)


def courthouses_serve_divisions(checked: Checked) -> Iterator[Problem]:
    """Every courthouse serves divisions that there are."""
    divisions = checked.names("divisions")
    for key, courthouse in checked.model.courthouses.items():
        at = ("courthouses", key, "serves")
        yield from unknown_words(at, courthouse.serves, divisions, "division")


def courthouses_have_room_for_their_lists(checked: Checked) -> Iterator[Problem]:
    """On no weekday do more courtrooms sit at once than a courthouse has."""
    model = checked.model
    for key, courthouse in model.courthouses.items():
        for day in (None, *sorted(_days_of_change(model, key))):
            busiest = _busiest_hour(model, key, day)
            if busiest is None or busiest.courtrooms <= len(courthouse.courtrooms):
                continue
            lists = ", ".join(f"{name} {number}" for name, number in busiest.by_list.items())
            yield Problem(
                _what_changes_on(model, key, day),
                f"{busiest.courtrooms} courtrooms sit at {busiest.clock} on a "
                f'{calendar.day_name[busiest.weekday]} ({lists}), and the courthouse "{key}" has '
                f"{len(courthouse.courtrooms)}.",
                f"Name the others under courtrooms of [courthouses.{key}], or let fewer sit.",
            )
            break


def closures_send_the_work_somewhere(checked: Checked) -> Iterator[Problem]:
    """While a courthouse is shut, another holds all of its lists and is open."""
    courthouses = checked.model.courthouses
    for key, courthouse in courthouses.items():
        for place, closure in enumerate(courthouse.closed.changes):
            at: KeyPath = ("courthouses", key, "closed", "changes", place)
            yield from _overlaps(at, closure, courthouse.closed.changes[:place])
            goes_to = closure.work_goes_to
            if goes_to not in courthouses:
                known = [name for name in checked.names("courthouses") if name != key]
                if goes_to not in known:
                    wrong = f'there is no other courthouse called "{goes_to}".'
                    yield Problem((*at, "work_goes_to"), wrong, did_you_mean(goes_to, known))
                continue
            if goes_to == key:
                wrong = "its work cannot go to the courthouse that is shut."
                yield Problem((*at, "work_goes_to"), wrong, "Name another courthouse.")
                continue
            lacking = [
                name
                for name, court_list in checked.model.lists.items()
                if key in court_list.houses and goes_to not in court_list.houses
            ]
            if lacking:
                yield Problem(
                    (*at, "work_goes_to"),
                    f'"{goes_to}" does not hold {", ".join(lacking)}, which "{key}" holds.',
                    f"Name a courthouse that holds all of its lists, or add "
                    f"[lists.{lacking[0]}.houses.{goes_to}].",
                )
            for other in courthouses[goes_to].closed.changes:
                if closure.overlaps(other):
                    yield Problem(
                        (*at, "work_goes_to"),
                        f'"{goes_to}" is shut itself from {other.from_}.',
                        "Name a courthouse that is open on all of these days.",
                    )


def _overlaps(at: KeyPath, closure: Closure, earlier: Sequence[Closure]) -> Iterator[Problem]:
    for other in earlier:
        if closure.overlaps(other):
            until = f"until {other.to}" if other.to else "for good"
            yield Problem(
                at,
                f"the courthouse is shut from {other.from_} {until} already.",
                "Write closures one after the other, without a day in common.",
            )


@dataclass(frozen=True)
class _Hour:
    """A time at which sessions begin, and the courtrooms that sit then, by list."""

    weekday: int
    clock: str
    by_list: Mapping[str, int]

    @property
    def courtrooms(self) -> int:
        return sum(self.by_list.values())


def _busiest_hour(model: Model, courthouse: str, day: dt.date | None) -> _Hour | None:
    """When most courtrooms of a courthouse sit, in the weeks from a day on; None if none do."""
    area = model.courthouses[courthouse].division
    date = day or dt.date.min
    # List, minutes from its start to its end, and courtrooms by weekday.
    sessions: list[tuple[str, int, float, list[int]]] = []
    for name, spec in model.lists.items():
        if courthouse not in spec.houses:
            continue
        weights = weights_on(spec.houses[courthouse].rooms, date, area)
        share = max(weights_on(spec.sitting_share, date, area)) / model.one_in
        rooms = [math.ceil(sitting * min(share, 1.0) - TINY) for sitting in weights]
        length = _highest(spec.session_minutes)
        sessions += [(name, start, start + length, rooms) for start in map(_minutes, spec.sessions)]
    hours = []
    for weekday in range(7):
        for _, at, _, _ in sessions:
            sitting: dict[str, int] = {}
            for name, start, end, rooms in sessions:
                if start <= at < end and len(rooms) == 7 and rooms[weekday]:
                    sitting[name] = sitting.get(name, 0) + rooms[weekday]
            hours.append(_Hour(weekday, f"{at // 60:02}:{at % 60:02}", sitting))
    return max(hours, key=lambda hour: hour.courtrooms, default=None)


def _days_of_change(model: Model, courthouse: str) -> set[dt.date]:
    """The days on which the sittings of a courthouse change."""
    return {
        change.from_ for _, value in _sitting_values(model, courthouse) for change in value.changes
    }


def _what_changes_on(model: Model, courthouse: str, day: dt.date | None) -> KeyPath:
    """The value that changes on a day; the names of the courtrooms where none does."""
    for at, value in _sitting_values(model, courthouse):
        for place, change in enumerate(value.changes):
            if change.from_ == day:
                return (*at, "changes", place, "value")
    return ("courthouses", courthouse, "courtrooms")


def _sitting_values(model: Model, courthouse: str) -> Iterator[tuple[KeyPath, Profile]]:
    for name, spec in model.lists.items():
        if courthouse in spec.houses:
            yield ("lists", name, "houses", courthouse, "rooms"), spec.houses[courthouse].rooms
            yield ("lists", name, "sitting_share"), spec.sitting_share


def _changes_where_it_serves(
    at: KeyPath, rooms: Profile, serves: Sequence[str]
) -> Iterator[Problem]:
    """A courthouse has one number of courtrooms, whichever division's cases it hears."""
    for place, change in enumerate(rooms.changes):
        if change.area is not None and change.area != serves[0]:
            yield Problem(
                (*at, "changes", place, "area"),
                f"this courthouse serves {_in_quotes(serves)}, and in "
                f'"{change.area}" alone nothing would change.',
                "Leave area out, or name the courthouse that serves it.",
            )


def _in_quotes(words: Sequence[str]) -> str:
    return " and ".join(f'"{word}"' for word in words)


def _a_courthouse_of(model: Model, division: str) -> str:
    serving = (key for key, each in model.courthouses.items() if division in each.serves)
    return next(serving, division)


def lists_are_called_in_a_known_order(checked: Checked) -> Iterator[Problem]:
    """Every rule of an order of call is one that the court knows how to apply."""
    for name, court_list in checked.model.lists.items():
        for where, rules in values_within(("lists", name, "call_order"), court_list.call_order):
            for place, rule in enumerate(rules):
                yield from unknown_words(
                    (*where, place), (rule,), vocabulary().call_rules, "rule of call"
                )


def _shares_of_the_months(at: KeyPath, shares: Profile) -> Iterator[Problem]:
    for where, value in values_within(at, shares):
        if len(value) != 12:
            yield Problem(
                where, f"here stand {len(value)} numbers, not 12.", "Give one for each month."
            )
        elif max(value) > 1:
            yield Problem(
                where,
                f"{max(value):g} is more than all of the usual sittings.",
                "Write at most 1, and let more courtrooms sit under rooms.",
            )


def _blocked_houses(at: KeyPath, court_list: ListSpec) -> Iterator[Problem]:
    for place, blocked in enumerate(court_list.blocked):
        yield from unknown_words(
            (*at, place, "houses"), blocked.houses, court_list.houses, "courthouse"
        )


def _rooms(at: KeyPath, rooms: Profile, courtrooms: int, one_in: float) -> Iterator[Problem]:
    for where, value in values_within((*at, "rooms"), rooms):
        if len(value) != 7:
            yield Problem(
                where, f"here stand {len(value)} numbers, not 7.", "Give one for each weekday."
            )
        elif max(value) > courtrooms * one_in:
            simulated = f", one of which stands for {one_in:g}" if one_in > 1 else ""
            yield Problem(
                where,
                f"{max(value):g} courtrooms sit on one day, and the list may use "
                f"{courtrooms}{simulated}.",
                "Name the others under courtrooms, or let fewer sit.",
            )
        elif any(number != int(number) for number in value):
            yield Problem(where, "a part of a courtroom cannot sit.", "Write whole numbers.")


def _sessions_do_not_overlap(at: KeyPath, court_list: ListSpec) -> Iterator[Problem]:
    length = _highest(court_list.session_minutes)
    starts = [_minutes(clock) for clock in court_list.sessions]
    ends = [start + length for start in starts]
    for place, end in enumerate(ends):
        following = starts[place + 1] if place + 1 < len(starts) else 24 * 60
        if end > following:
            until = court_list.sessions[place + 1] if place + 1 < len(starts) else "midnight"
            yield Problem(
                (*at, "sessions"),
                f"a session of {length:g} minutes from {court_list.sessions[place]} runs "
                f"past {until}.",
                "Write the sessions in the order of the day, far enough apart.",
            )


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _highest(amount: Amount) -> float:
    values = [amount.value, *(change.value for change in amount.changes)]
    return max(max(v.values()) if isinstance(v, dict) else v for v in values)
