"""A smooth stand-in for what simulation says of a total, made of the plants that were tried.

Regression with a Gaussian process (Matern 5/2, a length for each guess) around a plane: C. E. Rasmussen, C. K. I. Williams, Gaussian
Processes for Machine Learning, 2006, chapters 2, 4 and 5; its lengths by maximum likelihood. It says how sure it is, and where it is not, more
plants are tried.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ROOT5 = math.sqrt(5.0)
_RIDGE = 1e-3
_LENGTHS = (math.log(0.1), math.log(20.0))
_USUAL_LENGTH, _SPREAD_OF_LENGTHS = math.log(1.0), 1.0
_NOISE = (math.log(1e-4), math.log(0.5))
_JITTER = 1e-8


class Emulator:
    """What a total is at any coordinates of the guesses, learnt from some.

    Parameters
    ----------
    points : array of shape (tried, guesses)
        Coordinates from 0 to 1.
    values : array of shape (tried,)
    """

    def __init__(self, points: Floats, values: Floats) -> None:
        self._points = points
        plane = np.column_stack([np.ones(len(points)), points - 0.5])
        penalty = _RIDGE * len(points) * np.eye(plane.shape[1])
        penalty[0, 0] = 0.0
        self._plane = np.linalg.solve(plane.T @ plane + penalty, plane.T @ values)
        rest = values - plane @ self._plane
        self._scale = float(rest.std())
        if self._scale < 1e-12:
            self._scale = 0.0
            return
        self._learn(rest / self._scale)

    def mean(self, at: Floats) -> Floats:
        """What the total is taken to be at each of some coordinates."""
        flat: Floats = self._plane[0] + (at - 0.5) @ self._plane[1:]
        if not self._scale:
            return flat
        made: Floats = flat + self._scale * (self._kernel(at) @ self._weights)
        return made

    def slope(self, at: Floats) -> Floats:
        """By how much it changes with each guess, at one point."""
        flat: Floats = np.array(self._plane[1:], np.float64)
        if not self._scale:
            return flat
        between = at - self._points
        apart = np.sqrt(((between / self._lengths) ** 2).sum(axis=1))
        steep = -5 / 3 * self._size * (1 + _ROOT5 * apart) * np.exp(-_ROOT5 * apart)
        flat += self._scale * ((steep * self._weights) @ (between / self._lengths**2))
        return flat

    def variance(self, at: Floats) -> Floats:
        """The variance of what is not known of it at each of some coordinates."""
        if not self._scale:
            return np.zeros(len(at))
        from scipy.linalg import solve_triangular

        seen = solve_triangular(self._root, self._kernel(at).T, lower=True)
        made: Floats = self._scale**2 * np.maximum(self._size - (seen**2).sum(axis=0), 0.0)
        return made

    def _kernel(self, at: Floats) -> Floats:
        apart = np.sqrt((((at[:, None, :] - self._points[None, :, :]) / self._lengths) ** 2).sum(axis=2))
        made: Floats = self._size * (1 + _ROOT5 * apart + 5 / 3 * apart**2) * np.exp(-_ROOT5 * apart)
        return made

    def _learn(self, rest: Floats) -> None:
        from scipy.optimize import minimize

        count, guesses = self._points.shape
        squares = (self._points[:, None, :] - self._points[None, :, :]) ** 2

        def lost(asked: Floats) -> tuple[float, Floats]:
            lengths, size, noise = np.exp(asked[:guesses]), math.exp(asked[-2]), math.exp(asked[-1])
            scaled = squares / lengths**2
            apart = np.sqrt(scaled.sum(axis=2))
            fall = np.exp(-_ROOT5 * apart)
            kernel = size * (1 + _ROOT5 * apart + 5 / 3 * apart**2) * fall
            matrix = kernel + (noise + _JITTER) * np.eye(count)
            try:
                root = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                return 1e10, np.zeros_like(asked)
            inverse = np.linalg.inv(matrix)
            weights = inverse @ rest
            value = 0.5 * float(rest @ weights) + float(np.log(np.diag(root)).sum())
            inner = 0.5 * (inverse - np.outer(weights, weights))
            steep = 5 / 3 * size * (1 + _ROOT5 * apart) * fall
            slopes = np.concatenate(
                [
                    np.einsum("ij,ijk->k", inner * steep, scaled),
                    [float((inner * kernel).sum()), noise * float(np.trace(inner))],
                ]
            )
            off = (asked[:guesses] - _USUAL_LENGTH) / _SPREAD_OF_LENGTHS
            value += 0.5 * float(off @ off)
            slopes[:guesses] += off / _SPREAD_OF_LENGTHS
            return value, slopes

        bounds = [*[_LENGTHS] * guesses, (math.log(0.05), math.log(100.0)), _NOISE]
        first = np.array([*[_USUAL_LENGTH] * guesses, 0.0, math.log(1e-2)])
        found: Any = minimize(lost, first, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 60})
        self._lengths, self._size = np.exp(found.x[:guesses]), math.exp(found.x[-2])
        own = (math.exp(found.x[-1]) + _JITTER) * np.eye(count)
        self._root = np.linalg.cholesky(self._kernel(self._points) + own)
        self._weights = np.linalg.solve(self._root.T, np.linalg.solve(self._root, rest))
