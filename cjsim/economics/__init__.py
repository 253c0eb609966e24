"""Money over scenarios and years: who pays and who saves, from the logs of a run that is over.

`make_ledger(results)` costs the logs again, with other unit costs or in other prices if asked;
`write_ledger` puts the tables beside the results; `ledger_text` is what the command shows.
"""

from __future__ import annotations

from cjsim.economics.ledger import Ledger, make_ledger
from cjsim.economics.show import ledger_text
from cjsim.economics.write import write_ledger

__all__ = ["Ledger", "ledger_text", "make_ledger", "write_ledger"]
