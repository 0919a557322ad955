"""Labelled data sets: retrieved, read, checked and stored."""
