"""What an experiment says of money is checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

import cjsim
from cjsim.errors import Faults
from tests.support.money_experiment import EXPERIMENT


def _edited(toy: Path, folder: Path, old: str, new: str) -> Path:
    text = EXPERIMENT.format(model=toy)
    assert old in text
    file = folder / "broken.toml"
    file.write_text(text.replace(old, new, 1))
    return file


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fund = "outcomes"', 'fund = "outcmes"', 'there is no fund called "outcmes". Did you'),
        ('funds = ["outcomes"]', 'funds = ["other"]', 'there is no fund called "other".'),
        ("police = 0.25", "police = 0.35", "add up to 1.1, not to 1."),
        ('agency = "police"', "", "nobody is said to pay this."),
        ("from = 2013-07-01", "from = 2012-07-01", "lies before the first day of the run"),
        ("to = 2015-03-31", "to = 2012-03-31", "this spending ends (2012-03-31) before"),
        ('per = "year"', 'per = "once"', "what is spent once has one day."),
        ('"hearings_per_case"', '"hearings_per_cse"', 'no measure called "hearings_per_cse"'),
        ('"hearings_per_case"', '"utilisation"', "nothing can beat it"),
        ('to = "2015-16"', 'to = "2012-13"', "the ledger ends (2012-13) before it begins"),
        ('to = "2015-16"', 'to = "2015-17"', '"2015-17" is no financial year.'),
        (
            'gbp = 10_000\nprice_year = "2013-14"',
            'gbp = 10_000\nprice_year = "1913-14"',
            'the deflator has no year "1913-14".',
        ),
        ("gbp = 10_000", "gbp = 90_000", "lies outside its own range"),
    ],
)
def test_a_slip_in_what_is_said_of_money_is_told(
    toy: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(Faults) as caught:
        cjsim.run(_edited(toy, tmp_path, old, new), workers=1, out=tmp_path / "out")
    assert said in str(caught.value)
    assert not (tmp_path / "out").exists()
