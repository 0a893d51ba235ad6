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
_ITERATIONS, _MORE_ITERATIONS = 40, 8


class Emulator:
    """What a total is at any coordinates of the guesses, learnt from some.

    Parameters
    ----------
    points : array of shape (tried, guesses)
        Coordinates from 0 to 1.
    values : array of shape (tried,)
    first : array, optional
        The logarithms of lengths, size and noise (``asked``) that fewer plants taught, to go on from.
    """

    def __init__(self, points: Floats, values: Floats, first: Floats | None = None) -> None:
        self._points = points
        plane = np.column_stack([np.ones(len(points)), points - 0.5])
        penalty = _RIDGE * len(points) * np.eye(plane.shape[1])
        penalty[0, 0] = 0.0
        self._plane = np.linalg.solve(plane.T @ plane + penalty, plane.T @ values)
        rest = values - plane @ self._plane
        self.asked = first
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

    def slopes(self, at: Floats) -> Floats:
        """By how much it changes with each guess, at each of some coordinates."""
        flat: Floats = np.tile(self._plane[1:], (len(at), 1))
        if not self._scale:
            return flat
        apart = self._apart(at)
        steep = -5 / 3 * self._size * (1 + _ROOT5 * apart) * np.exp(-_ROOT5 * apart) * self._weights
        # The sum over plants of how steep each is times how far it is away, without an array of places by plants by guesses.
        away = at * steep.sum(axis=1)[:, None] - steep @ self._points
        made: Floats = flat + self._scale * away / self._lengths**2
        return made

    def variance(self, at: Floats) -> Floats:
        """The variance of what is not known of it at each of some coordinates."""
        if not self._scale:
            return np.zeros(len(at))
        from scipy.linalg import solve_triangular

        seen = solve_triangular(self._root, self._kernel(at).T, lower=True)
        made: Floats = self._scale**2 * np.maximum(self._size - (seen**2).sum(axis=0), 0.0)
        return made

    def _kernel(self, at: Floats) -> Floats:
        apart = self._apart(at)
        made: Floats = self._size * (1 + _ROOT5 * apart + 5 / 3 * apart**2) * np.exp(-_ROOT5 * apart)
        return made

    def _apart(self, at: Floats) -> Floats:
        """How far each of some coordinates is from each plant that was tried, in lengths."""
        ours, theirs = at / self._lengths, self._points / self._lengths
        squares = (ours**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1)[None, :] - 2 * ours @ theirs.T
        made: Floats = np.sqrt(np.maximum(squares, 0.0))
        return made

    def _learn(self, rest: Floats) -> None:
        from scipy.optimize import minimize

        count, guesses = self._points.shape
        squares = ((self._points[:, None, :] - self._points[None, :, :]) ** 2).reshape(count * count, guesses)

        def lost(asked: Floats) -> tuple[float, Floats]:
            lengths, size, noise = np.exp(asked[:guesses]), math.exp(asked[-2]), math.exp(asked[-1])
            apart = np.sqrt(squares @ lengths**-2.0).reshape(count, count)
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
                    ((inner * steep).ravel() @ squares) / lengths**2,
                    [float((inner * kernel).sum()), noise * float(np.trace(inner))],
                ]
            )
            off = (asked[:guesses] - _USUAL_LENGTH) / _SPREAD_OF_LENGTHS
            value += 0.5 * float(off @ off)
            slopes[:guesses] += off / _SPREAD_OF_LENGTHS
            return value, slopes

        bounds = [*[_LENGTHS] * guesses, (math.log(0.05), math.log(100.0)), _NOISE]
        first = np.array([*[_USUAL_LENGTH] * guesses, 0.0, math.log(1e-2)]) if self.asked is None else self.asked
        most = _ITERATIONS if self.asked is None else _MORE_ITERATIONS
        found: Any = minimize(lost, first, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": most})
        self.asked = found.x
        self._lengths, self._size = np.exp(found.x[:guesses]), math.exp(found.x[-2])
        own = (math.exp(found.x[-1]) + _JITTER) * np.eye(count)
        self._root = np.linalg.cholesky(self._kernel(self._points) + own)
        self._weights = np.linalg.solve(self._root.T, np.linalg.solve(self._root, rest))
