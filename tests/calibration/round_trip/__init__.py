"""Plants that are known, because the test draws them: each is simulated to a shop's log, the log calibrated, and what was found held
against the truth.
"""
