"""The collector's file: which sources are read, and where what they say is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from plantwright.errors import InputError, Place, PlantError, Problem
from plantwright.plant.beside import Beside
from plantwright.plant.document import Entries, Node, Scalar, in_order, parse
from plantwright.plant.readers import Choice, Context, Number, Quantity, Reader, Text
from plantwright.plant.structures import NAMES, Keys, MapOf, OneOf, Word
from plantwright.shopfloor.connectors import Connector, ConnectorKind, ConnectorMissing, kind, kind_names
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.words import FLOOR_WORDS, floor_of
from plantwright.shopfloor.readings import Tag

LARGEST = 10_000_000


class ConfigError(InputError):
    """A collector's file that cannot be used."""

    code = "PW5010"


class Secret(str):
    """A text that is never shown: a password, a token, a private key's passphrase."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    @property
    def plain(self) -> str:
        """The text itself."""
        return str.__str__(self)


class SecretText(Reader):
    """A secret: as it stands, ``{env: NAME}`` from the environment, or ``{file: NAME}`` from a file beside the collector's."""

    kind = "a secret, such as {env: MILL_PASSWORD} or {file: password.txt}"
    schema: Mapping[str, Any] = {
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"env": {"type": "string"}, "file": {"type": "string"}},
                "maxProperties": 1,
            },
        ]
    }

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar):
            return Secret(node.text)
        entries = node.entries if isinstance(node, Entries) else ()
        if len(entries) != 1 or entries[0][0].text not in ("env", "file") or not isinstance(entries[0][1], Scalar):
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here")
            return None
        how, name = entries[0][0].text, entries[0][1].text
        assert isinstance(context, ConfigContext)
        found = context.environment.get(name) if how == "env" else context.text_of(name)
        if found is None:
            what = (
                f"the environment has no {name!r}"
                if how == "env"
                else f"the file {name!r} is not beside this one, or cannot be read"
            )
            context.wrong("PW5012", node, path, what)
            return None
        return Secret(found.rstrip("\r\n"))


@dataclass
class ConfigContext(Context):
    """What reading a collector's file knows besides: the environment and the file's folder."""

    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None

    def text_of(self, name: str) -> str | None:
        """A file's text, None where it cannot be read."""
        try:
            return ((self.folder or Path()) / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def path_of(self, name: str) -> Path:
        """A file by its name beside the collector's, or by its whole path."""
        return (self.folder or Path()) / name


class FilePath(Reader):
    """A path of a file or folder, from the collector's file's folder on."""

    kind = "a path, such as certificates/mill.pem"

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Scalar) or not node.text:
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here")
            return None
        assert isinstance(context, ConfigContext)
        return context.path_of(node.text)


@dataclass(frozen=True)
class SourceConfig:
    """One source of the collector's file: what is asked of every kind, and its connector.

    Parameters
    ----------
    name : str
    kind : ConnectorKind
    connector : Connector
    only, without : sequence of str
        Patterns of the tags that are read, and of those that are not.
    deadbands : mapping of str to (float, float)
        By a tag's name or type: its band in its own unit, and as a share of its last value.
    longest_silence : float
        Seconds after which a sample within its deadband is kept.
    no_data_after : float
        Seconds without a word from the source after which that is an alarm.
    clock_limit : float
        Seconds that its clock may be off before it is said.
    most_tags : int
    own_process : bool
        Whether it is read in a process of its own.
    """

    name: str
    kind: ConnectorKind
    connector: Connector
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    deadbands: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    longest_silence: float = 600.0
    no_data_after: float = 300.0
    clock_limit: float = 5.0
    most_tags: int = 20_000
    own_process: bool = False

    def wants(self, tag: Tag) -> bool:
        """Whether a tag is read."""
        return wanted(self.only, self.without, tag)


def wanted(only: Sequence[str], without: Sequence[str], tag: Tag) -> bool:
    """Whether a tag fits one of the patterns of those that are read, and none of those that are not."""
    names = (tag.name, *tag.kinds)
    chosen = not only or any(fnmatchcase(name, pattern) for pattern in only for name in names)
    return chosen and not any(fnmatchcase(name, pattern) for pattern in without for name in names)


