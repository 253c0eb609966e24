"""How long an agency's cases took, as a chart: Kaplan and Meier's shares, and the fitted law.

All of it is drawn from the protected table, up to its horizon.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from cjsim.calibration.fitting.chart import finish
from cjsim.calibration.fitting.disclosure import Protected
from cjsim.calibration.fitting.model_selection import Selection
from cjsim.calibration.fitting.text import NAMES
from cjsim.report import style

_HEIGHT: Final = 2.9
_POINTS: Final = 300


def cases_chart(
    title: str, subtitle: str, source: str, table: Protected, choice: Selection | None
) -> bytes:
    """The chart as SVG: shares completed by time with 95 % limits, and the fitted laws."""
    times, still_open, low, high = table.curve()
    with style.house_style():
        fig = style.figure(_HEIGHT + 0.55)
        ((axes,),) = style.grid(fig, 1, 1)
        axes.fill_between(
            times,
            1.0 - high,
            1.0 - low,
            color=style.PLUM,
            alpha=0.15,
            linewidth=0,
            label="95 % limits",
        )
        axes.plot(
            times,
            1.0 - still_open,
            color=style.PLUM,
            linewidth=1.4,
            label="cases (Kaplan and Meier)",
        )
        if choice is not None:
            across = np.linspace(0.0, table.horizon, _POINTS)
            for place, fit in enumerate(choice.as_good):
                axes.plot(
                    across,
                    fit.law.cdf(across),
                    color=style.GREY,
                    linewidth=1.2,
                    linestyle=(0, (4, 2)),
                    label="distributions that fit as well" if place == 0 else None,
                )
            law = choice.chosen.law
            axes.plot(
                across,
                law.cdf(across),
                color=style.NAVY,
                label=f"{NAMES[law.family.name]}, the distribution chosen",
            )
        finish(axes, table.horizon, table.unit, "share completed")
        style.frame(fig, title, subtitle, source)
        fitted = "" if choice is None else " with the fitted distribution"
        alternative = (
            f"Share of cases completed by time in {table.unit}, up to {table.horizon:g}, after "
            f"Kaplan and Meier, with 95 % limits{fitted}."
        )
        return style.svg_bytes(fig, title, alternative)
