"""The words of answers and verdicts: numbers with their intervals, lists, and sentences."""

import math
from collections.abc import Iterable, Sequence

MOST_LISTED = 9
"""Readings that a sentence lists; of more it quotes the one least in favour of the claim."""
KEYS = ("ladder", "question", "answer", "trust")


def entries(answers: Iterable[Sequence[str]]) -> list[dict[str, str]]:
    """Answers (subject, question, answer, trust in it) as dictionaries ready for JSON."""
    return [dict(zip(KEYS, answer, strict=True)) for answer in answers]


def listed(words: Iterable[str]) -> str:
    """Join words by commas."""
    return ", ".join(words)


def interval(value: float, low: float, high: float, digits: int) -> str:
    """Format a value with the ends of its interval, all to `digits` decimals."""
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def quoted(value: float, low: float, high: float) -> str:
    """Format a value with its interval to two digits of the half-width, or to four digits without.

    "none" stands for a value that is not known.
    """
    if not math.isfinite(value):
        return "none"
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        return f"{value:.4g}"
    return interval(value, low, high, max(0, 1 - math.floor(math.log10(half))))


def value(number: float | None, unit: str) -> str:
    """Format a number of a source with its unit; a dash where it gives none."""
    return "–" if number is None else f"{number:.7g} {unit}".rstrip()


def sentence(
    quantity: str, unit: str, readings: Sequence[tuple[str, float, float, float]], least: int
) -> str:
    """Sentence on our side of a claim: readings (name, value, low, high) with their intervals.

    Parameters
    ----------
    least : index of the reading that is quoted where there are more than MOST_LISTED
    """
    said = [_reading(unit, *reading) for reading in readings]
    if len(said) > MOST_LISTED:
        return f"{quantity}: {said[least]}, the least in favour of {len(said)} readings"
    return f"{quantity}: {'; '.join(said)}"


def _reading(unit, name, value, low, high):
    text = quoted(value, low, high)
    if math.isfinite(value):
        text = f"{text} {unit}".rstrip()
    return f"{text} ({name})" if name else text
