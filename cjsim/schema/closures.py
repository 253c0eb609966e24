"""When a courthouse is shut, and which courthouse has its work in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from cjsim.errors import Slip
from cjsim.schema.base import Dated, Day, Evidence, Name, Sourced


class Closure(Dated):
    """Days on which a courthouse is shut, the first and the last included.

    Hearings listed for these days move to the same list of another courthouse when the closure is
    announced, and trials that are running on the first day go on there.
    """

    to: Day | None = Field(default=None, description="the last day; for good if left out")
    announced: Day | None = Field(
        default=None,
        description="when it is announced; left out: each list's `change_notice_days` before",
    )
    work_goes_to: Name = Field(description="the courthouse that has its work")

    def is_quantity(self) -> bool:
        """Days are no number."""
        return False

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise Slip(
                f"this closure ends ({self.to}) before it begins ({self.from_}).",
                "Write the earlier day as from and the later one as to.",
            )
        if self.announced is not None and self.announced > self.from_:
            raise Slip(
                f"what begins on {self.from_} is announced on {self.announced} only.",
                "Write that day or an earlier one.",
                ("announced",),
            )
        return self

    def overlaps(self, other: Closure) -> bool:
        """Whether a day lies in both closures."""
        ends_before = self.to is not None and self.to < other.from_
        begins_after = other.to is not None and other.to < self.from_
        return not (ends_before or begins_after)


class Closures(Sourced):
    """The closures of a courthouse. A file writes one as a table, several as a list of tables."""

    source: str = "assumption"
    evidence: Evidence = "assumed"
    changes: tuple[Closure, ...] = Field(default=(), description="each closure, in order of time")

    def is_quantity(self) -> bool:
        """Days are no number."""
        return False


def _as_closures(written: object) -> object:
    """What a file says, as a table of closures."""
    if isinstance(written, Mapping):
        return written if "changes" in written else {"changes": [written]}
    return {"changes": written} if isinstance(written, (list, tuple)) else written


WrittenClosures = Annotated[
    Closures, BeforeValidator(_as_closures, json_schema_input_type=Closure | tuple[Closure, ...])
]
"""The closures of a courthouse as a file writes them."""
