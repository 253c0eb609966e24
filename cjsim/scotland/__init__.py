"""A toy of the criminal justice system of Scotland: petition or complaint, and the sheriff court.

It shows what a second jurisdiction of cjsim takes. None of its numbers describes a real place.
"""

from __future__ import annotations

from importlib import import_module

from cjsim.jurisdiction import Jurisdiction
from cjsim.scotland.vocabulary import VOCABULARY

JURISDICTION = Jurisdiction(
    name="scotland",
    title="Scotland (toy)",
    vocabulary=VOCABULARY,
    holidays=("GB", "SCT"),
    load_process=lambda: import_module("cjsim.scotland.process").PROCESS,
    load_measurement=lambda: import_module("cjsim.scotland.measures").MEASUREMENT,
)
