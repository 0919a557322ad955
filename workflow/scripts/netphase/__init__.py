"""The noise transition of learning machines, measured as physics measures a phase transition."""
