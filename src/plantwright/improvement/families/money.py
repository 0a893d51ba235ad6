"""What a sum of US dollars is in another currency, where a family's usual costs are told."""

from __future__ import annotations

DOLLARS_FOR_ONE = {"AUD": 0.6644, "EUR": 1.0817, "GBP": 1.2440, "NZD": 0.6143}
FOR_A_DOLLAR = {
    "USD": 1.0, "BRL": 4.9946, "CAD": 1.3494, "CHF": 0.8984, "CNY": 7.0809, "DKK": 6.8900, "HKD": 7.8292, "INR": 82.5708,
    "JPY": 140.5001, "KRW": 1306.7637, "LKR": 326.6297, "MXN": 17.7334, "MYR": 4.5577, "NOK": 10.5659, "SEK": 10.6089,
    "SGD": 1.3428, "THB": 34.7841, "TWD": 31.1525, "ZAR": 18.4535,
}  # fmt: skip
"""Means of 2023: Board of Governors of the Federal Reserve System, Foreign Exchange Rates, G.5A Annual, release of 1 February 2024;
units for a dollar but for those that the table gives the other way round, as dollars for a unit.
"""


def in_currency(dollars: float | None, currency: str | None) -> float | None:
    """A usual cost in dollars as money of a currency, rounded to two figures: nobody knows it better.

    None where the currency is not given or not known: there is no price then.
    """
    if dollars is None or currency is None:
        return None
    if currency in DOLLARS_FOR_ONE:
        return rounded(dollars / DOLLARS_FOR_ONE[currency])
    rate = FOR_A_DOLLAR.get(currency)
    return None if rate is None else rounded(dollars * rate)


def rounded(amount: float) -> float:
    """An amount to two figures."""
    return float(f"{amount:.2g}")
