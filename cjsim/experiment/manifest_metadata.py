"""Manifest metadata of an experiment, and checks of the measures and resources that it names."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from cjsim.errors import Fault, did_you_mean
from cjsim.experiment.money_checks import money_settings
from cjsim.experiment.plan import hash_of_content
from cjsim.measures.registry import known_measures, measure_named
from cjsim.schema.experiment import Experiment
from cjsim.schema.files import dotted, shown_path, study_path
from cjsim.schema.model import Model
from cjsim.schema.report import SAID_TO_THE_BOARD
from cjsim.storage.disk import file_hash


def unknown_measures(experiment: Experiment, jurisdiction: str | None) -> list[Fault]:
    """What the report names and no measure of the jurisdiction, or of any, is called."""
    known = known_measures(jurisdiction)
    named = [
        (table, name)
        for table in ("watch", "worthwhile")
        for name in getattr(experiment.report, table)
    ]
    named += [
        (dotted(("trade_off", place, side)), one.measure)
        for place, trade_off in enumerate(experiment.report.trade_off)
        for side, measures in (("gain", trade_off.gain), ("loss", trade_off.loss))
        for one in measures
    ]
    file = shown_path(experiment.path)
    faults = [
        Fault(
            file,
            f"report.{key}",
            f'there is no measure called "{name}".',
            did_you_mean(name, known),
            "report",
        )
        for key, name in named
        if name not in known
    ]
    return faults + _published_of_nothing(experiment, file, known)


def _published_of_nothing(experiment: Experiment, file: str, known: tuple[str, ...]) -> list[Fault]:
    """Published effects on what is no measure, or in points of what is no share."""
    faults = []
    for place, one in enumerate(experiment.published):
        key = dotted(("published", place))
        measure = measure_named(one.kpi) if one.kpi in known else None
        if measure is None:
            wrong = f'there is no measure called "{one.kpi}".'
            remedy = did_you_mean(one.kpi, known)
            faults.append(Fault(file, f"{key}.kpi", wrong, remedy, "published"))
        elif one.unit == "points" and measure.unit != "share":
            wrong = f'"{one.kpi}" is counted in {measure.unit}, not as a share.'
            remedy = 'Write unit = "own unit" or "per cent".'
            faults.append(Fault(file, f"{key}.unit", wrong, remedy, "published"))
    return faults


def unknown_resources(experiment: Experiment, model: Model) -> list[Fault]:
    """The pools and lists whose use a trade-off asks for and the model has not."""
    known = [
        *model.pools,
        *(f"{pool}_{division}" for pool in model.pools for division in model.divisions),
        *model.lists,
        *(f"{word}@{house}" for word, one in model.lists.items() for house in one.houses),
    ]
    return [
        Fault(
            shown_path(experiment.path),
            dotted(("report", "trade_off", place, side)),
            f'there is no pool or court list called "{one.group}".',
            did_you_mean(one.group, known),
            "report",
        )
        for place, trade_off in enumerate(experiment.report.trade_off)
        for side, measures in (("gain", trade_off.gain), ("loss", trade_off.loss))
        for one in measures
        if one.measure == "utilisation" and one.group and one.group not in known
    ]


def experiment_record(experiment: Experiment) -> dict[str, object]:
    """The experiment as the manifest keeps it."""
    source = None
    with contextlib.suppress(OSError):
        source = experiment.path.read_text(encoding="utf-8")
    asked = {
        "name": experiment.path.stem,
        "title": experiment.title,
        "question": experiment.question,
        "owner": experiment.owner,
        "replications_asked": experiment.run.replications,
        "watched": list(experiment.report.watch),
        "worthwhile": worthwhile(experiment),
        "trade_offs": [one.model_dump(mode="json") for one in experiment.report.trade_off],
        **money_settings(experiment),
        **experiment.report.model_dump(mode="json", include=SAID_TO_THE_BOARD),
        "reform": experiment.reform and experiment.reform.model_dump(mode="json"),
        "reform_scenario": experiment.reform_scenario,
        "published": [one.model_dump(mode="json") for one in experiment.published],
        "file": study_path(experiment.path),
    }
    return {**asked, "settings": _settings_hash(experiment, asked), "text": source}


def _settings_hash(experiment: Experiment, asked: Mapping[str, object]) -> str:
    """SHA-256 of all that an experiment says, whatever the layout of its file.

    What the plan's hash leaves out is in it: what is watched and worth having, titles and labels,
    money, and the published series of a back-cast.
    """
    published = None
    with contextlib.suppress(OSError):
        published = file_hash(experiment.published_file or Path())
    whole = experiment.model_dump(mode="json", by_alias=True)
    return hash_of_content([whole, dict(asked), labels(experiment), published])


def worthwhile(experiment: Experiment) -> dict[str, float]:
    """For each measure the least difference that is worth having."""
    return dict(experiment.report.worthwhile)


def labels(experiment: Experiment) -> dict[str, str]:
    """The names of the scenarios as a reader knows them."""
    found = {"baseline": experiment.baseline.label}
    found.update({name: scenario.label for name, scenario in experiment.scenarios.items()})
    return found
