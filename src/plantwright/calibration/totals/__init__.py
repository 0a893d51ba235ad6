"""No log? Move the guesses of a plant within their ranges until its totals match, and say which of them totals do not tell apart."""
