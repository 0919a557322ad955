"""Find a published file in the mirror folders or else on the network, and verify its checksum."""

import hashlib
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pooch
import requests

from netphase.errors import InputError

ATTEMPTS = 3
TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and between two packets."""
SILENCE = 30.0
"""Seconds without a full chunk, over all attempts, addresses and redirects, until we give up."""
CHUNK = 1 << 16

REPACKED = {
    "train-images-idx3-ubyte.gz": 1504176606,
    "train-labels-idx1-ubyte.gz": 1504176606,
    "t10k-images-idx3-ubyte.gz": 1504176627,
    "t10k-labels-idx1-ubyte.gz": 1504176627,
}
"""Time stamps (Unix seconds) in the gzip headers of Fashion-MNIST as published."""


class Published(NamedTuple):
    """A file as its publisher registered it."""

    name: str
    url: str
    sha256: str


class Silence(Exception):
    """Nothing came for too long.

    Neither an OSError nor a ValueError: urllib3 and pooch would take those for one failed address
    or attempt, and go on.
    """


class Progress:
    """Pooch's progress hook: logs every tenth of a file and restarts the clock of silence."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def total(self) -> int:
        """Bytes that the server announced, 0 if it did not; pooch sets it as an attempt starts."""
        return self._total

    @total.setter
    def total(self, total: int) -> None:
        self._total, self.received = total, 0

    def update(self, received: int) -> None:
        signal.setitimer(signal.ITIMER_REAL, SILENCE)
        before, self.received = self.received, min(self.received + received, self.total)
        if self.total and 10 * before // self.total < 10 * self.received // self.total:
            percent = 100 * self.received // self.total
            pooch.get_logger().info("%s: %d %% of %d bytes", self.name, percent, self.total)

    def reset(self) -> None:
        """Pooch refills the bar at the end; the count is right already."""

    def close(self) -> None:
        """Stop the clock: to hash a large file on a slow disk is no silence."""
        signal.setitimer(signal.ITIMER_REAL, 0)


def find(dataset: str, file: Published, folders: Sequence[Path], downloads: Path) -> Path:
    """Path of a published file whose sha256 is the registered one.

    Parameters
    ----------
    dataset : str
        Name of the data set, in messages and as a sub-folder.
    folders : sequence of Path
        Mirrors, searched in order: ``{dataset}/NAME``, the same with ``-`` for ``_``, ``NAME``.
        A file that lies there is taken or refused; the network is tried only where there is none.
    downloads : Path
        ``downloads/{dataset}/NAME`` is fetched, and hashed again before it is reused. Every data
        set has its own folder because names repeat: MNIST and Fashion-MNIST share all four.

    Raises
    ------
    InputError
        The checksum differs, or the file is in no mirror and cannot be fetched.
    """
    places = [
        folder.expanduser() / sub / file.name
        for folder in folders
        for sub in dict.fromkeys((dataset, dataset.replace("_", "-"), ""))
    ]
    for place in filter(Path.is_file, places):
        found = _sha256(place)
        if file.sha256 not in (found, _sha256_as_published(place)):
            raise InputError(
                f"datasets.{dataset}: {place} has sha256 {found}, but {file.sha256} is registered; "
                "replace the file, or remove it to have it downloaded"
            )
        return place
    kept = downloads / dataset / file.name
    if kept.is_file() and _sha256(kept) == file.sha256:
        return kept
    reason = _fetch(file, kept.parent)
    if reason:
        raise InputError(
            f"datasets.{dataset}: {file.name} is not in {', '.join(map(str, folders))} and cannot "
            f"be downloaded ({reason}); put {file.name} into a directory and name that in the "
            "config key mirror or in NETPHASE_MIRROR"
        )
    return kept


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sha256_as_published(path: Path) -> str | None:
    # Debian's dataset-fashion-mnist holds upstream's four gzip files with name and time stripped
    # from their headers. With both put back, the registered checksum is the only truth here, too.
    if path.name not in REPACKED:
        return None
    with path.open("rb") as stream:
        header = stream.read(10)
        named = header[:3] + b"\x08" + REPACKED[path.name].to_bytes(4, "little") + header[8:]
        digest = hashlib.sha256(named + path.stem.encode() + b"\0")
        return hashlib.file_digest(stream, lambda: digest).hexdigest()


def _fetch(file: Published, folder: Path) -> str | None:
    """Download a file into a folder, whole and checked or not at all; the reason if it failed."""
    store = pooch.create(
        path=folder,
        base_url="",
        registry={file.name: f"sha256:{file.sha256}"},
        urls={file.name: file.url},
        retry_if_failed=ATTEMPTS - 1,
    )
    transfer = pooch.HTTPDownloader(Progress(file.name), chunk_size=CHUNK, timeout=TIMEOUT)
    with _silence_limit():
        try:
            store.fetch(file.name, downloader=transfer)
        except requests.HTTPError as error:
            return f"the server answers {error.response.status_code}"
        except requests.RequestException as error:
            return type(error).__name__
        except ValueError:
            return f"what came does not have the registered sha256 {file.sha256}"
        except Silence:
            return f"no data for {SILENCE:g} s"
    return None


@contextmanager
def _silence_limit() -> Iterator[None]:
    # The timeouts of requests hold for one address and one packet: a name with a dozen dead
    # addresses, or a server that sends a byte now and then, would keep us for many minutes.
    def give_up(*_: object) -> None:
        raise Silence

    previous = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, SILENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
