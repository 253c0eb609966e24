"""The codes under which the event log stores the words of England and Wales."""

from __future__ import annotations

from typing import Final

from cjsim.des.event_log import Codes
from cjsim.england_wales.vocabulary import ACTIVITIES, AGENCIES, REASONS, RESULTS

_CODES: Final = Codes(ACTIVITIES, AGENCIES, RESULTS, REASONS)
ACTIVITY_CODE: Final = _CODES.activity
AGENCY_CODE: Final = _CODES.agency
RESULT_CODE: Final = _CODES.result
REASON_CODE: Final = _CODES.reason
