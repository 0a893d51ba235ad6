"""What a move brings, costs, needs and asks of people, in the sentences of a plant manager."""

from __future__ import annotations

from plantwright.improvement.study import OnPeople, RankedMove, Study
from plantwright.improvement.words import is_plural
from plantwright.plant.plant import Plant
from plantwright.report import advice, words
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Estimate, Run

MONTH = YEAR / 12


def is_sketch(run: Run) -> bool:
    """Whether a run's money is a sketch's."""
    return run.trust == "sketch"


def span(estimate: Estimate, size: float = 1.0) -> tuple[str, str, str]:
    """The sizes of a mean and of the ends of its interval, the nearer to zero first, with as many figures as the interval knows."""
    places = words.decimals(estimate.half_width / size)
    mean = abs(estimate.mean) / size
    if estimate.half_width <= 1e-9 * max(1.0, abs(estimate.mean)):
        shown = words.figures(mean)
        return shown, shown, shown
    sign = -1.0 if estimate.mean < 0 else 1.0
    low, high = sorted((sign * estimate.low / size, sign * estimate.high / size))
    return words.plain(mean, places), words.plain(low, places), words.plain(high, places)


def gain_said(estimate: Estimate) -> str:
    """An effect in words: ``12 more cells a day, 9 to 15``, ``cycle time 0.6 days shorter, 0.5 to 0.7``."""
    if estimate.unit == "s":
        size, unit = words.time_unit(max(abs(estimate.mean), abs(estimate.half_width)))
        mean, low, high = span(estimate, size)
        said = f"{mean} {unit} {'shorter' if estimate.mean < 0 else 'longer'}"
        said = f"cycle time {said}" if estimate.name == "cycle time" else said
    elif estimate.unit == "share":
        mean, low, high = span(estimate, 0.01)
        said = f"{mean} points {'less' if estimate.mean < 0 else 'more'}"
    elif estimate.unit.endswith("/y") or "/" not in estimate.unit:
        return money_said(estimate)
    else:
        what, _, per = estimate.unit.partition("/")
        mean, low, high = span(estimate)
        said = f"{mean} {'fewer' if estimate.mean < 0 else 'more'} {words.several(what)} a {per.replace('working day', 'day')}"
    if mean == "0":
        return "no change that can be seen"
    return said if low == high else f"{said}, {low} to {high}"


def money_said(estimate: Estimate) -> str:
    """An amount with its interval: ``272 kUSD a year, 230 to 314``; a loss is said to be one."""
    currency, _, per = estimate.unit.partition("/")
    divisor, prefix = words.money_scale(estimate.mean, estimate.low, estimate.high)
    mean, low, high = (words.figures(value / divisor) for value in (estimate.mean, estimate.low, estimate.high))
    said = f"{mean} {prefix}{currency}" + (" a year" if per else "")
    return said if low == high else f"{said}, {low} to {high}"


def sketched(said: str, sketch: bool) -> str:
    """Money of a sketch has that word beside it wherever it is shown."""
    return f"{said} (sketch)" if said and sketch else said


def money_gain(item: RankedMove) -> Estimate | None:
    """What a move changes in the contribution of a year; None where there are no prices."""
    return item.released.get("contribution")


def payback_said(item: RankedMove) -> str:
    """``pays back in 7 months``; empty where nobody knows what it costs or earns."""
    if item.payback is not None:
        if item.payback == float("inf"):
            return "never pays back"
        months = item.payback / MONTH
        if months < 1:
            return "pays back in weeks"
        return f"pays back in {months:.0f} months" if months < 36 else f"pays back in {months / 12:.1f} years"
    gain = money_gain(item)
    if not item.move.capital or gain is None:
        return ""
    return words.payback(item.move.capital, gain.mean)


def cost_said(item: RankedMove, currency: str, sketch: bool = False) -> str:
    """What a move costs: once, a year, or that nobody gave a price; what is a family's own figure is said to be assumed."""
    parts = []
    if item.move.capital:
        assumed = ", assumed" if "capital" in item.move.assumed else ""
        parts.append(f"{words.amount(item.move.capital, currency)} once{assumed}")
    yearly = item.cost_per_year
    if yearly:
        verb = " saved" if yearly < 0 else ""
        parts.append(f"{words.amount(abs(yearly), currency)} a year{verb}")
    if parts:
        return sketched(" and ".join(parts), sketch)
    return "nobody gave its price" if item.spends and item.move.capital is None else "nothing"


