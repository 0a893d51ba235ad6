"""The features that random plants may have, each as a change of a draft, in the order in which they are applied."""

from __future__ import annotations

# isort: off
import tests.twin.features_machines
import tests.twin.features_flow
import tests.twin.features_stores
import tests.twin.features_lines
import tests.twin.features_ways
import tests.twin.features_time
import tests.twin.features_parts
import tests.twin.features_rules
import tests.twin.features_changes  # noqa: F401
# isort: on
