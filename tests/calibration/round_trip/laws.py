"""Laws of times, with what of them is true, and what measured times could tell of them at best."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

MIXTURE_VALUES = 4000


@dataclass(frozen=True)
class Law:
    """Times of one kind: mean in seconds, coefficient of variation, and how a plant file writes them; ``values`` are those of a mixture,
    which a plant file draws from a table.
    """

    kind: str
    mean: float
    cv: float
    text: str
    values: tuple[float, ...] = ()

    def best(self, times: Any, pieces: Any | None = None) -> tuple[float, float]:
        """Standard errors of the logarithms of mean and coefficient of variation, of maximum likelihood where the kind is known.

        Of lognormal and gamma by Fisher's information (Johnson, Kotz and Balakrishnan 1994, chapters 14 and 17); of the others, and of sums
        of lognormal times, those of the moments (Cramer 1946, section 27.7), which lose little there.
        """
        x = np.asarray(times)
        n = x.size
        if self.cv == 0:
            return 0.0, 0.0
        if pieces is not None:
            q = np.asarray(pieces, float)
            if self.kind == "gamma":
                k = 1 / self.cv**2
                information = float((q**2 * special.polygamma(1, q * k)).sum() - q.sum() / k)
                return self.cv / math.sqrt(q.sum()), 0.5 / (k * math.sqrt(information))
            # How far lots are from what is expected of them tells the spread; so many normal ones know it as well as that.
            return self.cv / math.sqrt(q.sum()), 1 / math.sqrt(2 * n)
        if self.kind == "lognormal":
            s2 = math.log1p(self.cv**2)
            slope = math.exp(s2) / (2 * math.expm1(s2))
            return math.sqrt(s2 / n + s2**2 / (2 * n)), slope * s2 * math.sqrt(2 / n)
        if self.kind in ("gamma", "exponential"):
            k = 1 / self.cv**2
            return self.cv / math.sqrt(n), 0.5 / (k * math.sqrt(n * (float(special.polygamma(1, k)) - 1 / k)))
        return self.cv / math.sqrt(n), _error_of_cv(x)


def _error_of_cv(x: Any) -> float:
    """The standard error of the logarithm of a sample's coefficient of variation; not a number where it is too small for that."""
    if x.size < 8:
        return math.nan
    mean, sd = float(x.mean()), float(x.std())
    return float((((x - mean) ** 2 / sd**2 - 1) / 2 - (x - mean) / mean).std()) / math.sqrt(x.size)


def draw_law(random: Any, mean: float, kinds: tuple[str, ...], column: str = "", most: float = 2.0) -> Law:
    """A law of about that mean, of one of the kinds; a mixture's table column is called `column`, and no lognormal has a larger cv than `most`."""
    kind = str(random.choice(kinds))
    match kind:
        case "constant":
            seconds = float(round(mean))
            return Law(kind, seconds, 0.0, f"{seconds:.0f} s")
        case "lognormal":
            cv = min(most, float(random.choice([0.2, 0.5, 1.0, 1.5, 2.0])))
            return Law(kind, mean, cv, f"lognormal {mean:.4f} s cv {cv}")
        case "gamma":
            cv = float(random.choice([0.2, 0.5, 0.8]))
            return Law(kind, mean, cv, f"gamma {mean:.4f} s cv {cv}")
        case "triangular":
            low, high = mean * random.uniform(0.3, 0.7), mean * random.uniform(1.4, 2.0)
            mode = random.uniform(low, high)
            true = (low + mode + high) / 3
            variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18
            text = f"triangular {low:.4f}..{mode:.4f}..{high:.4f} s"
            return Law(kind, true, math.sqrt(variance) / true, text)
        case _:
            share, ratio = random.uniform(0.3, 0.7), random.uniform(3.0, 6.0)
            short = mean / (share + (1 - share) * ratio)
            wanted = (np.arange(MIXTURE_VALUES) + 0.5) / MIXTURE_VALUES
            cut = wanted < share
            parts = [
                _lognormal(wanted[cut] / share, short, 0.2),
                _lognormal((wanted[~cut] - share) / (1 - share), short * ratio, 0.25),
            ]
            values = np.round(np.concatenate(parts), 3)
            return Law("mixture", float(values.mean()), float(values.std() / values.mean()), f"empirical times.csv:{column}", tuple(values.tolist()))  # fmt: skip


def _lognormal(shares: Any, mean: float, cv: float) -> Any:
    s2 = math.log1p(cv**2)
    return np.exp(math.log(mean) - s2 / 2 + math.sqrt(s2) * special.ndtri(shares))
