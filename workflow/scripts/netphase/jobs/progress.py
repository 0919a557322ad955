"""Messages on the progress of a job, few enough for its log to be read."""

import logging
import time

SECONDS_PER_MESSAGE = 10


class Progress:
    """Passes a message on to a log if none was passed on for SECONDS_PER_MESSAGE seconds.

    The first message waits as long from the start on.
    """

    def __init__(self, log: logging.Logger) -> None:
        self.log, self.last = log, time.monotonic()

    def info(self, message: str, *values: object) -> None:
        """Log a message with its values, as of `logging.Logger.info`, or drop it."""
        now = time.monotonic()
        if now - self.last >= SECONDS_PER_MESSAGE:
            self.last = now
            self.log.info(message, *values)