def move_said(study: Study, item: RankedMove) -> str:
    """What a move brings and when it has paid for itself: ``12 more cells a day, 9 to 15; pays back in 7 months``."""
    effect = advice.shown_effect(study, item)
    sketch = is_sketch(study.baseline)
    said = [] if effect is None else [gain_said(effect)]
    if effect is None or said == ["no change that can be seen"] or effect.low <= 0 <= effect.high:
        time = item.released.get("cycle time")
        if item.verdict == "do now" and time is not None and time.high < 0:
            said = [gain_said(time)]
    if payback := payback_said(item):
        said.append(sketched(payback, sketch))
    return "; ".join(said) or "its effect is not known"


def verdict_said(study: Study) -> str:
    """The whole answer in a breath: what to do, what to spend on, what not to buy."""
    now, spend = advice.best_of(study, "do now", 1), advice.best_of(study, "if you spend", 1)
    spare = advice.spared(study, 1)
    parts = [f"Do now: {item.move.title} \u2013 {move_said(study, item)}." for item in now]
    parts += [f"Spend on: {item.move.title} \u2013 {move_said(study, item)}." for item in spend]
    parts += [f"Do not buy: {item.move.title} \u2013 {advice.why_not(study, item)}." for item in spare]
    if not now and not spend:
        parts.insert(0, "None of the moves that were tried is better than what you do now.")
    return " ".join(parts)


def sure_said(item: RankedMove) -> list[str]:
    """How sure a move is: that it helps at all, that it is the best of all, what choosing it loses in the mean."""
    said = [f"{words.sureness(item.sure)} sure to be for the better"]
    if item.best is not None:
        said.append(f"{words.sureness(item.best)} chance to be the best of all")
    return said


def shares_said(item: RankedMove) -> str:
    """Where the uncertainty of a move comes from: ``luck of the runs 40 %, belief in its effect 60 %``."""
    names = {
        "luck": "luck of the runs",
        "records": "what the records know",
        "belief": "belief in its effect",
        "demand": "demand",
    }
    told = [f"{names.get(name, name)} {100 * share:.0f} %" for name, share in item.shares.items() if share >= 0.005]
    return ", ".join(told)


def needs_said(item: RankedMove) -> list[str]:
    """What a move needs before it brings anything: time, training, other moves."""
    move = item.move
    said = []
    if move.lead_time:
        said.append(f"{words.long(move.lead_time)} until it works{_assumed(item, 'lead time')}")
    if move.ramp_up:
        said.append(f"{words.long(move.ramp_up)} more until it brings all{_assumed(item, 'ramp-up')}")
    if move.training:
        said.append(f"{words.figures(move.training / 3600)} h of training away from work{_assumed(item, 'training')}")
    if move.needs:
        said.append(f"only with {', '.join(move.needs)}")
    if move.excludes:
        said.append(f"not with {', '.join(move.excludes)}")
    return said


def _assumed(item: RankedMove, what: str) -> str:
    named = {name.replace("_", " ").replace("-", " ") for name in item.move.assumed}
    return " (assumed)" if what.replace("-", " ") in named else ""


def people_said(people: OnPeople | None) -> list[str]:
    """What a move changes for people; empty where nothing changes, or nothing is known."""
    if people is None:
        return []
    said = []
    for pair, name, unit in (
        (people.headcount, "people", ""),
        (people.overtime, "overtime of one person, at most", " h a week"),
        (people.nights, "hours at night, all people", " h a week"),
    ):
        if abs(pair[1] - pair[0]) > 1e-6:
            said.append(f"{name}: {words.figures(pair[0])} -> {words.figures(pair[1])}{unit}")
    if people.peak is not None and abs(people.peak[1] - people.peak[0]) >= 0.005:
        said.append(f"busiest crew at work: {100 * people.peak[0]:.0f} -> {100 * people.peak[1]:.0f} % of its time")
    fewer = [skill for skill in people.alone[0] if skill not in people.alone[1]]
    more = [skill for skill in people.alone[1] if skill not in people.alone[0]]
    if fewer:
        said.append(f"no longer on one person alone: {_listed(fewer)}")
    if more:
        said.append(f"on one person alone: {_listed(more)}")
    return said


def people_in_short(people: OnPeople | None) -> list[str]:
    """What of it a manager decides on: people, overtime, nights, and what hangs on one person."""
    return [line for line in people_said(people) if not line.startswith(("busiest", "no longer"))]


def _listed(names: list[str], most: int = 4) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def as_sentence(text: str) -> str:
    """A text with a capital at its begin and a point at its end."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def binds(subject: str) -> str:
    """``the mixer binds``, as far as English spelling tells."""
    return f"{subject} {'bind' if is_plural(subject) else 'binds'}"


def currency_of(plant: Plant) -> str:
    """The plant's currency, or nothing."""
    return plant.currency or ""
