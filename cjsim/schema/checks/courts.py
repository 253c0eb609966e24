"""That hearings and lists fit the courts, the divisions and the day."""

from __future__ import annotations

from collections.abc import Iterator

from cjsim.errors import did_you_mean
from cjsim.jurisdiction import vocabulary
from cjsim.schema.base import Amount, Profile
from cjsim.schema.checks.checked import Checked, unknown_words
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.model import ListSpec
from cjsim.schema.parameter_paths import values_within


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
    """Every list has one house in each division, with rooms enough, and a day that holds it."""
    divisions = checked.names("divisions")
    for name, court_list in checked.model.lists.items():
        served: dict[str, str] = {}
        for key, house in court_list.houses.items():
            at: KeyPath = ("lists", name, "houses", key)
            if house.division not in divisions:
                yield Problem(
                    (*at, "division"),
                    f'there is no division called "{house.division}".',
                    did_you_mean(house.division, divisions),
                )
            elif house.division in served:
                yield Problem(
                    (*at, "division"),
                    f'the house "{served[house.division]}" serves "{house.division}" already.',
                    "Give each list one house in each division.",
                )
            served.setdefault(house.division, key)
            yield from _rooms(at, house.rooms, len(house.courtrooms), checked.model.one_in)
            for place, change in enumerate(house.rooms.changes):
                if change.area in divisions and change.area != house.division:
                    yield Problem(
                        (*at, "rooms", "changes", place, "area"),
                        f'this house serves "{house.division}", and in "{change.area}" nothing '
                        "would change.",
                        "Leave area out, or name the house that serves it.",
                    )
        for division in divisions:
            if division not in served:
                yield Problem(
                    ("lists", name, "houses"),
                    f'no house serves the division "{division}".',
                    f'Add a house with division = "{division}".',
                )
        yield from _sessions_do_not_overlap(("lists", name), court_list)
        yield from _shares_of_the_months(("lists", name, "sitting_share"), court_list.sitting_share)
        yield from _blocked_houses(("lists", name, "blocked"), court_list)


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
        yield from unknown_words((*at, place, "houses"), blocked.houses, court_list.houses, "house")


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
                f"{max(value):g} courtrooms sit on one day, and the house names "
                f"{courtrooms}{simulated}.",
                "Name the others under courtrooms, or let fewer sit.",
            )
        elif any(number != int(number) for number in value):
            yield Problem(where, "a part of a courtroom cannot sit.", "Write whole numbers.")


def _sessions_do_not_overlap(at: KeyPath, court_list: ListSpec) -> Iterator[Problem]:
    length = _highest(court_list.session_minutes)
    starts = [int(clock[:2]) * 60 + int(clock[3:]) for clock in court_list.sessions]
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


def _highest(amount: Amount) -> float:
    values = [amount.value, *(change.value for change in amount.changes)]
    return max(max(v.values()) if isinstance(v, dict) else v for v in values)
