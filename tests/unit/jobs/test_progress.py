"""Messages on progress are thinned out by the clock."""

import logging
from types import SimpleNamespace

from netphase.jobs import progress
from netphase.jobs.progress import SECONDS_PER_MESSAGE, Progress


def test_at_most_one_message_in_a_while(monkeypatch, caplog):
    clock = iter([0, 1, SECONDS_PER_MESSAGE, SECONDS_PER_MESSAGE + 1, 2 * SECONDS_PER_MESSAGE])
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    caplog.set_level(logging.INFO)
    messages = Progress(logging.getLogger("netphase.test"))
    for k in range(1, 5):
        messages.info("%d of %d", k, 4)
    assert [record.getMessage() for record in caplog.records] == ["2 of 4", "4 of 4"]
