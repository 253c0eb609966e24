"""Lists, plurals and capitals in English sentences."""

from __future__ import annotations

from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """A number and a noun whose plural ends in s: "1 replication", "4 replications"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def count(number: int, singular: str, plural: str) -> str:
    """A number and the noun that agrees with it: "1 day", "no days"."""
    return f"{'no' if number == 0 else number} {singular if number == 1 else plural}"


def nth(number: int) -> str:
    """An ordinal number: "2nd"."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 < number % 100 < 14 else endings.get(number % 10, 'th')}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Items as English lists them: "a, b and c"."""
    words = list(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def lower_first(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation or a name."""
    if text[:2].isupper() or text.startswith(("Crown", "Police and Crime")):
        return text
    return text[:1].lower() + text[1:]


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]
