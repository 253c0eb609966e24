"""What no single table can say of itself: that the tables of a model fit one another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from cjsim.errors import Slip, did_you_mean
from cjsim.jurisdiction import vocabulary
from cjsim.schema.base import Number, Shares
from cjsim.schema.checks.checked import WORDS, Checked
from cjsim.schema.checks.costs import costs_are_whole
from cjsim.schema.checks.courts import (
    closures_send_the_work_somewhere,
    courthouses_have_room_for_their_lists,
    courthouses_serve_divisions,
    hearings_stand_in_their_courts_lists,
    lists_are_called_in_a_known_order,
    lists_are_held_somewhere,
)
from cjsim.schema.checks.demand import (
    co_defendants_are_known,
    sampling_is_of_one_or_more,
    streams_by_quarter_are_whole,
)
from cjsim.schema.checks.provenance import sources_are_known
from cjsim.schema.checks.victims import attendances_wait_at_court, duties_have_somebody_to_do_them
from cjsim.schema.files import KeyPath
from cjsim.schema.groups import check_table
from cjsim.schema.messages import NOUNS, Problem
from cjsim.schema.model import Model, in_its_jurisdiction
from cjsim.schema.parameter_paths import (
    CONSTANT,
    FOR_THE_WHOLE_AREA,
    changeable_values,
    is_one_of,
    values_within,
)
from cjsim.schema.register import Register

_BY_GROUP: Final = ("branches", "streams", "drawn_facts", "co_defendants")
"""Tables whose values may differ by offence group."""
_CYCLES: Final = (("hours", 24, "hour"), ("weekdays", 7, "weekday"), ("months", 12, "month"))


@in_its_jurisdiction
def check(
    model: Model,
    set_aside: frozenset[KeyPath] = frozenset(),
    register: Register | None = None,
) -> list[Problem]:
    """Every way in which the tables of a model do not fit one another.

    `set_aside` names entries that were taken out because a fault was reported for them already.
    """
    checked = Checked(model, set_aside, register)
    return [problem for each in _CHECKS for problem in each(checked)]


def _every_word_has_its_table(checked: Checked) -> Iterator[Problem]:
    for table, kind in WORDS.items():
        for word in vocabulary().words(kind):
            if word not in checked.names(table):
                yield Problem(
                    (table, word),
                    f"the journey asks for this {NOUNS[table]} and no file gives it.",
                    f"Add the table [{table}.{word}] to one of the files.",
                    is_missing=True,
                    in_no_file=True,
                )
    for pool in vocabulary().required_pools:
        if pool not in checked.names("pools"):
            yield Problem(
                ("pools", pool),
                "the journey keeps people in this pool and no file gives it.",
                f"Add the table [pools.{pool}] to one of the files.",
                is_missing=True,
                in_no_file=True,
            )


def _changes_are_in_order(checked: Checked) -> Iterator[Problem]:
    divisions = checked.names("divisions")
    for at, value in changeable_values(checked.model):
        for place, change in enumerate(value.changes):
            where = (*at, "changes", place)
            if change.area is not None and change.area not in divisions:
                yield Problem(
                    (*where, "area"),
                    f'there is no division called "{change.area}".',
                    did_you_mean(change.area, divisions),
                )
            earlier = [
                (other.from_, number)
                for number, other in enumerate(value.changes[:place])
                if None in (other.area, change.area) or other.area == change.area
            ]
            for day, number in earlier:
                if day == change.from_:
                    yield Problem(
                        where,
                        f"this is the same day ({day}) as in entry {number + 1}, "
                        "in the same place.",
                        "Keep one of the two.",
                    )
                elif day > change.from_:
                    yield Problem(
                        where,
                        f"{change.from_} stands after {day}: the dates are in the wrong order.",
                        "Write the changes in the order of their dates.",
                    )
                    break


def _pools_are_known(checked: Checked) -> Iterator[Problem]:
    pools, hours = checked.names("pools"), checked.names("hours")
    users: list[tuple[KeyPath, str | None]] = []
    users += [(("stages", name, "pool"), s.pool) for name, s in checked.model.stages.items()]
    users += [(("duties", name, "pool"), d.pool) for name, d in checked.model.duties.items()]
    for at, pool in users:
        if pool is not None and pool not in pools:
            yield Problem(at, f'there is no pool called "{pool}".', did_you_mean(pool, pools))
    for name, spec in checked.model.pools.items():
        if spec.hours not in hours:
            yield Problem(
                ("pools", name, "hours"),
                f'there are no hours called "{spec.hours}".',
                did_you_mean(spec.hours, hours),
            )


def _stages_have_a_length(checked: Checked) -> Iterator[Problem]:
    for name, stage in checked.model.stages.items():
        if stage.duration is None and name not in vocabulary().lengths_from_process:
            yield Problem(
                ("stages", name),
                "nothing says how long this takes.",
                f"Add the table [stages.{name}.duration].",
            )


def _hours_run_forwards(checked: Checked) -> Iterator[Problem]:
    for name, hours in checked.model.hours.items():
        if hours.start >= hours.end:
            yield Problem(
                ("hours", name),
                f"these hours end ({hours.end}) before they start ({hours.start}).",
                'Write the earlier time as start; a whole day is from "00:00" to "23:59".',
            )


def _divisions_share_the_cases(checked: Checked) -> Iterator[Problem]:
    if any(at[0] == "divisions" for at in checked.set_aside):
        return
    shares = {name: division.share.value for name, division in checked.model.divisions.items()}
    numbers = [share for share in shares.values() if isinstance(share, float)]
    if len(numbers) == len(shares) and abs(sum(numbers) - 1) > 1e-6:
        yield Problem(
            ("divisions",),
            f"the shares of the divisions add up to {sum(numbers):.6g}, not to 1.",
            f"Correct the share of {' or '.join(shares)}.",
        )


def _changes_happen_where_they_can(checked: Checked) -> Iterator[Problem]:
    for at, value in changeable_values(checked.model):
        for place, change in enumerate(value.changes):
            if is_one_of(at, CONSTANT):
                yield Problem(
                    (*at, "changes", place),
                    "this value cannot change in the course of a run.",
                    "Take the change out.",
                )
            elif change.area is not None and is_one_of(at, FOR_THE_WHOLE_AREA):
                yield Problem(
                    (*at, "changes", place, "area"),
                    "this value is the same in every division.",
                    "Take the area out.",
                )


def _tables_name_known_words(checked: Checked) -> Iterator[Problem]:
    divisions = tuple(checked.names("divisions"))
    for at, value in changeable_values(checked.model):
        if not isinstance(value, Number):
            continue
        for where, item in values_within(at, value):
            if not isinstance(item, dict):
                continue
            by_division = at[0] in ("pools", "lists", "hearings", "advocates", "sitters")
            try:
                if at[0] in _BY_GROUP or _estimate_by_group(at, item):
                    # A stream's table leaves out the groups that have no cases.
                    groups = {"default": 0.0, **item} if at[0] == "streams" else item
                    check_table(groups, vocabulary().offence_groups, "offence group", where)
                elif at[0] == "costs" and not set(vocabulary().court_lists).isdisjoint(item):
                    check_table(item, vocabulary().court_lists, "court list", where)
                elif by_division:
                    check_table(item, divisions, "division", where)
                else:
                    yield Problem(where, "this is one number for all.", "Write a number here.")
            except Slip as slip:
                yield Problem(slip.at, slip.wrong, slip.remedy)


def _estimate_by_group(at: KeyPath, table: Collection[str]) -> bool:
    """Whether a hearing's estimate is given by offence group and not by division."""
    return at[-1] == "estimate_minutes" and any(key in vocabulary().offence_groups for key in table)


