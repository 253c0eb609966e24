"""`cjsim fit FILE`: a law fitted to published figures, written as numbers, report and chart."""

from __future__ import annotations

from pathlib import Path

from cjsim.calibration.fitting.chart import fit_chart, seen_of
from cjsim.calibration.fitting.goodness import goodness
from cjsim.calibration.fitting.model_selection import Selection, choose
from cjsim.calibration.fitting.published import FitFile, load_fit_file
from cjsim.calibration.fitting.text import fit_line, fit_markdown, fit_toml
from cjsim.errors import Fault, Faults
from cjsim.schema.files import shown_path, study_path
from cjsim.schema.register import register_near
from cjsim.storage.outputs import output_folder
from cjsim.storage.whole import write_bytes, write_text


def fit_published(path: Path, out: Path | None = None) -> tuple[Path, list[str]]:
    """Fit a file of published figures; the folder written, and what to tell on the terminal.

    The folder is `out`, or the file's own name beside it. It holds `fit.toml`, `report.md` and
    `fit.svg`, and is replaced as a whole. Raises Faults, RunFailed.
    """
    file = load_fit_file(path)
    choice = choice_of(file, shown_path(path))
    register = register_near(path.parent) or {}
    folder = out or path.with_suffix("")
    good = goodness(choice.chosen, file.known())
    made = f"cjsim fit {study_path(path)}"
    sources = "; ".join(
        dict.fromkeys(
            register[source]["publication"] for source in file.sources() if source in register
        )
    )
    chart = fit_chart(
        file.title, file.what, f"Source: {sources}", choice, seen_of(file.known()), file.unit
    )
    toml = fit_toml(choice, file.unit, good, made=made, name=f"fit_{path.stem}")
    with output_folder(folder, "fit") as partial:
        write_text(toml, partial / "fit.toml")
        write_text(fit_markdown(file, choice, register, "fit.svg", made), partial / "report.md")
        write_bytes(chart, partial / "fit.svg")
    lines = [f"{file.title}, {file.unit}"]
    lines += [
        f"  {'chosen  ' if fit is choice.chosen else '        '}{fit_line(fit, file.unit)}"
        for fit in choice.fits
    ]
    lines += [
        f"  {error.name}: published {error.published:g}, the law says {error.fitted:.4g}"
        for error in good.figures
        if not error.within
    ]
    return folder, lines


def choice_of(file: FitFile, shown: str) -> Selection:
    """The laws of a file, fitted. Raises Faults when its figures determine none of them."""
    choice = choose(file.known(), file.candidates, with_at_once=file.at_once)
    if choice is None:
        known = file.known().numbers
        wrong = (
            f"{known} figure{' does' if known == 1 else 's do'} not determine any of these laws."
        )
        raise Faults([Fault(shown, "candidates", wrong, "Add figures, or name a simpler law.")])
    return choice
