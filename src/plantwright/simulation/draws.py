"""Random draws as a function of what they are for (`streams`), and how functions of the engine are compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit, types

from plantwright.simulation.linking import PART, told_apart
from plantwright.simulation.streams import (
    CONSTANT,
    EMPIRICAL,
    ERLANG,
    EXPONENTIAL,
    FIRST,
    GAMMA,
    GOLDEN,
    LOGNORMAL,
    NORMAL,
    PART_FACTOR,
    PERT,
    SECOND,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
    drawn_plain,
    stream_plain,
    uniform_plain,
)
from plantwright.simulation.world import PLAIN


def inlined(function: Any) -> Any:
    """Compile a function of the engine into each that calls it: what every job goes through, and few places call."""
    return compiled(function, True)


def seldom(function: Any) -> Any:
    """Compile a function that few events come to: it lies apart from what most do, and so does the code that calls it."""
    told_apart(function)
    return compiled(function)


def compiled(function: Any, inline: bool = False) -> Any:
    """Compile a function of the engine; as plain Python it stays what it is.

    A literal argument is taken as what it is a case of (5 as an integer): numba would compile a version of its own for
    every literal, which doubles the compile time.
    """
    options = {"nogil": True, "error_model": "numpy", "_nrt": False, "pipeline_class": PART, "forceinline": inline}
    dispatcher = njit(**options)(function)
    if not PLAIN:
        template = dispatcher.get_call_template

        def without_literals(args: Any, kws: Any) -> Any:
            return template(tuple(map(types.unliteral, args)), kws)

        dispatcher.get_call_template = without_literals
    return dispatcher


if PLAIN:
    uniform, stream_of, drawn = uniform_plain, stream_plain, drawn_plain
else:
    _G, _A, _B, _P = (np.uint64(constant) for constant in (GOLDEN, FIRST, SECOND, PART_FACTOR))
    _S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)

    @compiled
    def _mix(value: Any) -> Any:
        value = (value ^ (value >> _S30)) * _A
        value = (value ^ (value >> _S27)) * _B
        return value ^ (value >> _S31)

    @compiled
    def stream_of(key: Any, purpose: Any, entity: Any) -> Any:
        """What all draws of an entity for one purpose have in common."""
        return np.int64(_mix(np.uint64(key) + np.uint64(purpose) * _A + np.uint64(entity) * _G))

    @compiled
    def drawn(stream: Any, count: Any, part: Any) -> Any:
        """A number in the open interval (0, 1) of a stream, the same for the same arguments."""
        value = _mix(np.uint64(stream) + np.uint64(count) * _G + np.uint64(part) * _P)
        return (np.float64(value >> _S11) + 0.5) * (1.0 / 9007199254740992.0)

    @compiled
    def uniform(key: Any, purpose: Any, entity: Any, count: Any, part: Any) -> Any:
        """A number in the open interval (0, 1), the same for the same arguments."""
        return drawn(stream_of(key, purpose, entity), count, part)


@compiled
def normal_quantile(p: Any) -> Any:
    """The standard normal quantile at `p`, to 1e-16 relative (Wichura 1988, algorithm AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = 2.5090809287301226727e3
        for c in (3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4, 1.3731693765509461125e4,
                  1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0):  # fmt: skip
            top = top * r + c
        low = 5.2264952788528545610e3
        for c in (2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4, 5.3941960214247511077e3,
                  6.8718700749205790830e2, 4.2313330701600911252e1, 1.0):  # fmt: skip
            low = low * r + c
        return q * top / low
    r = p if q < 0 else 1.0 - p
    r = math.sqrt(-math.log(r))
    if r <= 5.0:
        r -= 1.6
        top = 7.74545014278341407640e-4
        for c in (2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
                  3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0,
                  1.42343711074968357734e0):  # fmt: skip
            top = top * r + c
        low = 1.05075007164441684324e-9
        for c in (5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
                  6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0):  # fmt: skip
            low = low * r + c
    else:
        r -= 5.0
        top = 2.01033439929228813265e-7
        for c in (2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
                  2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0,
                  6.65790464350110377720e0):  # fmt: skip
            top = top * r + c
        low = 2.04426310338993978564e-15
        for c in (1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
                  1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0):  # fmt: skip
            low = low * r + c
    return -top / low if q < 0 else top / low


@compiled
def gamma_unit(stream: Any, count: Any, part: Any, shape: Any) -> Any:
    """A gamma draw of the given shape and scale 1 (Marsaglia and Tsang 2000) on a keyed stream."""
    boost = 1.0
    if shape < 1.0:
        boost = drawn(stream, count, part) ** (1.0 / shape)
        shape = shape + 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal_quantile(drawn(stream, count, part + 1))
        u = drawn(stream, count, part + 2)
        part += 2
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            if math.log(u) < 0.5 * x * x + d - d * v + d * math.log(v):
                return boost * d * v


@compiled
def draw(w: Any, which: Any, purpose: Any, entity: Any, count: Any, part: Any) -> Any:
    """A draw of distribution `which`. A draw may use the parts from `part` on, to `part` + 2^20."""
    if w.distribution.kind[which] == CONSTANT:
        return w.distribution.a[which]
    return draw_from(w, which, stream_of(w.run.key[0], purpose, entity), count, part)


@inlined
def draw_from(w: Any, which: Any, stream: Any, count: Any, part: Any) -> Any:
    """The same, of a stream that is known."""
    kind = w.distribution.kind[which]
    if kind == CONSTANT:
        return w.distribution.a[which]
    if kind == EXPONENTIAL:
        return -w.distribution.a[which] * math.log(drawn(stream, count, part))
    return _draw_of_kind(w, which, stream, count, part)


@compiled
def _draw_of_kind(w: Any, which: Any, stream: Any, count: Any, part: Any) -> Any:
    """A draw that is neither a constant nor exponential."""
    kind = w.distribution.kind[which]
    a, b = w.distribution.a[which], w.distribution.b[which]
    u = drawn(stream, count, part)
    if kind == LOGNORMAL:  # a: mean of the logarithm, b: its standard deviation
        return math.exp(a + b * normal_quantile(u))
    if kind == NORMAL:
        return max(0.0, a + b * normal_quantile(u))
    if kind == UNIFORM:
        return a + (b - a) * u
    if kind == WEIBULL:
        return b * (-math.log(u)) ** (1.0 / a)
    if kind == EMPIRICAL:
        n = w.distribution.values[which]
        return w.sample[w.distribution.first[which] + min(n - 1, int(u * n))]
    if kind in (GAMMA, ERLANG):  # a: shape, b: scale
        return b * gamma_unit(stream, count, part, a)
    c = w.distribution.c[which]
    if kind == TRIANGULAR:
        cut = (b - a) / (c - a) if c > a else 1.0
        if u < cut:
            return a + math.sqrt(u * (c - a) * (b - a))
        return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    if kind == PERT:
        if c <= a:
            return a
        first = gamma_unit(stream, count, part, 1.0 + 4.0 * (b - a) / (c - a))
        second = gamma_unit(stream, count, part + 524288, 1.0 + 4.0 * (c - b) / (c - a))
        return a + (c - a) * first / (first + second)
    # Geometric: a whole number of b, from 1 on, with mean a.
    if a <= b:
        return b
    return b * (1.0 + math.floor(math.log(u) / math.log1p(-b / a)))


@compiled
def bad_pieces(w: Any, pieces: Any, good: Any, purpose: Any, entity: Any, count: Any, part: Any) -> Any:
    """How many of a whole number of pieces are bad, each on its own with probability 1 - `good`: a binomial draw, of parts from `part`
    on.

    It jumps from one bad piece to the next, so that a small change of the yield changes few pieces and the cost grows with
    the number of bad ones.
    """
    if good <= 0.0:
        return pieces
    if good >= 1.0:
        return 0.0
    stream = stream_of(w.run.key[0], purpose, entity)
    u = drawn(stream, count, part)
    rare = good if good < 0.5 else 1.0 - good
    if good >= 0.5 and u < 1.0 - rare * pieces - 1e-9:
        # None is bad with at least this probability: mostly no logarithm is needed to see it.
        return 0.0
    step = math.log1p(-rare)
    position = 0.0
    found = 0.0
    while True:
        position += 1.0 + math.floor(math.log(u) / step)
        if position > pieces:
            break
        found += 1.0
        part += 1
        u = drawn(stream, count, part)
    return pieces - found if good < 0.5 else found