def _pools_hold_whole_people(checked: Checked) -> Iterator[Problem]:
    for name, pool in checked.model.pools.items():
        at = ("pools", name, "capacity")
        for where, value in values_within(at, pool.capacity):
            numbers = value.values() if isinstance(value, dict) else [value]
            odd = next((number for number in numbers if number != int(number)), None)
            if odd is not None:
                yield Problem(
                    where, f"a pool cannot hold {odd:g}.", "Write how many serve at one time."
                )
        if isinstance(pool.capacity.value, dict):
            continue
        for place, change in enumerate(pool.capacity.changes):
            if change.area is not None or isinstance(change.value, dict):
                divisions = ", ".join(f"{name} = ..." for name in checked.names("divisions"))
                yield Problem(
                    (*at, "changes", place),
                    "this pool serves the whole area, so that one division cannot have its own.",
                    f"Give its first capacity by division, such as value = {{ {divisions} }}.",
                )


def _streams_keep_below_their_headroom(checked: Checked) -> Iterator[Problem]:
    """Cases are drawn at the undated rate times the headroom: no change can ask for more."""
    for name, stream in checked.model.streams.items():
        headroom = stream.headroom.value
        if isinstance(headroom, dict):
            continue
        for place, change in enumerate(stream.per_year.changes):
            for group in vocabulary().offence_groups:
                most = _of_group(stream.per_year.value, group) * headroom
                asked = _of_group(change.value, group)
                if asked > most * (1 + 1e-9):
                    yield Problem(
                        ("streams", name, "per_year", "changes", place, "value"),
                        f"{asked:g} a year for {group} is more than the {most:g} that the "
                        f"headroom of {headroom:g} leaves room for.",
                        f"Raise streams.{name}.headroom in the model, or lower the number.",
                    )
                    break
        if headroom < 1:
            yield Problem(
                ("streams", name, "headroom", "value"),
                f"a headroom of {headroom:g} leaves no room for the cases there are.",
                "Write 1 or more.",
            )