@dataclass(frozen=True)
class CollectorConfig:
    """A collector's file.

    Parameters
    ----------
    history : str
        A folder, or a database's URL.
    sources : mapping of str to SourceConfig
    floor : FloorSettings
        How its machines are understood.
    keep : Keep or None
        How long readings are kept, None where the file does not say.
    """

    history: str
    sources: Mapping[str, SourceConfig]
    floor: FloorSettings = field(default_factory=FloorSettings)
    keep: Keep | None = None


class Band(Reader):
    """A deadband: in the tag's own unit, or as a share of its last value."""

    kind = "a deadband, such as 0.05 or 2 %"

    def text(self, text: str, context: Context) -> tuple[float, float]:
        if text.rstrip().endswith("%"):
            return 0.0, Quantity("share").text(text, context)
        return float(Number(least=0).text(text, context)), 0.0


DURATION = Quantity("duration")

COMMON = (
    Word("connector", Text(), example="mtconnect", meaning="how the source is read", needed=True),
    Word("only", NAMES, example="[EXECUTION, 'mill 1/path/*']", meaning="the tags that are read, by name or type; * stands for anything", default="all"),
    Word("without", NAMES, example="[PATH_POSITION]", meaning="tags that are not read"),
    Word("deadband", MapOf(Band()), "deadbands", "{SPINDLE_SPEED: 5, LOAD: 2 %}", "by a tag's name or type: changes as small are not kept"),
    Word("longest silence", DURATION, "", "10 min", "after so long a sample within its deadband is kept", "10 min"),
    Word("no data after", DURATION, "", "5 min", "a source that says nothing for so long is an alarm", "5 min"),
    Word("clock limit", DURATION, "", "5 s", "a clock that is further off is told", "5 s"),
    Word("most tags", Number(least=1, whole=True), "", "20000", "a source with more is quarantined", "20000"),
    Word("own process", Choice({"yes": True, "no": False}), "", "yes", "it is read in a process of its own, for sources that say very much", "no"),
)  # fmt: skip
"""The words that every source has."""


class SourceOf(Reader):
    """A source: the words of its connector, and those of all."""

    kind = "a source, such as {connector: mtconnect, url: http://mill:5000}"
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"connector": {"type": "string"}},
        "required": ["connector"],
    }

    def read(self, node: Node, context: Context, path: str) -> Any:
        chosen = node.get("connector") if isinstance(node, Entries) else None
        if not isinstance(chosen, Scalar):
            return Keys(COMMON, dict).read(node, context, path)
        try:
            found = kind(chosen.text)
        except KeyError:
            known = kind_names()
            context.wrong(
                "PW5011",
                chosen,
                f"{path} > connector",
                f"there is no connector {chosen.text!r}; there are: {', '.join(known)}",
                known,
                chosen.text,
            )
            return None
        except ConnectorMissing as error:
            context.wrong("PW5003", chosen, f"{path} > connector", str(error).removesuffix(" [PW5003]"))
            return None
        name = path.rpartition(" > ")[2]
        folder = context.folder if isinstance(context, ConfigContext) else None
        return Keys((*COMMON, *found.words), _maker(found, name, folder)).read(node, context, path)


def _maker(found: ConnectorKind, name: str, folder: Path | None) -> Callable[..., SourceConfig]:
    common = {word.field for word in COMMON}

    def make(connector: str, **values: Any) -> SourceConfig:
        own = {key: value for key, value in values.items() if key not in common}
        if found.in_folder:
            own["folder"] = folder
        try:
            made = found.make(name=name, **own)
        except ConnectorMissing as error:
            raise ValueError(str(error)) from error
        return SourceConfig(name, found, made, **{key: value for key, value in values.items() if key in common})

    return make


