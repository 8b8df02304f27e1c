"""A server on loopback that publishes files, and misbehaves as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Published:
    """The files of a server by their paths, and how it behaves."""

    files: dict[str, bytes]
    ranges: bool = True
    version: str | None = '"1"'  # the ETag
    heeds_if_range: bool = True
    length: bool = True  # whether Content-Length is said
    breaks: list[int] = field(default_factory=list)  # bytes of the next answers, then it hangs up
    codes: list[int] = field(default_factory=list)  # of the next answers
    location: str | None = None  # of a redirection
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and range
    address: str = ""


def _handler(published: Published) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            published.asked.append((self.path, wanted))
            content = published.files.get(self.path)
            if published.codes or content is None:
                self.send_response(published.codes.pop(0) if published.codes else 404)
                if published.location:
                    self.send_header("Location", published.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = self._start(self.headers) if wanted and published.ranges else 0
            if start and start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                span = f"bytes {start}-{len(content) - 1}/{len(content)}"
                self.send_header("Content-Range", span)
            if published.length:
                self.send_header("Content-Length", str(len(content) - start))
            if published.version:
                self.send_header("ETag", published.version)
            self.end_headers()
            body = content[start:]
            if published.breaks:
                body = body[: published.breaks.pop(0)]
            self.wfile.write(body)

        def _start(self, headers: Message) -> int:
            if published.heeds_if_range and headers["If-Range"] != published.version:
                return 0
            return int(headers["Range"].removeprefix("bytes=").removesuffix("-"))

        def log_message(self, *words: object) -> None:
            """Tests are quiet."""

    return Handler


@contextmanager
def publish(published: Published) -> Iterator[Published]:
    """Serve it on a port that is free; ``address`` says where."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(published))
    published.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield published
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
