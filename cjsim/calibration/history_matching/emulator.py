"""Emulators: a Gaussian process for each target predicts it at points without a simulation.

Points lie in the unit cube, with one axis for each free parameter from its lower to its upper
bound. A linear trend and a Gaussian process on its residuals are fitted to the mean over the
replications at each point.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cjsim.errors import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sklearn.gaussian_process import GaussianProcessRegressor
from contextlib import contextmanager

Numbers = npt.NDArray[np.float64]

SHORTEST, LONGEST = 0.2, 20.0
"""The bounds of the correlation length of an axis."""

MOST_STEPS: Final = 40
"""The most steps of the optimiser."""

AT_A_TIME: Final = 4096
"""The number of points predicted together, to limit memory."""


@dataclass(frozen=True)
class Emulator:
    """The emulator of a target: `plane` holds the constant and slopes, `process` the residual.

    Values are in the target's unit. `noise` is the Monte Carlo variance of the mean over the
    replications of a point.
    """

    plane: Numbers
    process: GaussianProcessRegressor | None
    scale: float
    noise: float

    def predict(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """Mean and variance of the target at points of shape (n, axes), each of shape (n,).

        The variance is that of the emulator; Monte Carlo error is not included.
        """
        mean = self.plane[0] + points @ self.plane[1:]
        variance = np.zeros(len(points))
        if self.process is None:
            return mean, variance
        for start in range(0, len(points), AT_A_TIME):
            part = slice(start, start + AT_A_TIME)
            rest, spread = self.process.predict(points[part], return_std=True)
            mean[part] += self.scale * rest
            # Subtract the noise of a run: the mean over random numbers is predicted.
            variance[part] = np.maximum(spread**2 - self.process.kernel_.k2.noise_level, 0.0)
        return mean, variance * self.scale**2


def fit_emulator(points: Numbers, values: Numbers) -> Emulator:
    """Fit to points of shape (n, axes) and values of shape (n, replications).

    Points without a value are left out. Raises Faults when scikit-learn is not installed.
    """
    has_value = np.isfinite(values).all(axis=1)
    points, values = points[has_value], values[has_value]
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
        # A length at its bound means that the target does not depend on that parameter.
        warnings.simplefilter("ignore")
        process.fit(points, rest / scale)
    return Emulator(plane, process, scale, noise)


def _process(axes: int, noise: float) -> GaussianProcessRegressor:
    try:
        from sklearn.gaussian_process import GaussianProcessRegressor, kernels
    except ImportError:
        wrong = "a calibration needs scikit-learn, which is not installed."
        raise Faults([Fault("", "", wrong, "Run: pip install 'cjsim[calibration]'.")]) from None
    smooth = kernels.ConstantKernel(1.0, (1e-3, 1e2)) * kernels.Matern(
        np.full(axes, 1.0), (SHORTEST, LONGEST), nu=2.5
    )
    # With common random numbers neighbouring points share noise: fit a white-noise term.
    noise_term = kernels.WhiteKernel(noise, (1e-5, 2.0))
    return GaussianProcessRegressor(
        kernel=smooth + noise_term, optimizer=_optimise, n_restarts_optimizer=0, random_state=0
    )


def _optimise(
    loss: Callable[..., tuple[float, Numbers]], start: Numbers, bounds: Numbers
) -> tuple[Numbers, float]:
    """The kernel's parameters, by a limited number of steps."""
    from scipy.optimize import minimize  # takes over a second to import

    minimum = minimize(
        loss, start, method="L-BFGS-B", jac=True, bounds=bounds, options={"maxiter": MOST_STEPS}
    )
    return minimum.x, float(minimum.fun)


@contextmanager
def one_thread() -> Iterator[None]:
    """Run linear algebra on one thread, so that results do not depend on the number of threads."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        wrong = "a calibration needs scikit-learn, which is not installed."
        raise Faults([Fault("", "", wrong, "Run: pip install 'cjsim[calibration]'.")]) from None
    with threadpool_limits(limits=1):
        yield
