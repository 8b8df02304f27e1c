"""A released model goes to the hub with the hub's own client; the hub is one on loopback."""

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.push import push
from runtime import files
from runtime.errors import PolyglotError


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as an upload of small files asks for."""

    sent: dict[str, bytes]
    repository: dict

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/repos/create":
            type(self).repository = json.loads(body)
            answer = {"url": "http://127.0.0.1/me/ko"}
        elif self.path == "/api/validate-yaml":
            answer = {"errors": [], "warnings": []}
        elif "/me/closed/" in self.path:
            return self.refuse()
        elif "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            answer = {
                "files": [
                    {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                    for file in asked
                ]
            }
        elif "/commit/" in self.path:
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.sent[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            answer = {
                "success": True,
                "commitOid": "0" * 40,
                "commitUrl": "http://127.0.0.1/me/ko/commit/0",
            }
        else:
            return self.refuse()
        return self.reply(answer)

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/me/ko"):
            return self.reply({"id": "me/ko", "siblings": [], "sha": "0" * 40})
        return self.refuse()

    def reply(self, answer: dict) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    Hub.sent, Hub.repository = {}, {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    for name in ("huggingface_hub.constants.ENDPOINT", "huggingface_hub.hf_api.constants.ENDPOINT"):
        monkeypatch.setattr(name, endpoint)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        yield Hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def released(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    for name in ("config.json", "tokenizer.json", "kobest.json"):
        files.write_json(folder / name, {"file": name})
    files.write_text(folder / "README.md", "---\nlanguage:\n- ko\n---\n# Card\n")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def options(**changes: object) -> dict:
    return {"private": True, "revision": "main", "dry_run": False} | changes


@pytest.mark.service
def test_every_file_arrives_in_one_commit(released, hub, capsys):
    push(released, "me/ko", **options())
    assert hub.sent == {path.name: path.read_bytes() for path in released.iterdir()}
    assert hub.repository["visibility"] == "private"
    assert "Sent: http://127.0.0.1/me/ko/commit/0" in capsys.readouterr().out


@pytest.mark.service
def test_a_dry_run_shows_everything_and_sends_nothing(released, hub, capsys):
    push(released, "me/ko", **options(dry_run=True))
    shown = capsys.readouterr().out
    assert all(path.name in shown for path in released.iterdir())
    assert "Would go to me/ko (private), main. Nothing was sent." in shown
    assert hub.sent == {} and hub.repository == {}


@pytest.mark.service
def test_a_hub_that_refuses_is_one_sentence(released, hub):
    with pytest.raises(PolyglotError, match=r"The hub did not take .*release: .*404"):
        push(released, "me/closed", **options())


def test_a_name_that_the_hub_does_not_know(released):
    with pytest.raises(PolyglotError, match="is no name of the hub"):
        push(released, "a/b/c", **options())


@pytest.mark.parametrize("gone", ["README.md", "tokenizer.json", "model.safetensors"])
def test_only_a_whole_model_is_sent(released, gone):
    (released / gone).unlink()
    with pytest.raises(PolyglotError, match="only a whole model is sent"):
        push(released, "me/ko", **options(dry_run=True))


def test_nothing_that_could_run_code_is_sent(released):
    (released / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(PolyglotError, match=r"pytorch_model\.bin does not belong"):
        push(released, "me/ko", **options(dry_run=True))


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(PolyglotError, match="run the pipeline to the stage release first"):
        push(tmp_path / "none", "me/ko", **options())
