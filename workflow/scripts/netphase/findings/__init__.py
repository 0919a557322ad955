"""Answers of a study, and verdicts on the claims of the papers."""
