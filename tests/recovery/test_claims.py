"""A claim that the model itself made is found attainable; one that no levers reach is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cjsim.experiment.designs.study import StudyOptions
from cjsim.reforms.claim_test import BEST, claim, claim_text, interval_of
from tests.conftest import PrintFigure

QUESTION = """
title = "A claim"
question = "Can it be?"
owner = "The tests"
[run]
model = "{model}"
from = 2013-10-01
to = 2013-12-31
seed = 7
[scenarios.files]
label = "Better files"
[scenarios.files.set]
"branches.file_ready.probability" = {{ value = 0.6, source = "assumption", range = [0.4, 0.9] }}
[scenarios.files.set."branches.first_hearing_adjourned.probability"]
value = 0.3
source = "toy"
range = [0.1, 0.45]
[claim]
fit = "adjournments"
sizes = [0.5, 1.0, 1.5, 2.0]
points = 8
replications = 2
[report]
watch = ["adjournments_per_case"]
[[published]]
name = "adjournments"
says = "adjournments down"
kpi = "adjournments_per_case"
court = "magistrates"
direction = "falls"
size = {size}
unit = "per cent"
grade = "D"
source = "cjsss_2007_08"
"""


def outcome_of(folder: Path, toy: Path, size: float) -> dict[str, object]:
    file = folder / f"claim_{size:.0f}.toml"
    file.write_text(QUESTION.format(model=toy.as_posix(), size=size), encoding="utf-8")
    given = StudyOptions(workers=1, out=folder / "results", say=lambda _: None)
    return claim(file, given)[1]


@pytest.mark.slow
def test_a_claim_of_the_models_own_is_attained_and_an_absurd_one_is_not(
    tmp_path: Path, toy: Path, figure: PrintFigure
) -> None:
    absurd = outcome_of(tmp_path, toy, 99.0)
    text = claim_text(absurd)
    assert "no size of the levers gives" in text
    assert "Not within the declared ranges: no settings were found" in text
    # What the model said as declared is now claimed of it.
    own = -absurd["curve"]["adjournments"][2]  # type: ignore[index]
    assert own > 0
    again = outcome_of(tmp_path, toy, round(own, 1))
    assert again["size"] == pytest.approx(1.0, abs=0.15)
    assert "All of it can hold within the declared ranges" in claim_text(again)
    best = interval_of(again["effects"][BEST]["adjournments"])  # type: ignore[index]
    assert best[0] <= -0.9 * own
    assert re.search(r"Fitted to .* at size", claim_text(again))
    figure(f"size {again['size']:.2f}, true 1; own claim {own:.1f} %")
