"""Costs of scenarios over years: who pays and who saves, from the logs of a finished run.

`make_ledger(results)` costs the logs again, optionally with other unit costs or prices;
`write_ledger` writes the tables beside the results; `ledger_text` is the text of the command.
"""

from __future__ import annotations

from cjsim.economics.ledger import Ledger, make_ledger
from cjsim.economics.report import ledger_text, write_ledger

__all__ = ["Ledger", "ledger_text", "make_ledger", "write_ledger"]
