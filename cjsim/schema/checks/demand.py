"""That a stream whose cases are given by quarter says who they are, and that a sample is one."""

from __future__ import annotations

from collections.abc import Iterator

from cjsim.jurisdiction import vocabulary
from cjsim.schema.checks.checked import Checked
from cjsim.schema.demand import undated_rate
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem
from cjsim.schema.parameter_paths import values_within


def streams_by_quarter_are_whole(checked: Checked) -> Iterator[Problem]:
    """One number of cases for each quarter, below the headroom, of groups that are named."""
    for name, stream in checked.model.streams.items():
        if stream.per_quarter is None:
            continue
        at: KeyPath = ("streams", name, "per_quarter")
        groups = vocabulary().offence_groups
        headroom, first = stream.headroom.value, stream.per_quarter.value
        for where, value in values_within(at, stream.per_quarter):
            if isinstance(value, dict):
                yield Problem(where, "this is one number for all.", "Write a number here.")
            elif isinstance(first, dict) or isinstance(headroom, dict):
                continue
            elif value > first * headroom * (1 + 1e-9):
                yield Problem(
                    where,
                    f"{value:g} in a quarter is more than the {first * headroom:g} that the "
                    f"headroom of {headroom:g} leaves room for.",
                    f"Raise streams.{name}.headroom in the model, or lower the number.",
                )
        if (
            isinstance(first, float)
            and first
            and not any(undated_rate(stream, group, groups) for group in groups)
        ):
            yield Problem(
                ("streams", name, "per_year", "value"),
                "no offence group has any of these cases.",
                "Give the groups in the proportions in which they come.",
            )


def sampling_is_of_one_or_more(checked: Checked) -> Iterator[Problem]:
    """Check that `one_in` is at least 1: a simulated case stands for that many cases."""
    sampling = checked.model.sampling
    if sampling is None:
        return
    value = sampling.one_in.value
    if isinstance(value, dict) or value < 1:
        yield Problem(
            ("sampling", "one_in", "value"),
            "a simulated case cannot stand for less than itself.",
            "Write one number, 1 or more, such as 50.",
        )


def co_defendants_are_known(checked: Checked) -> Iterator[Problem]:
    """People can be arrested together only where the journey knows of co-defendants."""
    if checked.model.co_defendants is not None and "co_defendants_left" not in vocabulary().facts:
        yield Problem(
            ("co_defendants",),
            f'the journey of the jurisdiction "{checked.model.jurisdiction}" has no co-defendants.',
            "Take the table [co_defendants] out.",
        )
