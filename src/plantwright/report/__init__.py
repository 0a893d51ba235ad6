"""Results for people: text, HTML, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plantwright.report.screen import first_screen

__all__ = [
    "calibration_html",
    "card_html",
    "comparison_html",
    "first_screen",
    "roadmap_html",
    "run_html",
    "study_document",
    "study_html",
    "study_workbook",
    "timeline_html",
    "timeline_svg",
    "totals_html",
]

# A screen of text must not bring the drawing libraries with it; so each name is fetched when it is asked for.
_HOMES = {
    "calibration_html": "calibration",
    "card_html": "card_page",
    "comparison_html": "comparison",
    "first_screen": "screen",
    "roadmap_html": "roadmap_page",
    "run_html": "html",
    "study_document": "content",
    "study_html": "study_page",
    "study_workbook": "content",
    "timeline_html": "timeline_page",
    "timeline_svg": "timeline_page",
    "totals_html": "totals_page",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
