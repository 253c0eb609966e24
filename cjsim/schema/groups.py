"""Tables of numbers by a word, such as an offence group: which words may stand in them."""

from __future__ import annotations

from cjsim.errors import Slip, did_you_mean
from cjsim.jurisdiction import vocabulary


def check_groups(value: float | dict[str, float], at: tuple[str | int, ...] = ()) -> None:
    """Refuse a table whose keys are not offence groups, or that leaves a group without a value.

    Raises Slip with the unknown word and the known ones, or with the groups left out.
    """
    check_table(value, vocabulary().offence_groups, "offence group", at)


def check_table(
    value: float | dict[str, float],
    words: tuple[str, ...],
    noun: str,
    at: tuple[str | int, ...] = (),
) -> None:
    """Refuse a table with a key that is none of the words, or that leaves a word without a value.

    Raises Slip; a single number passes, because it serves every word.
    """
    if not isinstance(value, dict):
        return
    unknown = [key for key in value if key not in (*words, "default")]
    if unknown:
        named = '" or "'.join(unknown)
        meant = dict.fromkeys(did_you_mean(key, [*words, "default"]) for key in unknown)
        where = (*at, *unknown) if len(unknown) == 1 else at
        raise Slip(f'there is no {noun} called "{named}".', " ".join(meant), where)
    left_out = [word for word in words if word not in value]
    if left_out and "default" not in value:
        few = ", ".join(left_out[:4]) + (", ..." if len(left_out) > 4 else "")
        raise Slip(
            f"the table gives no value for {few}.", 'Add them, or a "default" for the rest.', at
        )
