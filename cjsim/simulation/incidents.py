"""Who arrives with whom: the people of one incident, among those who arrive anyway.

Nobody is added. The candidates of an offence group in a month, who come in no order, are parted
into incidents of one person or of several. All of an incident have the minute and the division of
its first person, and they come or stay away together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from cjsim.schema.base import pick
from cjsim.schema.co_defendants import SIZES, CoDefendantsSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def incidents(
    spec: CoDefendantsSpec, groups: Sequence[str], group: Integers, draws: Floats
) -> Integers:
    """For each candidate the place of the first person of the same incident; any number n of them.

    `group` is the offence group of each (n), `draws` are uniform (2, n): whether an incident that
    begins with a candidate is of several people, and of how many.
    """
    first = np.arange(len(group), dtype=np.int64)
    for kind, name in enumerate(groups):
        share = pick(spec.share.value, name)
        if not share:
            continue
        people = np.flatnonzero(group == kind)
        bounds = [*accumulate(pick(spec.sizes.value[word], name) for word in SIZES)]
        several = share_of_incidents(share, mean_size(spec, name))
        sizes = list(SIZES.values())
        at = 0
        while at < len(people):
            person = people[at]
            size = 1
            if draws[0, person] < several:
                size = sizes[min(bisect_right(bounds, draws[1, person]), len(sizes) - 1)]
            first[people[at : at + size]] = person
            at += size
    return first


def mean_size(spec: CoDefendantsSpec, group: str) -> float:
    """How many people an incident of several has in an offence group, on average."""
    return sum(size * pick(spec.sizes.value[word], group) for word, size in SIZES.items())


def share_of_incidents(share_of_people: float, size: float) -> float:
    """The share of the incidents that are of several people, from the share of the people."""
    return share_of_people / (size - share_of_people * (size - 1.0))