class Span(Reader):
    """How long something is kept, in days, or None for ever."""

    kind = "a duration of at least a day, or 'forever'"

    def text(self, text: str, context: Context) -> float | None:
        if text == "forever":
            return None
        days = Quantity("duration").text(text, context) / 86_400
        if days < 1:
            raise ValueError(f"{text!r} is less than a day; whole days are kept")
        return days


KEEP = Keys(
    tuple(
        Word(kind, Span(), "", "90 d", says, "forever")
        for kind, says in (
            ("samples", "numbers as they were read"),
            ("events", "words, alarms and notes"),
            ("minutes", "samples by minute: count, least, most, mean, first, last"),
        )
    ),
    Keep,
)


def _config(
    sources: Mapping[str, SourceConfig], history: str = "history", format: int = 1, **values: Any
) -> CollectorConfig:
    keep = values.pop("keep", None)
    return CollectorConfig(history, sources, floor_of(values), keep)


CONFIG = Keys(
    (
        Word("format", Number(least=1, most=1, whole=True), "", "1", "of this file", "1"),
        Word("history", Text(), "", "history", "the folder in which readings are kept, or the URL of a database", "history"),
        Word("keep", KEEP, "", "{samples: 90 d, events: 5 y, minutes: forever}", "how long samples, events and samples by minute are kept, by whole days (UTC)", "forever"),
        Word("sources", OneOf(entries=MapOf(SourceOf())), "", "{mill 1: {connector: mtconnect, url: http://mill:5000}}", "what is read", needed=True),
        *FLOOR_WORDS,
    ),
    _config,
)  # fmt: skip


def config_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the collector's file, with the words of the connectors that are installed."""
    sources = []
    for name in kind_names():
        try:
            own = Keys((*COMMON, *kind(name).words), dict).schema
        except ConnectorMissing:
            continue
        sources.append({**own, "properties": {**own["properties"], "connector": {"const": name}}})
    words = {**CONFIG.schema["properties"]}
    words["sources"] = {**words["sources"], "type": "object", "additionalProperties": {"anyOf": sources}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plantwright collector's file",
        **CONFIG.schema,
        "properties": words,
    }


def read_config(path: str | Path, environment: Mapping[str, str] | None = None) -> CollectorConfig:
    """The collector's file at a path. Raises ConfigError with all that is wrong with it."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise ConfigError(
                [Problem("PW5010", Place(str(file)), "", "larger than 10 MB; that is no collector's file")]
            )
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            [Problem("PW5010", Place(str(file)), "", f"cannot be read: {error.strerror or error}")]
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            [Problem("PW5010", Place(str(file)), "", "is not text in UTF-8; save it as UTF-8")]
        ) from error
    config = parse_config(text, str(file), environment, file.parent)
    if "://" not in config.history:
        return replace(config, history=str(file.parent / config.history))
    return config


def parse_config(
    text: str, name: str = "collect.yaml", environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> CollectorConfig:
    """The collector's file in a text. Raises ConfigError with all that is wrong with it."""
    example = "such as 'sources: {mill 1: {connector: mtconnect, url: http://mill:5000}}'"
    if not text.strip():
        raise ConfigError(
            [Problem("PW1205", Place(name), "", f"is empty; a collector's file names sources, {example}")]
        )
    try:
        root, problems = parse(text, name)
    except PlantError as error:
        no_keys = "a plant file is keys with values"
        found = [
            replace(p, reason=f"a collector's file is keys with values, {example}") if no_keys in p.reason else p
            for p in error.problems
        ]
        raise ConfigError(found) from error
    context = ConfigContext(Beside(None, {}), environment=environment or {}, folder=folder)
    made = CONFIG.read(root, context, "")
    found = [*problems, *context.problems]
    if made is not None and not made.sources and not found:
        found.append(
            Problem(
                "PW1225",
                root.place,
                "sources",
                "no source is named, such as 'mill 1: {connector: mtconnect, url: ...}'",
            )
        )
    if found:
        raise ConfigError(sorted(dict.fromkeys(found), key=in_order))
    assert isinstance(made, CollectorConfig)
    return made
