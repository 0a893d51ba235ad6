"""The connector ``opcua``: an OPC UA server's variables, by subscriptions that are gone on with after a cut."""

from __future__ import annotations

from plantwright.shopfloor.connectors.opcua.kind import KIND

__all__ = ["KIND"]
