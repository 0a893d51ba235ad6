"""Data sets in the tables of SMT2020, the semiconductor manufacturing testbed, as plants."""
