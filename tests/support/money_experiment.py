"""A small experiment of the toy model with everything that can be said of money."""

from __future__ import annotations

from pathlib import Path

import cjsim
from cjsim.experiment.results import Results

EXPERIMENT = """
title = "Money"
question = "Who pays?"
owner = "the tests"
[run]
model = "{model}"
from = 2013-04-01
to = 2014-03-31
replications = 2
seed = 11

[scenarios.files]
label = "Better files"
funds = ["outcomes"]
set."branches.file_ready.probability" = {{ value = 1.0, source = "assumption", range = [0, 1] }}
[scenarios.files.cost.training]
fund = "outcomes"
gbp = 10_000
price_year = "2013-14"
per = "once"
from = 2013-07-01
source = "assumption"
range = [5_000, 20_000]
[scenarios.files.cost.coordinator]
agency = "police"
gbp = 3_652.5
price_year = "2013-14"
per = "year"
from = 2013-04-01
to = 2015-03-31
cashable = false
source = "assumption"
range = [1_000, 4_000]

[scenarios.team]
label = "A team that nobody calls"
[scenarios.team.set."pools.prosecution_team.capacity"]
value = 2
each = true
source = "assumption"
range = [0, 6]

[scenarios.cells]
label = "More cells"
[scenarios.cells.set]
"pools.cells.capacity" = {{ value = 6, each = true, source = "assumption", range = [0, 9] }}

[funds.outcomes]
title = "Outcome fund"
theme = "supporting_victims_and_witnesses"
budget = {{ gbp = 14_000, price_year = "2013-14", source = "assumption", range = [0, 20_000] }}
paid_by = {{ commissioner = 0.75, police = 0.25 }}
[funds.outcomes.outcomes.fewer_hearings]
measure = "hearings_per_case"
beats_by = 0.000_001
gbp = 3_000
price_year = "2013-14"
source = "assumption"
range = [0, 5_000]
to = "cps"
[funds.outcomes.outcomes.out_of_reach]
measure = "conviction_rate"
beats_by = 0.9
gbp = 3_000
price_year = "2013-14"
source = "assumption"
range = [0, 5_000]

[ledger]
from = "2013-14"
to = "2015-16"
"""


def run_money(toy: Path, folder: Path) -> Results:
    """The experiment, run in a folder."""
    file = folder / "money.toml"
    file.write_text(EXPERIMENT.format(model=toy))
    out = cjsim.run(file, workers=1, out=folder / "out", say=lambda _: None)
    return cjsim.read_results(out)
