"""Exams: items, arms, scoring, statistics, runs, reports; no window in here."""
