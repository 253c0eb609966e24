"""Words of the jurisdiction as types of a file's keys and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from cjsim.errors import Slip
from cjsim.jurisdiction import DEFAULT, find_jurisdiction, vocabulary


@dataclass(frozen=True)
class WordOf:
    """A word of a kind in the jurisdiction's vocabulary, or one of those in `before` or `also`."""

    kind: str
    also: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that may be written."""
        return (*self.before, *vocabulary().words(self.kind), *self.also)

    def check(self, value: object) -> str:
        """The value, if it is one of the words. Raises PydanticCustomError."""
        words = self.words
        if isinstance(value, str) and value in words:
            return value
        named = [f"'{word}'" for word in words]
        expected = " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
        raise PydanticCustomError(
            "literal_error", "Input should be {expected}", {"expected": expected}
        )

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """A check against the vocabulary in place of that for any text."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The words as an enumeration."""
        return {"type": "string", "enum": [*self.words]}


def _known(name: str) -> str:
    if find_jurisdiction(name) is None:
        raise Slip(f'there is no jurisdiction called "{name}".', f'Write "{DEFAULT}", say.')
    return name


PriorityRule = Literal["custody", "vulnerable_witness", "youth", "earlier_ineffective_trial"]
"""Why a case may use the minutes that a court list keeps free."""

Advocates = Annotated[str, WordOf("advocates")]
Agency = Annotated[str, WordOf("agencies")]
Branch = Annotated[str, WordOf("branches")]
CallRule = Annotated[str, WordOf("call_rules")]
Channel = Annotated[str, WordOf("channels")]
Court = Annotated[str, WordOf("courts")]
CourtOrAll = Annotated[str, WordOf("courts", before=("all",))]
CourtList = Annotated[str, WordOf("court_lists")]
DrawnFact = Annotated[str, WordOf("drawn_facts")]
Duty = Annotated[str, WordOf("duties")]
EngagementMove = Annotated[str, WordOf("engagement_moves")]
Fact = Annotated[str, WordOf("facts")]
Hearing = Annotated[str, WordOf("hearings")]
Limit = Annotated[str, WordOf("limits")]
ListingKind = Annotated[str, WordOf("listing_kinds")]
MultiwayBranch = Annotated[str, WordOf("multiway_branches")]
OffenceGroup = Annotated[str, WordOf("offence_groups")]
Reason = Annotated[str, WordOf("reasons")]
Result = Annotated[str, WordOf("results")]
ResultOrDefault = Annotated[str, WordOf("results", also=("default",))]
StaffedChannel = Annotated[str, WordOf("staffed_channels")]
Stage = Annotated[str, WordOf("stages")]
WayIn = Annotated[str, WordOf("ways_in")]
JurisdictionName = Annotated[str, AfterValidator(_known)]
"""The name of a jurisdiction that there is."""
