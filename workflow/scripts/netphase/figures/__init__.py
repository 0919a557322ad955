"""Figures from saved tables; nothing is computed here."""
