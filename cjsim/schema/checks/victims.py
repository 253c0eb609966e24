"""That victims can be reached for what they are owed, and that witnesses can wait at court."""

from __future__ import annotations

from collections.abc import Iterator

from cjsim.jurisdiction import vocabulary
from cjsim.schema.checks.checked import Checked
from cjsim.schema.files import KeyPath
from cjsim.schema.messages import Problem


def duties_have_somebody_to_do_them(checked: Checked) -> Iterator[Problem]:
    """The first channel of a duty has staff, because not every victim looks anything up."""
    for name, duty in checked.model.duties.items():
        at: KeyPath = ("duties", name, "channels")
        if duty.channels[0] not in vocabulary().staffed_channels:
            yield Problem(
                at,
                f'"{duty.channels[0]}" has no staff, and stands first.',
                f"Write one of {', '.join(vocabulary().staffed_channels)} first.",
            )
        if len(set(duty.channels)) < len(duty.channels):
            yield Problem(at, "a channel stands here twice.", "Keep it once.")


def attendances_wait_at_court(checked: Checked) -> Iterator[Problem]:
    """Who comes to court waits there, for a length that each court has, and nobody else does."""
    attendances = vocabulary().attendances
    for name, stage in checked.model.stages.items():
        lacking = [court for court in vocabulary().courts if court not in stage.waiting]
        if name in attendances and lacking and stage.duration is not None:
            yield Problem(
                ("stages", name),
                f"nothing says how long one waits at the {' and the '.join(lacking)} court.",
                f"Add the table [stages.{name}.waiting.{lacking[0]}].",
            )
        elif name not in attendances and stage.waiting:
            yield Problem(
                ("stages", name, "waiting"),
                "nobody waits at court in this stage.",
                f"Take it out: only {' and '.join(attendances)} have a waiting.",
            )
