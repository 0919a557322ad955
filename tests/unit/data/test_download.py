"""A published file comes from a mirror or the network, and only its registered bytes get in."""

import gzip
import hashlib
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from netphase.data import download
from netphase.errors import InputError

CONTENT = bytes(range(256)) * 4096
NAME = "images.bin"


@pytest.fixture
def serve():
    """Start a server that answers request n as word n says, and later ones as the last word."""
    servers = []

    def start(*words: str) -> download.Published:
        answers = list(words)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                word = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(404 if word == "missing" else 200)
                self.send_header("Content-Length", str(len(CONTENT)))
                self.end_headers()
                if word == "whole":
                    self.wfile.write(CONTENT)
                elif word == "wrong":
                    self.wfile.write(bytes(len(CONTENT)))
                elif word == "truncated":
                    self.wfile.write(CONTENT[:-1])
                elif word == "slow":
                    for start in range(0, len(CONTENT), 1 << 16):
                        self.wfile.write(CONTENT[start : start + (1 << 16)])
                        over.wait(0.05)
                elif word == "silent":
                    self.wfile.write(CONTENT[: len(CONTENT) // 2])
                    over.wait()
                elif word == "trickling":
                    while not over.wait(0.02):
                        self.wfile.write(b"x")

            def log_message(self, *_):
                pass

        over = threading.Event()
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        servers.append((server, over))
        return published(server.server_port)

    yield start
    for server, over in servers:
        over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def nowhere() -> download.Published:
    """A file behind a port that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return published(port)


def published(port: int) -> download.Published:
    url = f"http://127.0.0.1:{port}/files/{NAME}"
    return download.Published(NAME, url, hashlib.sha256(CONTENT).hexdigest())


def refusal(file: download.Published, mirror: Path, downloads: Path) -> str:
    """The refusal's one line, which names data set and file, never the host; no file stays."""
    with pytest.raises(InputError) as caught:
        download.find("some_set", file, [mirror], downloads)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("datasets.some_set: ") and file.name in message
    assert "127.0.0.1" not in message
    assert not [path for path in downloads.rglob("*") if path.is_file()]
    return message


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("sub", ["", "some_set", "some-set"])
def test_mirror_is_taken_before_the_network(tmp_path, nowhere, sub):
    place = put(tmp_path / "second" / sub / NAME, CONTENT)
    folders = [tmp_path / "first", tmp_path / "second"]
    assert download.find("some_set", nowhere, folders, tmp_path / "downloads") == place


def test_own_sub_folder_wins_over_a_namesake_of_another_data_set(tmp_path, nowhere):
    put(tmp_path / NAME, b"of another data set")
    place = put(tmp_path / "some_set" / NAME, CONTENT)
    assert download.find("some_set", nowhere, [tmp_path], tmp_path / "downloads") == place


def test_wrong_bytes_in_a_mirror_are_refused_even_if_the_network_has_the_right_ones(
    tmp_path, serve
):
    place = put(tmp_path / "mirror" / NAME, CONTENT[:-1])
    file = serve("whole")
    message = refusal(file, tmp_path / "mirror", tmp_path / "downloads")
    for part in (str(place), file.sha256, hashlib.sha256(CONTENT[:-1]).hexdigest()):
        assert part in message


@pytest.mark.parametrize("name", download.REPACKED)
def test_stripped_gzip_header_is_restored_and_every_other_change_refused(tmp_path, name):
    packed = put(tmp_path / "packed", b"")
    with (
        packed.open("wb") as stream,
        gzip.GzipFile(name.removesuffix(".gz"), "wb", 9, stream, download.REPACKED[name]) as out,
    ):
        out.write(CONTENT)
    whole = packed.read_bytes()
    body = whole[10 + len(name.removesuffix(".gz")) + 1 :]
    stripped = whole[:3] + b"\0" + b"\1\2\3\4" + whole[8:10] + body
    file = download.Published(name, "", hashlib.sha256(whole).hexdigest())

    assert gzip.decompress(stripped) == CONTENT
    place = put(tmp_path / "mirror" / name, stripped)
    assert download.find("some_set", file, [tmp_path / "mirror"], tmp_path) == place

    put(place, stripped[:-1] + bytes([stripped[-1] ^ 1]))
    refusal(file, tmp_path / "mirror", tmp_path / "downloads")


def test_fetched_once_with_its_progress_logged(tmp_path, serve, nowhere, caplog):
    logger = pooch.get_logger()
    logger.addHandler(caplog.handler)
    try:
        place = download.find("some_set", serve("whole"), [tmp_path], tmp_path / "downloads")
    finally:
        logger.removeHandler(caplog.handler)
    assert place == tmp_path / "downloads" / "some_set" / NAME
    assert place.read_bytes() == CONTENT
    percent = re.findall(rf"{NAME}: (\d+) % of {len(CONTENT)} bytes", caplog.text)
    assert [int(p) // 10 for p in percent] == list(range(1, 11))
    assert download.find("some_set", nowhere, [tmp_path], tmp_path / "downloads") == place


def test_kept_download_is_hashed_again(tmp_path, serve):
    place = put(tmp_path / "downloads" / "some_set" / NAME, CONTENT[1:])
    assert download.find("some_set", serve("whole"), [], tmp_path / "downloads") == place
    assert place.read_bytes() == CONTENT


def test_third_attempt_succeeds(tmp_path, serve):
    file = serve("truncated", "wrong", "whole")
    assert download.find("some_set", file, [], tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("word", "reason"),
    [("truncated", "ChunkedEncodingError"), ("wrong", "sha256"), ("missing", "answers 404")],
)
def test_what_is_not_the_file_is_refused(tmp_path, serve, monkeypatch, word, reason):
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    assert reason in refusal(serve(word), tmp_path / "mirror", tmp_path / "downloads")


@pytest.mark.parametrize("word", ["silent", "trickling"])
def test_silence_ends_all_attempts(tmp_path, serve, monkeypatch, word):
    monkeypatch.setattr(download, "SILENCE", 0.3)
    began = time.monotonic()
    message = refusal(serve(word), tmp_path / "mirror", tmp_path / "downloads")
    assert "no data for 0.3 s" in message
    assert time.monotonic() - began < 3


def test_slow_is_not_silent(tmp_path, serve, monkeypatch):
    monkeypatch.setattr(download, "SILENCE", 0.3)
    began = time.monotonic()
    assert download.find("some_set", serve("slow"), [], tmp_path).read_bytes() == CONTENT
    assert time.monotonic() - began > 2 * download.SILENCE


def test_no_network_is_refused_within_half_a_minute(tmp_path, nowhere):
    began = time.monotonic()
    message = refusal(nowhere, tmp_path / "mirror", tmp_path / "downloads")
    assert time.monotonic() - began < 30
    for part in ("ConnectionError", str(tmp_path / "mirror"), "mirror", "NETPHASE_MIRROR"):
        assert part in message
