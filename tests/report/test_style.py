"""Figures are laid out once, without a warning, and the same figure gives the same files."""

from __future__ import annotations

import warnings

import pytest

from cjsim.report import style


@pytest.mark.parametrize("fixed", [True, False], ids=["fixed axes", "a grid"])
def test_a_figure_is_settled_without_a_warning_and_keeps_its_layout(*, fixed: bool) -> None:
    with style.house_style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        fig = style.figure(3.0)
        axes = style.axes_at(fig, 0.5, 0.2, 3.0, 2.0) if fixed else fig.add_subplot()
        axes.plot([1, 2], [3, 4])
        files = [style.svg_bytes(fig, "A title", "Two points"), style.png_bytes(fig)]
        where = axes.get_position().bounds
        again = [style.svg_bytes(fig, "A title", "Two points"), style.png_bytes(fig)]
    assert files == again
    assert axes.get_position().bounds == where
