"""The host side: what edge nodes say becomes readings; what is lost is told, kept as a gap, and asked for by a rebirth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from plantwright.shopfloor.connectors import Inlet, SourceQuarantined
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType, Message, decode, encode, metric, value_of
from plantwright.shopfloor.connectors.sparkplug.readings import Known, Rows, quality_of, read_value, tag_of
from plantwright.shopfloor.connectors.sparkplug.topics import BD_SEQ, REBIRTH, Topic
from plantwright.shopfloor.connectors.sparkplug.wire import WireError
from plantwright.shopfloor.readings import NANOSECONDS, Quality

MOST_HELD = 500
"""Messages of a node that are held back while one before them is missing."""
QUARANTINE = 600 * NANOSECONDS
LONGEST_ASKING = 300 * NANOSECONDS
BEAT = 10 * NANOSECONDS
"""So often is kept that the broker answers."""
BIRTH_TAKES = 30 * NANOSECONDS
"""So long may a node take to give birth after it was asked, and its devices after it."""


@dataclass(frozen=True)
class HostWords:
    """What a host reads and how patient it is.

    Parameters
    ----------
    groups, nodes : sequence of str
        Patterns; ``*`` stands for anything.
    machine : str
        How a device becomes a machine's name; ``{group}``, ``{node}`` and ``{device}``.
    types : mapping of str to str
        What metrics mean, by name.
    events : sequence of str
        Metrics that hold words though they are numbers.
    reorder : float
        Seconds that a missing message may come late.
    rebirth_every : float
        Seconds between two requests to one node; twice as long each time it does not answer.
    """

    groups: tuple[str, ...] = ("*",)
    nodes: tuple[str, ...] = ("*",)
    machine: str = "{node}/{device}"
    types: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    reorder: float = 2.0
    rebirth_every: float = 10.0

    def machine_of(self, topic: Topic) -> str:
        """The machine of a device, or of the node itself."""
        name = self.machine.format(group=topic.group, node=topic.node, device=topic.device).strip("/")
        return name or topic.node

    def wants(self, topic: Topic) -> bool:
        """Whether a node is read."""
        return any(fnmatchcase(topic.group, p) for p in self.groups) and any(
            fnmatchcase(topic.node, p) for p in self.nodes
        )


@dataclass(slots=True)
class _Unit:
    """A node's own metrics, or a device's."""

    machine: str
    by_name: dict[str, Known] = field(default_factory=dict)
    is_alive: bool = False


@dataclass(slots=True)
class _Node:
    """What is known of an edge node."""

    group: str
    node: str
    is_born: bool = False
    bd_seq: int | None = None
    seq: int = -1
    units: dict[str, _Unit] = field(default_factory=dict)
    by_alias: dict[int, tuple[str, Known]] = field(default_factory=dict)
    held: dict[int, tuple[Topic, Message, int]] = field(default_factory=dict)
    held_since: int = 0
    heard: int = 0
    lost_since: int | None = None
    asked: int = 0
    asked_at: int = 0
    due: int | None = None
    until: int = 0

    @property
    def name(self) -> str:
        return f"{self.group}/{self.node}"


class Host:
    """Reads edge nodes. It knows no network: messages come by `hear`, time by `tick`, requests go by `ask`.

    Parameters
    ----------
    source : str
    words : HostWords
    ask : callable
        ``ask(topic, payload)`` publishes a command.
    """

    def __init__(self, source: str, words: HostWords, ask: Callable[[str, bytes], None]) -> None:
        self._source, self._words = source, words
        self.ask = ask
        self._nodes: dict[str, _Node] = {}
        self._machines: dict[str, tuple[str, str]] = {}
        self._put = 0

    def begin(self, inlet: Inlet, now: int) -> None:
        """A session begins: who was known is asked to be born again, as nobody knows what was missed."""
        known = (inlet.resume or {}).get("nodes", ())
        for name in known:
            group, _, node = str(name).partition("/")
            topic = Topic(group, "NBIRTH", node)
            if node and self._words.wants(topic):
                self._nodes.setdefault(topic.descriptor, _Node(group, node))
        for one in self._nodes.values():
            one.is_born, one.held, one.asked, one.due = False, {}, 0, now + BIRTH_TAKES
            one.lost_since = now
            self._request(inlet, one, now)

    def hear(self, inlet: Inlet, topic: Topic, payload: bytes, now: int) -> None:
        """Take a message."""
        if not self._words.wants(topic) or topic.verb in ("NCMD", "DCMD"):
            return
        node = self._nodes.setdefault(topic.descriptor, _Node(topic.group, topic.node))
        if now < node.until:
            return
        try:
            try:
                said = decode(payload)
            except WireError as error:
                inlet.reject(-1, str(topic), f"no payload of Sparkplug B: {str(error).removesuffix(' [PW5060]')}")
                return
            self._take(inlet, node, topic, said, now)
        except SourceQuarantined as error:
            node.until, node.is_born, node.held, node.lost_since = now + QUARANTINE, False, {}, None
            inlet.note("PW5002", f"{node.name} is quarantined for {QUARANTINE // NANOSECONDS // 60} min: {error}")
            self._stale(inlet, node.units.values(), now)

    def tick(self, inlet: Inlet, now: int) -> None:
        """Look at what should have come by now. The broker answers, though nothing may change."""
        inlet.alive()
        if now - self._put > BEAT:
            self._put = now
            inlet.offer(position=self._position())
        for node in self._nodes.values():
            if node.held and now - node.held_since > self._words.reorder * NANOSECONDS:
                self._give_up(inlet, node, now)
            if node.due is not None and now > node.due:
                node.due = None
                self._missed(inlet, node, now)
            elif not node.is_born and node.asked and now >= node.until:
                self._request(inlet, node, now)

    def _take(self, inlet: Inlet, node: _Node, topic: Topic, said: Message, now: int) -> None:
        if topic.verb == "NDEATH":
            self._node_dies(inlet, node, said, now)
            return
        if said.get("timestamp"):
            inlet.clock(said["timestamp"] * 1_000_000, node.name)
        if topic.verb == "NBIRTH":
            self._node_is_born(inlet, node, topic, said, now)
            return
        if not node.is_born:
            if node.lost_since is None:
                node.lost_since = now
            self._request(inlet, node, now)
            return
        seq = said.get("seq", -1)
        if seq == (node.seq + 1) % 256:
            self._apply(inlet, node, topic, said, now)
            while (node.seq + 1) % 256 in node.held:
                self._apply(inlet, node, *node.held.pop((node.seq + 1) % 256))
            return
        if not node.held:
            node.held_since = now
        node.held[seq] = (topic, said, now)
        if len(node.held) > MOST_HELD or not self._words.reorder or seq == -1:
            self._give_up(inlet, node, now)

    def _give_up(self, inlet: Inlet, node: _Node, now: int) -> None:
        """A message did not come: what came after it is read, and a rebirth asked for."""
        inlet.note(
            "PW5061",
            f"{node.name}: a message between seq {node.seq} and {min(node.held, key=lambda s: (s - node.seq) % 256)} was lost; a rebirth is asked for",
        )
        if node.lost_since is None:
            node.lost_since = node.heard or now
        held, node.held = node.held, {}
        for seq in sorted(held, key=lambda s: (s - node.seq - 1) % 256):
            self._apply(inlet, node, *held[seq])
        self._request(inlet, node, now)

    def _apply(self, inlet: Inlet, node: _Node, topic: Topic, said: Message, now: int) -> None:
        """A message in its turn."""
        node.seq, node.heard = said.get("seq", node.seq), now
        unit = node.units.get(topic.device)
        if topic.verb == "DBIRTH":
            unit = self._unit(inlet, node, topic)
            if unit is not None:
                self._is_born(inlet, node, topic, unit, said, now)
        elif topic.verb == "DDEATH":
            if unit is not None:
                at = said.get("timestamp", 0) * 1_000_000 or now
                self._stale(inlet, [unit], at)
        elif unit is None or not unit.is_alive:
            self._lose(inlet, node, now, f"{topic.device or 'the node'} sent data before its birth")
        else:
            self._read(inlet, node, topic, unit, said, now)

    def _node_is_born(self, inlet: Inlet, node: _Node, topic: Topic, said: Message, now: int) -> None:
        metrics = said.get("metrics", ())
        node.bd_seq = next((_number(one) for one in metrics if one.get("name") == BD_SEQ), None)
        if node.lost_since is not None:
            inlet.gap(node.lost_since, now, f"messages of {node.name} were lost")
        node.lost_since, node.asked, node.held = None, 0, {}
        node.is_born, node.seq, node.heard = True, said.get("seq", 0), now
        node.by_alias, node.due = {}, now + BIRTH_TAKES
        for device, known in node.units.items():
            if device:
                known.is_alive = False
        unit = self._unit(inlet, node, topic)
        if unit is not None:
            self._is_born(inlet, node, topic, unit, said, now)

    def _is_born(self, inlet: Inlet, node: _Node, topic: Topic, unit: _Unit, said: Message, now: int) -> None:
        """The metrics of a birth are declared and read."""
        named = [one for one in said.get("metrics", ()) if one.get("name") and one["name"] not in (BD_SEQ, REBIRTH)]
        tags = [
            tag_of(
                one,
                self._source,
                unit.machine,
                self._words.types,
                self._words.events,
                f"{node.name}/{topic.device}".rstrip("/"),
            )
            for one in named
        ]
        wanted = [tag for tag in tags if inlet.wants(tag)]
        ids = dict(zip((tag.name for tag in wanted), inlet.declare(wanted), strict=True))
        unit.by_name = {
            one["name"]: Known(one["name"], one.get("datatype", 0), ids.get(tag.name, -1), tag.kind == "event")
            for one, tag in zip(named, tags, strict=True)
        }
        for one in named:
            if "alias" in one:
                node.by_alias[one["alias"]] = topic.device, unit.by_name[one["name"]]
        unit.is_alive = True
        self._read(inlet, node, topic, unit, said, now)

    def _read(self, inlet: Inlet, node: _Node, topic: Topic, unit: _Unit, said: Message, now: int) -> None:
        rows, unknown = Rows(), 0
        sent = said.get("timestamp", 0) * 1_000_000 or now
        for one in said.get("metrics", ()):
            if one.get("name") in (BD_SEQ, REBIRTH):
                continue
            known = unit.by_name.get(one["name"]) if one.get("name") else None
            if known is None and "alias" in one:
                device, known = node.by_alias.get(one["alias"], ("", None))
                known = known if device == topic.device else None
            if known is None:
                unknown += 1
            elif one.get("is_transient"):
                inlet.note("PW5064", f"{unit.machine}/{known.name} is transient: its node asks not to keep it")
            elif known.number >= 0:
                self._add(inlet, rows, one, known, one.get("timestamp", 0) * 1_000_000 or sent)
        inlet.offer(*rows.parted(), position=self._position())
        if unknown:
            self._lose(inlet, node, now, f"{unknown} metrics that no birth named")

    def _add(self, inlet: Inlet, rows: Rows, one: Message, known: Known, time: int) -> None:
        try:
            rows.add(known, time, read_value(one, known), quality_of(one), one.get("metadata"))
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            inlet.reject(known.number, known.name, f"its value is not of its type: {error}")

    def _node_dies(self, inlet: Inlet, node: _Node, said: Message, now: int) -> None:
        """A death counts for the birth of the same number alone."""
        number = next((_number(one) for one in said.get("metrics", ()) if one.get("name") == BD_SEQ), None)
        if node.is_born and number is not None and number == node.bd_seq:
            self._stale(inlet, node.units.values(), now)
            node.is_born, node.held, node.lost_since, node.due = False, {}, None, None

    def _lose(self, inlet: Inlet, node: _Node, now: int, why: str) -> None:
        inlet.note("PW5061", f"{node.name}: {why}; a rebirth is asked for")
        if node.lost_since is None:
            node.lost_since = now
        self._request(inlet, node, now)

    def _missed(self, inlet: Inlet, node: _Node, now: int) -> None:
        """Who was not born in time: nothing is known of it."""
        if not node.is_born:
            inlet.note("PW5062", f"{node.name} gives no birth; is it on? What it last said may hold no longer")
        self._stale(inlet, [unit for unit in node.units.values() if not (unit.is_alive and node.is_born)], now)

    def _stale(self, inlet: Inlet, units: Iterable[_Unit], at: int) -> None:
        """Nothing is known of all metrics from an instant on."""
        rows = Rows()
        for unit in units:
            unit.is_alive = False
            for known in unit.by_name.values():
                if known.number >= 0:
                    rows.add(known, at, None, Quality.UNAVAILABLE)
        inlet.offer(*rows.parted(), position=self._position())

    def _unit(self, inlet: Inlet, node: _Node, topic: Topic) -> _Unit | None:
        """The node or device of a topic; None where its machine's name belongs to another."""
        found = node.units.get(topic.device)
        if found is None:
            machine, key = self._words.machine_of(topic), (node.name, topic.device)
            if self._machines.setdefault(machine, key) != key:
                other = "/".join(part for part in self._machines[machine] if part)
                inlet.note(
                    "PW5063",
                    f"{node.name}/{topic.device} would be the machine {machine!r}, which {other} is; say 'machine: \"{{group}}/{{node}}/{{device}}\"'",
                )
                return None
            found = node.units[topic.device] = _Unit(machine)
        return found

    def _position(self) -> Mapping[str, Sequence[str]]:
        return {"nodes": sorted(self._nodes)}

    def _request(self, inlet: Inlet, node: _Node, now: int) -> None:
        """Ask a node to be born again, but not too often."""
        pause = min(LONGEST_ASKING, int(self._words.rebirth_every * NANOSECONDS) << min(max(0, node.asked - 1), 10))
        if node.asked and now - node.asked_at < pause:
            return
        node.asked, node.asked_at = node.asked + 1, now
        stamp = now // 1_000_000
        # with its type, though that should not be: npm's sparkplug-client reads no value without it
        asking = metric(REBIRTH, DataType.BOOLEAN, True, stamp)
        self.ask(str(Topic(node.group, "NCMD", node.node)), encode({"timestamp": stamp, "metrics": [asking]}))


def _number(given: Message) -> int | None:
    try:
        value = value_of(given, given.get("datatype", DataType.INT64))
    except ValueError:
        return None
    return value if isinstance(value, int) else None


def patterns_of(groups: Sequence[str]) -> list[str]:
    """The topic filters that hold all messages of groups; those with a wildcard need all."""
    if any(set(group) & set("*?[") for group in groups):
        return ["spBv1.0/+"]
    return [f"spBv1.0/{group}" for group in groups]
