"""A Gaussian process for each target: what the model would say at a point nobody has simulated.

The points lie in the unit cube, one axis for each free number from its lower to its upper bound. A
straight plane takes what is linear, the process what is left; both are fitted to the mean over the
replications at each point.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
from contextlib import contextmanager

Numbers = npt.NDArray[np.float64]

SHORTEST, LONGEST = 0.2, 20.0
"""How far along an axis points may have to lie from each other to know nothing of each other."""

MOST_STEPS: Final = 40
"""Steps in which a process is fitted."""

AT_A_TIME: Final = 4096
"""Points that are predicted together, so that memory stays flat."""


@dataclass(frozen=True)
class Emulator:
    """One target emulated: `plane` holds the constant and the slopes, `process` the rest.

    Values are in the target's unit. `noise` is the variance that chance gives the mean over the
    replications of one point.
    """

    plane: Numbers
    process: Any
    scale: float
    noise: float

    def predict(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Mean and variance of the target at points of shape (n, axes), each of shape (n,).

        The variance is what the emulator does not know; chance in a run is not part of it.
        """
        mean = self.plane[0] + points @ self.plane[1:]
        variance = np.zeros(len(points))
        if self.process is None:
            return mean, variance
        for start in range(0, len(points), AT_A_TIME):
            part = slice(start, start + AT_A_TIME)
            rest, spread = self.process.predict(points[part], return_std=True)
            mean[part] += self.scale * rest
            # The kernel's own noise is that of a run, not of its mean over all luck.
            variance[part] = np.maximum(spread**2 - self.process.kernel_.k2.noise_level, 0.0)
        return mean, variance * self.scale**2


def fit_emulator(points: Numbers, values: Numbers) -> Emulator:
    """Fit to points of shape (n, axes) and values of shape (n, replications).

    Points without a value are left out. Raises Faults when scikit-learn is not installed.
    """
    there = np.isfinite(values).all(axis=1)
    points, values = points[there], values[there]
    means = values.mean(axis=1)
    noise = float(values.var(axis=1, ddof=1).mean()) / values.shape[1]
    columns = np.column_stack([np.ones(len(points)), points])
    plane = np.linalg.lstsq(columns, means, rcond=None)[0]
    rest = means - columns @ plane
    scale = float(rest.std())
    if scale <= 1e-9 * max(1.0, float(np.abs(means).max(initial=0.0))):
        return Emulator(plane, None, 0.0, noise)
    process = _process(points.shape[1], min(max(noise / scale**2, 1e-3), 1.0))
    with warnings.catch_warnings():
        # A length at its bound means that the target does not hang on that number.
        warnings.simplefilter("ignore")
        process.fit(points, rest / scale)
    return Emulator(plane, process, scale, noise)


def _process(axes: int, noise: float) -> Any:
    try:
        from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    except ImportError:
        wrong = "a calibration needs scikit-learn, which is not installed."
        raise Faults([Fault("", "", wrong, "Run: pip install 'cjsim[calibration]'.")]) from None
    smooth = kernels.ConstantKernel(1.0, (1e-3, 1e2)) * kernels.Matern(
        np.full(axes, 1.0), (SHORTEST, LONGEST), nu=2.5
    )
    # Common random numbers let neighbours share their luck: less than all of the noise is seen.
    random_streams = kernels.WhiteKernel(noise, (1e-5, 2.0))
    return GaussianProcessRegressor(
        kernel=smooth + random_streams, optimizer=_optimise, n_restarts_optimizer=0, random_state=0
    )


def _optimise(
    loss: Callable[..., tuple[float, Numbers]], start: Numbers, bounds: Numbers
) -> tuple[Numbers, float]:
    """The kernel's numbers, in so many steps: the last of them change a prediction by nothing."""
    from scipy.optimize import minimize  # takes over a second to import

    found = minimize(
        loss, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": MOST_STEPS}
    )
    return found.x, float(found.fun)


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra on one thread: the last digit must not depend on how many there are."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        wrong = "a calibration needs scikit-learn, which is not installed."
        raise Faults([Fault("", "", wrong, "Run: pip install 'cjsim[calibration]'.")]) from None
    with threadpool_limits(limits=1):
        yield
