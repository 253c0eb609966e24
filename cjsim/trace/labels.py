"""Words of the log in a case file, and how a line of the file is laid out."""

from __future__ import annotations

import textwrap
from typing import Final

from cjsim.formatting.labels import phrase_of, pool_phrase, spoken
from cjsim.formatting.words import sentence_case
from cjsim.jurisdiction import vocabulary
from cjsim.schema.model import Model

WIDTH: Final = 100
MARGIN: Final = " " * 2


def done(activity: str) -> str:
    """What a file says of an activity that was done."""
    kind = "duty" if activity in vocabulary().duties else "activity"
    return sentence_case(phrase_of(kind, activity))


def result_of(result: str) -> str:
    """The result of an activity; empty when it was simply done."""
    return "" if result == "done" else phrase_of("result", result)


def reason_of(reason: str) -> str:
    """The reason why something was adjourned, vacated or wasted."""
    return phrase_of("reason", reason)


def pool_name(pool: str, model: Model) -> str:
    """A pool of staff or cells, with the division it serves: "officers, north"."""
    return pool_phrase(pool, model.divisions)


def court_name(resource: str, model: Model) -> str:
    """The list, the courthouse and the courtroom of a hearing."""
    name, _, rest = resource.partition("@")
    courthouse, _, courtroom = rest.partition("#")
    title = (
        model.courthouses[courthouse].title
        if courthouse in model.courthouses
        else sentence_case(spoken(courthouse))
    )
    courtroom = f"court {courtroom}" if courtroom.isdigit() else spoken(courtroom)
    return ", ".join(part for part in (f"{spoken(name)} list", title, courtroom) if part)


def laid_out(label: str, text: str, indent: int) -> list[str]:
    """A label in the margin and a text beside it, in lines of at most WIDTH letters."""
    first = f"{MARGIN}{label:<{indent}}"
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]
