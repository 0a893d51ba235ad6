"""What is asked of the agent: a request's address, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit


class Refused(Exception):  # noqa: N818  (it becomes the agent's answer)
    """A request that cannot be answered: its error code, why, and the status of HTTP."""

    def __init__(self, code: str, text: str, status: int) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


@dataclass(frozen=True)
class Request:
    """A request.

    Parameters
    ----------
    verb : str
        ``probe``, ``current``, ``sample`` or ``assets``.
    device : str, optional
    assets : tuple of str
        Ids of assets.
    """

    verb: str
    device: str | None = None
    assets: tuple[str, ...] = ()
    path: str | None = None
    at: int | None = None
    start: int | None = None
    end: int | None = None
    count: int = 100
    interval: float | None = None
    heartbeat: float = 10.0
    removed: bool = False
    type: str | None = None


VERBS = {"probe": "probe", "current": "current", "sample": "sample", "asset": "assets", "assets": "assets"}


def read_request(address: str, buffer_size: int) -> Request:
    """The request of an address. Raises Refused."""
    split = urlsplit(address)
    parts = [unquote(part) for part in split.path.split("/") if part]
    given = dict(parse_qsl(split.query, keep_blank_values=True, max_num_fields=50))
    if not parts:
        return Request("probe")
    if parts[0] in VERBS and VERBS[parts[0]] == "assets" and len(parts) <= 2:
        ids = tuple(one for one in parts[1].split(";") if one) if len(parts) == 2 else ()
        return Request(
            "assets",
            given.get("device"),
            ids,
            count=_count(given, buffer_size),
            removed=_yes(given),
            type=given.get("type"),
        )
    if len(parts) > 2 or (len(parts) == 2 and parts[1] not in VERBS):
        raise Refused(
            "INVALID_URI", f"{split.path} is no address of an agent; there are: /probe, /current, /sample, /assets", 404
        )
    device = None if parts[0] in VERBS and len(parts) == 1 else parts[0]
    verb = VERBS[parts[-1]] if parts[-1] in VERBS and (device is None or len(parts) == 2) else "probe"
    interval = _number(given, "interval", 0, 2**31)
    at = _number(given, "at", 1, 2**63)
    if at is not None and interval is not None:
        raise Refused("INVALID_REQUEST", "'at' and 'interval' do not go together", 400)
    heartbeat = _number(given, "heartbeat", 1, 600_000)
    return Request(
        verb,
        device,
        path=given.get("path"),
        at=at,
        start=_number(given, "from", 0, 2**63),
        end=_number(given, "to", 1, 2**63),
        count=_count(given, buffer_size),
        interval=None if interval is None else interval / 1000,
        heartbeat=10.0 if heartbeat is None else heartbeat / 1000,
        removed=_yes(given),
        type=given.get("type"),
    )


def _count(given: dict[str, str], buffer_size: int) -> int:
    count = _number(given, "count", -buffer_size, buffer_size)
    if count == 0:
        raise Refused("OUT_OF_RANGE", "'count' must not be 0", 400)
    return 100 if count is None else count


def _number(given: dict[str, str], name: str, least: int, most: int) -> int | None:
    """A whole number among the parameters, None where it is not given."""
    text = given.get(name)
    if text is None:
        return None
    try:
        number = int(text) if len(text) < 25 else None
    except ValueError:
        number = None
    if number is None:
        raise Refused("INVALID_REQUEST", f"{name!r} must be a whole number, and is {text[:40]!r}", 400)
    if not least <= number <= most:
        raise Refused("OUT_OF_RANGE", f"{name!r} must be between {least} and {most}", 400)
    return number


def _yes(given: dict[str, str]) -> bool:
    return given.get("removed", "").lower() == "true"
