"""Hold part of a log out: fit on the first part, simulate the rest, and compare with what happened and with plain replay."""
