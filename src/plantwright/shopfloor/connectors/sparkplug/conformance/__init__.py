"""Judges recorded traffic against those numbered assertions of the Sparkplug specification that traffic can tell."""

from plantwright.shopfloor.connectors.sparkplug.conformance.judging import Finding, check
from plantwright.shopfloor.connectors.sparkplug.conformance.recording import (
    Recorder,
    Seen,
    read_recording,
    write_recording,
)

__all__ = ["Finding", "Recorder", "Seen", "check", "read_recording", "write_recording"]
