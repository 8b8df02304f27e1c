import socket

import pytest

from runtime.errors import PolyglotError
from stages.pretrain.engine import world


def test_a_port_in_use_is_one_sentence(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        place = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}
        for name, value in {**place, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(PolyglotError, match=f"127.0.0.1:{port}: the port is in use"), world():
            pass


def test_a_process_that_does_not_know_its_place_says_so(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(PolyglotError, match="RANK is not set"), world():
        pass
