"""What the test of a claim found, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cjsim.experiment.show import table_text
from cjsim.reforms.claim import BEST, CLOSE, FITTED
from cjsim.spec.reform import Published

UNITS = {"per cent": " %", "points": " points", "own unit": ""}

Interval = tuple[float, float, float]


def claim_text(content: Mapping[str, Any]) -> str:
    """The statement: the size fitted and its predictions, then whether all can hold, and how."""
    effects = [Published.model_validate(one) for one in content["published"]]
    fitted = next(one for one in effects if one.name == content["fit"])
    period = f"{content['study_from']} to {content['study_to']}"
    return "\n".join([
        content["experiment"]["title"],
        f"{period}, {content['replications']} runs at each setting beside the same runs without it",
        "",
        *_in_short(content, effects, fitted),
        "",
        *_size(content, effects, fitted),
        "",
        *_search(content, effects),
        *(f"Note: {notice}" for notice in content["notices"]),
    ])  # fmt: skip


def _in_short(
    content: Mapping[str, Any], effects: Sequence[Published], fitted: Published
) -> list[str]:
    """The answer before its reasons: what one size gives, and whether any settings give all."""
    others = [one for one in effects if one is not fitted]
    if content["size"] is None:
        first = (
            f'In short: no size of the levers, all moved alike, gives "{fitted.says}", so that '
            "nothing can be fitted to it."
        )
    else:
        found = content["effects"][FITTED]
        held = [one for one in others if reached(one, interval_of(found[one.name]))]
        said = ", ".join(f'"{one.says}"' for one in held) or "none of them"
        first = (
            f'In short: levers large enough for "{fitted.says}" bring {len(held)} of the other '
            f"{len(others)} with them: {said}."
        )
    best = content["effects"][BEST]
    hold = content["together"] >= 1 and all(
        reached(one, interval_of(best[one.name])) for one in effects
    )
    whether = "there are settings in which" if hold else "no settings were found in which"
    return [first, f"Within the declared ranges of the levers {whether} every claim holds."]


def _size(content: Mapping[str, Any], effects: Sequence[Published], fitted: Published) -> list[str]:
    """One size for all levers: fitted to one effect, and what it predicts of the others."""
    if content["size"] is None:
        most = content["curve"][fitted.name]
        furthest = max(most, key=lambda one: one * (1 if fitted.direction == "rises" else -1))
        return [
            f'Not within the declared ranges: no size of the levers gives "{fitted.says}".',
            f"With all levers moved alike the most is {_figure(furthest, fitted)}.",
        ]
    lines = [
        f'Fitted to "{fitted.says}": all levers at size {content["size"]:.2f}',
        "(0 the baseline, 1 as declared, 2 the far ends of their ranges).",
        "",
    ]
    found = content["effects"][FITTED]
    rows = []
    for one in effects:
        interval = interval_of(found[one.name])
        word = "fitted" if one is fitted else _reproduced(one, interval)
        rows.append([one.says, _told(interval, one), word])
    return [*lines, table_text(["claimed", "the model at that size (95 %)", ""], rows, set())]


def interval_of(sizes: Sequence[float]) -> Interval:
    """The mean of an effect over replications and its 95 % interval (Student)."""
    from scipy.stats import t

    values = np.array(sizes, dtype=np.float64)
    middle = float(values.mean())
    half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return middle, middle - half, middle + half


def reached(effect: Published, interval: Interval) -> bool:
    """Whether the model comes to the claimed size, or as near as makes no matter."""
    said = effect.signed
    assert said is not None
    return interval[0] / said >= CLOSE


def _reproduced(effect: Published, interval: Interval) -> str:
    middle, low, high = interval
    said = effect.signed
    assert said is not None
    if low <= said <= high:
        return "reproduced"
    if reached(effect, interval):
        return "reproduced, and more than that"
    share = middle / said
    if share <= 0:
        return "not reproduced: no change in that direction"
    return f"not reproduced: {100 * share:.0f} % of it"


def _search(content: Mapping[str, Any], effects: Sequence[Published]) -> list[str]:
    """Whether any settings in the declared ranges give all effects, and which."""
    together = content["together"]
    found = {one.name: interval_of(content["effects"][BEST][one.name]) for one in effects}
    hold = all(reached(one, found[one.name]) for one in effects)
    settings = [
        [_in_words(one["path"]), f"{one['level']:.3g}", f"{one['declared']:.3g}",
         f"{one['low']:.3g} to {one['high']:.3g}"]
        for one in content["settings"]
    ]  # fmt: skip
    table = table_text(["lever", "here", "declared", "range"], settings, numbers={1, 2})
    rows = [[one.says, _told(found[one.name], one)] for one in effects]
    model = table_text(["claimed", "the model there (95 %)"], rows, numbers=set())
    if together >= 1 and hold:
        return [
            "All of it can hold within the declared ranges. This would have to be true:", "",
            table, "", model,
        ]  # fmt: skip
    lines = ["Not within the declared ranges: no settings were found in which all of it holds."]
    if together >= 1:
        lines.append(
            "Between the settings tried it seemed to; run there, the model said otherwise:"
        )
    else:
        lines += [
            "Between the settings tried, the most of every claim that can be had at once is",
            f"{100 * max(together, 0):.0f} % of its size.",
            *(_alone(one, content["alone"][one.name]) for one in effects),
            "", "Nearest to it, with the levers at:",
        ]  # fmt: skip
    return [*lines, "", table, "", model, *_needed(effects, found)]


def _in_words(path: str) -> str:
    """A lever as one would say it, and what its numbers are: file ready (chance)."""
    table, _, rest = path.partition(".")
    word, _, field = rest.partition(".")
    kind = {"forks": "chance", "pools": "people at once", "stages": "time taken"}.get(table, field)
    return f"{word.replace('_', ' ')} ({kind.replace('_', ' ')})"


def _alone(effect: Published, share: float) -> str:
    if share >= 1:
        return f'- "{effect.says}" alone is within reach.'
    reach = f"{100 * share:.0f} % of it at the most" if share > 0 else "nothing of it"
    return f'- "{effect.says}" alone is out of reach: {reach}.'


def _needed(effects: Sequence[Published], found: Mapping[str, Interval]) -> list[str]:
    """What would have to be true besides: for each effect that is still wanting."""
    lines = [
        f'For "{one.says}" something else would have to give the rest: from '
        f"{_figure(found[one.name][0], one)} to {_figure(one.signed or 0.0, one)}."
        for one in effects
        if not reached(one, found[one.name])
    ]
    return ["", *lines] if lines else []


def _told(interval: Interval, effect: Published) -> str:
    middle, low, high = interval
    unit = UNITS[effect.unit or "own unit"]
    return f"{middle:+.2f}{unit} ({low:+.2f} to {high:+.2f})"


def _figure(value: float, effect: Published) -> str:
    return f"{value:+.2f}{UNITS[effect.unit or 'own unit']}"
