"""Which column is what: by its name, and by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.events import ColumnChoice
from plantwright.exchange.states import STATES

if TYPE_CHECKING:
    import polars

ROLES: dict[str, tuple[str, ...]] = {
    "case": ("case id", "caseid", "case", "case concept name", "order id", "order", "order no", "order number", "work order",
             "work order id", "job", "job id", "lot id", "batch id", "auftrag", "auftragsnummer", "auftragsnr",
             "orden", "orden de trabajo", "pedido", "ordre de fabrication", "numéro d ordre", "工单", "工单号", "订单", "订单号",
             "n of", "numéro of", "of", "ordem", "ordem de produção", "ordem de fabrico", "commessa", "ordine", "ordine di produzione", "opdracht",
             "ordernummer", "productieorder", "zlecenie", "nr zlecenia", "i ş emri", "sipariş", "製造番号", "製番", "指図番号", "注文番号"),
    "activity": ("activity", "operation", "activity name", "operation name", "task", "step", "concept name", "process step",
                 "arbeitsgang", "vorgang", "event",
             "actividad", "operación", "operacion", "proceso", "opération", "activité", "工序", "工序名称", "活动",
             "operação", "atividade", "fase", "operazione", "lavorazione", "bewerking", "operacja", "czynność", "operasyon", "i şlem", "工程", "作業"),
    "resource": ("resource", "machine", "station", "work center", "workcenter", "work centre", "equipment", "machine id",
                 "resource 1", "maschine", "arbeitsplatz",
             "máquina", "maquina", "estación", "recurso", "poste", "设备", "机器", "机台",
             "poste de charge", "poste de travail", "macchina", "stazione", "centro di lavoro", "werkplek", "werkpost", "maszyna", "stanowisko",
             "makine", "tezgah", "設備", "機械", "号機"),
    "worker": ("worker id", "worker", "operator", "operator id", "employee", "employee id", "person", "staff", "org resource",
               "user", "mitarbeiter", "bediener",
             "operario", "operador", "trabajador", "empleado", "opérateur", "操作员", "员工", "工人",
             "operário", "operatore", "addetto", "medewerker", "operateur", "pracownik", "operatör", "çalışan", "作業者", "担当者"),
    "start": ("start timestamp", "start time", "start", "started", "begin", "start date", "started at", "start datetime",
              "time start", "beginn", "startzeit",
             "inicio", "fecha inicio", "fecha de inicio", "hora inicio", "début", "开始时间", "开始",
             "início", "data início", "inizio", "data inizio", "starttijd", "begintijd", "początek", "rozpoczęcie", "başlangıç", "開始日時", "開始時刻",
             "開始"),
    "end": ("complete timestamp", "end timestamp", "end time", "end", "complete", "completed", "finish", "finished", "stop",
            "complete time", "end date", "ended at", "finished at", "end datetime", "time end", "ende", "endzeit",
             "fin", "fecha fin", "fecha de fin", "hora fin", "final", "date de fin", "结束时间", "完成时间", "结束",
             "data fim", "fim", "fine", "data fine", "eindtijd", "einde", "koniec", "zakończenie", "bitiş", "終了日時", "終了時刻", "終了", "完了日時"),
    "timestamp": ("time timestamp", "timestamp", "time", "datetime", "date time", "event time", "zeit", "zeitstempel"),
    "lifecycle": ("lifecycle transition", "lifecycle", "transition", "event type", "state", "status"),
    "state": ("machine state", "machine status", "state", "status", "execution", "execution state", "equipment state", "maschinenstatus",
              "zustand"),
    "span": ("span", "duration", "activity duration", "time spent", "dauer",
             "duración", "duracion", "durée", "时长", "工时",
             "duração", "durata", "duur", "czas trwania", "süre", "所要時間", "作業時間"),
    "quantity": ("qty completed", "quantity completed", "completed qty", "good qty", "good", "quantity", "qty", "menge",
                 "gutmenge",
             "cantidad", "cantidad buena", "quantité", "合格数量", "完成数量", "数量",
             "quantité bonne", "quantidade boa", "quantidade", "quantità buona", "quantità", "aantal goed", "aantal", "ilość dobra", "ilość",
             "sağlam miktar", "miktar", "良品数"),
    "rejected": ("qty rejected", "quantity rejected", "rejected", "rejects", "scrap", "scrapped", "scrap qty", "ausschuss",
             "rechazado", "rechazos", "rechazadas", "rebut", "不良数量", "报废数量",
             "refugo", "scarto", "afkeur", "braki", "hurda", "不良数"),
    "order quantity": ("work order qty", "order qty", "order quantity", "lot size", "planned qty", "planned quantity",
                       "auftragsmenge",
             "cantidad orden", "cantidad de la orden", "订单数量", "计划数量",
             "quantité of", "quantidade da ordem", "quantità ordine", "orderaantal", "ilość zlecenia", "i ş emri miktarı", "指図数量", "注文数量"),
    "product": ("part desc", "product", "part", "part description", "part name", "part number", "item", "material", "article",
                "produkt", "artikel", "teil",
             "producto", "pieza", "artículo", "produit", "pièce", "产品", "产品名称", "零件",
             "produto", "peça", "articolo", "prodotto", "wyrób", "ürün", "parça", "品名", "品番", "製品"),
    "type": ("report type", "type", "record type", "kind", "art",
             "tipo", "类型",
             "soort", "typ", "tip", "種別"),
    "reason": ("reason", "stop reason", "downtime reason", "cause", "reason code", "fault", "alarm", "comment", "grund", "stillstandsgrund"),
    "due": ("due date", "due", "due by", "due on", "deadline", "promised date", "promise date", "required date", "need by date", "need date",
            "requested delivery date", "promised delivery date", "delivery due", "planned delivery date", "liefertermin", "fällig", "fällig am",
            "fälligkeit", "fälligkeitsdatum", "wunschtermin", "endtermin", "termin", "fecha de entrega", "fecha entrega", "fecha compromiso",
            "fecha de vencimiento", "vencimiento", "date de livraison", "date d échéance", "échéance", "délai", "交期", "交货日期", "交付日期", "到期日",
             "data de entrega", "prazo", "data di consegna", "consegna", "leverdatum", "termin dostawy", "teslim tarihi", "納期"),
    "rework": ("rework", "is rework", "nacharbeit", "retrabajo", "retouche", "返工",
             "reprise", "retrabalho", "rilavorazione", "herbewerking", "poprawka", "yeniden işleme", "手直し"),
}  # fmt: skip
"""What a column can be, and the names that people give it, the likeliest first: in English, German, Spanish, French,
Portuguese, Italian, Dutch, Polish, Turkish, Chinese and Japanese."""

_CODE = re.compile(r"^[A-Za-z]{0,4}[-_ ]?\d{2,}$")
_PLANNED = frozenset(
    (
        "plan",
        "planned",
        "scheduled",
        "schedule",
        "target",
        "due",
        "expected",
        "estimated",
        "latest",
        "earliest",
        "soll",
        "geplant",
    )
)
_MEASURES = frozenset(
    ("qty", "quantity", "date", "time", "timestamp", "count", "amount", "duration", "cost", "price", "menge", "type")
)
_THINGS = ("case", "activity", "resource", "worker", "product")
_SHORT = ("end", "job", "part", "case", "item", "step", "task", "ende")
_DIGIT = re.compile(r"\d")
_ENOUGH = 50_000


def plain_name(name: str) -> str:
    """``Work Order  Qty`` to ``work order qty``; ``time:timestamp`` to ``time timestamp``."""
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())


def choose_columns(
    frame: polars.DataFrame,
    given: Mapping[str, str] | None,
    file: str,
    hints: Mapping[str, tuple[str, str]] | None = None,
) -> dict[str, ColumnChoice]:
    """Which column is what: as given, else as the kind of file says (`hints`), else by name, else by what stands in it.

    Raises LogError with every word or column that is not known, and with every column that is needed and not found.
    """
    chosen = _given(frame, dict(given or {}), file)
    taken = {choice.column for choice in chosen.values()}
    for role, (column, evidence) in (hints or {}).items():
        if role not in chosen and column not in taken:
            chosen[role] = ColumnChoice(role, column, evidence)
            taken.add(column)
    frame = _sampled(frame)
    _add_by_name(frame, chosen, [role for role in ROLES if role != "reason"])
    taken = {choice.column for choice in chosen.values()}
    if not given or "resource" not in given:
        _tell_worker_from_station(frame, chosen, taken)
    if "state" in chosen:
        _states(chosen)
    elif "end" not in chosen or "start" not in chosen:
        _pairs(frame, chosen)
    else:
        for role in ("timestamp", "lifecycle"):
            if not given or role not in given:
                chosen.pop(role, None)
    _check_needed(frame, chosen, file)
    return chosen


def choose_of(
    frame: polars.DataFrame, given: Mapping[str, str] | None, file: str, roles: Sequence[str]
) -> dict[str, ColumnChoice]:
    """Which column is what, of a table that holds some of the roles only; none of them is missed."""
    chosen = _given(frame, dict(given or {}), file)
    _add_by_name(_sampled(frame), chosen, roles)
    return chosen


def _add_by_name(frame: polars.DataFrame, chosen: dict[str, ColumnChoice], roles: Sequence[str]) -> None:
    """Add what names say: those that are exactly a word for a role go before those that hold one."""
    taken = {choice.column for choice in chosen.values()}
    for exact in (True, False):
        for role in roles:
            if role not in chosen:
                found = _by_name(frame, role, ROLES[role], taken, exact)
                if found is not None:
                    chosen[role] = found
                    taken.add(found.column)


def _sampled(frame: polars.DataFrame) -> polars.DataFrame:
    """Enough rows, spread over the log, to see what stands in each column, as texts; instants stay what they are."""
    from plantwright.exchange.tables import as_text

    some = frame.gather_every(max(1, frame.height // _ENOUGH))
    return some.select(column if column.dtype.is_temporal() else as_text(column) for column in some)


def _given(frame: polars.DataFrame, given: dict[str, str], file: str) -> dict[str, ColumnChoice]:
    problems = problems_of_given(frame, given, file, {})
    if problems:
        raise LogError(problems)
    return {role: ColumnChoice(role, column, "as given") for role, column in given.items()}


def problems_of_given(
    frame: polars.DataFrame, given: Mapping[str, str], file: str, places: Mapping[str, Place]
) -> list[Problem]:
    """What is wrong with a mapping that somebody gave: no such role, no such column; `places` is where a file says each."""
    from difflib import get_close_matches

    problems = []
    for role, column in given.items():
        if role not in ROLES:
            near = get_close_matches(role, ROLES, 1)
            problems.append(Problem("PW3010", places.get(role, Place(file)), "mapping",
                                    f"{role!r} is not something a column can be; known are {', '.join(ROLES)}", role, near[0] if near else None))  # fmt: skip
        elif column not in frame.columns:
            near = get_close_matches(column, frame.columns, 1, 0.4)
            problems.append(Problem("PW3011", places.get(role, Place(file, 1)), f"mapping > {role}", f"there is no column {column!r}", column,
                                    near[0] if near else None))  # fmt: skip
    return problems


def _by_name(
    frame: polars.DataFrame, role: str, words: tuple[str, ...], taken: set[str], exact: bool
) -> ColumnChoice | None:
    names: dict[str, str] = {}
    for column in frame.columns:
        if column not in taken:
            names.setdefault(plain_name(column), column)
    # What was planned is not what was done: such columns are taken last.
    names = dict(sorted(names.items(), key=lambda pair: bool(_PLANNED & set(pair[0].split()))))
    for word in words:
        for name, column in names.items():
            fits = name == word if exact else _is_within(word, name, role)
            if fits and _holds(frame[column], role):
                return ColumnChoice(role, column, "by its name" if exact else f"its name holds {word!r}")
    return None


def _is_within(word: str, name: str, role: str) -> bool:
    """Whether a longer name holds a word for a role: ``actual end time`` is an end, ``order qty`` is no order."""
    parts = set(name.split())
    if role == "type" or (role in _THINGS and parts & _MEASURES):
        return False
    return (len(word) > 4 or word in _SHORT) and set(word.split()) <= parts


def _holds(values: polars.Series, role: str) -> bool:
    """Whether what stands in a column can be that."""
    if values.dtype.is_temporal():
        return role in ("start", "end", "timestamp", "due") and values.null_count() < values.len()
    sample = values.drop_nulls().unique().head(200).to_list()
    if role == "rework":
        return values.n_unique() <= 4
    if not sample:
        return False
    if role in ("quantity", "rejected", "order quantity"):
        return float(values.drop_nulls().str.contains(r"^-?[\d., ]+$").mean() or 0.0) >= 0.8  # type: ignore[arg-type]
    if role in ("start", "end", "timestamp", "due"):
        return sum(bool(_DIGIT.search(value)) and len(value) >= 5 for value in sample) >= 0.8 * len(sample)
    if role == "state":
        kinds = {STATES.get(value.strip().lower()) for value in sample}
        return None not in kinds and "work" in kinds and len(kinds) > 1
    if role == "lifecycle":
        words = {value.lower() for value in sample}
        return bool(words & {"start", "begin"}) and bool(words & {"complete", "end", "finish", "stop"})
    if role == "type":
        return len(sample) <= 12
    return True


def _tell_worker_from_station(frame: polars.DataFrame, chosen: dict[str, ColumnChoice], taken: set[str]) -> None:
    """Two columns may be called resource: the one that holds codes is the worker, the one that holds words the station."""
    resource = chosen.get("resource")
    if resource is None or "worker" in chosen or _codes(frame[resource.column]) < 0.8:
        return
    stem = plain_name(resource.column).rstrip(" 0123456789")
    for column in frame.columns:
        if column not in taken and plain_name(column).startswith(stem) and _codes(frame[column]) < 0.2:
            chosen["resource"] = ColumnChoice("resource", column, "it holds names of stations")
            chosen["worker"] = ColumnChoice(
                "worker", resource.column, f"it holds codes such as {frame[resource.column][0]!r}"
            )
            taken.add(column)
            return


def _codes(values: polars.Series) -> float:
    sample = values.drop_nulls().unique().head(200).to_list()
    return sum(bool(_CODE.match(value)) for value in sample) / max(1, len(sample))


def _pairs(frame: polars.DataFrame, chosen: dict[str, ColumnChoice]) -> None:
    """Start and end in rows of their own: a column of times and one of what each row is."""
    if "lifecycle" in chosen and "timestamp" not in chosen:
        for role in ("end", "start"):
            if role in chosen:
                chosen["timestamp"] = ColumnChoice("timestamp", chosen.pop(role).column, "the one column of times")
                break
    elif "timestamp" in chosen and "lifecycle" not in chosen and "end" not in chosen:
        chosen["end"] = ColumnChoice(
            "end", chosen.pop("timestamp").column, "the one column of times: taken for the end"
        )


def _states(chosen: dict[str, ColumnChoice]) -> None:
    """Machine states: a start and an end, or only when each begins; what is done is called after the machine if nothing else is said."""
    chosen.pop("lifecycle", None)
    if "start" in chosen and "end" in chosen:
        chosen.pop("timestamp", None)
    elif "timestamp" in chosen or "start" in chosen:
        at = chosen.pop("timestamp", None) or chosen["start"]
        chosen.pop("end", None)
        chosen["start"] = ColumnChoice("start", at.column, "the one column of times: a state lasts until the next")
    if "activity" not in chosen and "resource" in chosen:
        chosen["activity"] = ColumnChoice(
            "activity", chosen["resource"].column, "what a machine does is called after it"
        )


def _check_needed(frame: polars.DataFrame, chosen: dict[str, ColumnChoice], file: str) -> None:
    names = ", ".join(repr(column) for column in frame.columns)
    problems = [
        Problem("PW3012", Place(file, 1), "mapping", f"no column is found for {role!r}; there is {names}; say which with --map {role}=COLUMN")
        for role in ("case", "activity")
        if role not in chosen and not (role == "activity" and "state" in chosen)
    ]  # fmt: skip
    if "start" in chosen and not {"end", "timestamp", "span", "state"} & set(chosen):
        column = chosen["start"].column
        problems.append(Problem("PW3063", Place(file, 1), "mapping",
                                f"{column!r} says when work began, and nothing says when it ended or how long it took; there is {names}. Export ends or durations, "
                                f"and say which with --map end=COLUMN or --map span=COLUMN; if {column!r} is when work was completed, say --map end={column!r}"))  # fmt: skip
    elif (
        not {"start", "span"} <= set(chosen)
        and "end" not in chosen
        and "timestamp" not in chosen
        and not ("state" in chosen and "start" in chosen)
    ):
        problems.append(Problem("PW3013", Place(file, 1), "mapping",
                                f"no column of times is found; there is {names}; say which with --map start=COLUMN --map end=COLUMN"))  # fmt: skip
    if "state" in chosen and "resource" not in chosen:
        problems.append(Problem("PW3012", Place(file, 1), "mapping",
                                f"machine states need a column of machines; there is {names}; say which with --map resource=COLUMN"))  # fmt: skip
    if problems:
        raise LogError(problems)