def _of_group(value: float | dict[str, float], group: str) -> float:
    """Cases a year of an offence group; a table leaves out the groups that have none."""
    if not isinstance(value, dict):
        return value
    return value.get(group, value.get("default", 0.0))


def _streams_have_whole_profiles(checked: Checked) -> Iterator[Problem]:
    for name, stream in checked.model.streams.items():
        for key, count, noun in _CYCLES:
            weights = getattr(stream, key).value
            at = ("streams", name, key, "value")
            if len(weights) != count:
                yield Problem(
                    at,
                    f"here stand {len(weights)} weights, not {count}.",
                    f"Give one for each {noun}.",
                )
            elif not any(weights):
                yield Problem(at, "all the weights are 0.", f"Give one {noun} a weight above 0.")


def _multiway_branches_offer_the_journeys_options(checked: Checked) -> Iterator[Problem]:
    for name, choice in checked.model.multiway_branches.items():
        at: KeyPath = ("multiway_branches", name, "shares")
        yield from _options(at, choice.shares, vocabulary().options[name])


def _options(at: KeyPath, shares: Shares, options: tuple[str, ...]) -> Iterator[Problem]:
    for where, value in values_within(at, shares):
        for option in value:
            if option not in options:
                yield Problem(
                    (*where, option),
                    f'there is no option called "{option}".',
                    did_you_mean(option, options),
                )
        for option in options:
            if option not in value:
                yield Problem(
                    where, f'the option "{option}" has no share.', f"Add {option} = 0 or more."
                )


_CHECKS: Final[tuple[Callable[[Checked], Iterator[Problem]], ...]] = (
    _every_word_has_its_table,
    sources_are_known,
    _changes_are_in_order,
    _pools_are_known,
    _stages_have_a_length,
    _hours_run_forwards,
    _divisions_share_the_cases,
    _changes_happen_where_they_can,
    _tables_name_known_words,
    _pools_hold_whole_people,
    _streams_have_whole_profiles,
    _streams_keep_below_their_headroom,
    _multiway_branches_offer_the_journeys_options,
    hearings_stand_in_their_courts_lists,
    courthouses_serve_divisions,
    lists_are_held_somewhere,
    courthouses_have_room_for_their_lists,
    closures_send_the_work_somewhere,
    duties_have_somebody_to_do_them,
    attendances_wait_at_court,
    lists_are_called_in_a_known_order,
    costs_are_whole,
    streams_by_quarter_are_whole,
    sampling_is_of_one_or_more,
    co_defendants_are_known,
)
