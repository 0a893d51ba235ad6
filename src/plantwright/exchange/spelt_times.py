"""Times with words in them: names of days and months in several languages, halves of the day with points."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

_MONTHS = {
    "Jan": "january januar jänner janvier enero gennaio janeiro januari styczeń stycznia ene gen janv",
    "Feb": "february februar feber février febrero febbraio fevereiro februari luty lutego fév févr fev",
    "Mar": "march märz mars marzo março maart marzec marca mär mrz mrt",
    "Apr": "april avril abril aprile kwiecień kwietnia avr abr kwi",
    "May": "may mai mayo maggio maio mei maj maja mag",
    "Jun": "june juni juin junio giugno junho czerwiec czerwca giu cze",
    "Jul": "july juli juillet julio luglio julho lipiec lipca juil lug lip",
    "Aug": "august août agosto augustus sierpień sierpnia aoû ago sie",
    "Sep": "september septembre septiembre settembre setembro wrzesień września sept set wrz",
    "Oct": "october oktober octobre octubre ottobre outubro październik października okt ott out paź",
    "Nov": "november novembre noviembre novembro listopad listopada lis",
    "Dec": "december dezember décembre diciembre dicembre dezembro grudzień grudnia dez déc dic gru",
}
_OF = {word: short for short, words in _MONTHS.items() for word in [short.lower(), *words.split()]}
_DAY = r"^\p{L}{2,13}\.?,?\s+(\d)"
_HALF = r"(?i)([ap])\.\s?m\.?$"


def in_english(texts: polars.Series) -> polars.Series:
    """Times without the name of their day, with months in English, AM and PM without points: ``Fr, 02. März 2012 14:05`` to ``02 Mar 2012 14:05``."""
    import polars as pl

    made = texts.str.replace(_DAY, "${1}").str.replace(_HALF, "${1}m").str.replace_all(r"\b(?:de|del)\b\s*", "")
    words = made.str.extract(r"\d\.?\s*-?(\p{L}{3,12})\.?[\s.-]+\d", 1).str.to_lowercase()
    month = words.replace_strict(_OF, default=None, return_dtype=pl.String)
    frame = pl.DataFrame([made.alias("text"), month.alias("month")])
    spelt = pl.col("text").str.replace(r"(\d)\.?\s*-?\p{L}{3,12}\.?[\s.-]+(\d)", "${1} # ${2}")
    spelt = spelt.str.replace("#", pl.col("month"), literal=True)
    return frame.select(
        pl.when(pl.col("month").is_not_null()).then(spelt).otherwise("text").alias(texts.name)
    ).to_series()
