import pytest

from flows import services
from flows.services import Settings
from runtime.errors import PolyglotError

PASSWORDS = {
    "MLFLOW_TRACKING_USERNAME": "reviewer",
    "MLFLOW_TRACKING_PASSWORD": "not-so-short-1",
    "PREFECT_API_AUTH_STRING": "operator:not-so-short-2",
}
STORES = {
    "MLFLOW_BACKEND_STORE_URI": "postgresql://polyglot:a-secret@db/mlflow",
    "PREFECT_API_DATABASE_CONNECTION_URL": "postgresql+asyncpg://polyglot:a-secret@db/prefect",
    "MLFLOW_ARTIFACTS_DESTINATION": "s3://bucket/mlflow",
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def settings(**environment: str) -> Settings:
    return services.settings(environment)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", ""])
def test_loopback_needs_no_password(host: str) -> None:
    found = settings(POLYGLOT_HOST=host)
    assert not found.locked
    assert "basic-auth" not in services.service("mlflow", found).command


def test_an_address_of_ipv6_is_told_in_brackets() -> None:
    assert settings(POLYGLOT_HOST="::1").mlflow_url == "http://[::1]:5000"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "login1.example.org"])
@pytest.mark.parametrize("missing", PASSWORDS)
def test_another_address_is_refused_without_all_passwords(host: str, missing: str) -> None:
    some = {name: value for name, value in PASSWORDS.items() if name != missing}
    with pytest.raises(PolyglotError, match=f"{missing} is not set: the services listen on"):
        settings(POLYGLOT_HOST=host, **some)
    assert settings(POLYGLOT_HOST=host, **PASSWORDS).locked


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("MLFLOW_TRACKING_PASSWORD", "eleven-long"),
        ("PREFECT_API_AUTH_STRING", "operator:eleven-long"),
        ("PREFECT_API_AUTH_STRING", "no-user-but-long"),
    ],
)
def test_a_short_password_is_refused_on_loopback_too(word: str, value: str) -> None:
    with pytest.raises(PolyglotError, match="at least 12 characters"):
        settings(**PASSWORDS | {word: value})


def test_one_password_alone_is_refused() -> None:
    with pytest.raises(PolyglotError, match="PREFECT_API_AUTH_STRING is not set"):
        settings(**{k: v for k, v in PASSWORDS.items() if k.startswith("MLFLOW")})


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    with pytest.raises(PolyglotError, match=r"POLYGLOT_MLFLOW_PORT is .* from 1 to 65535"):
        settings(POLYGLOT_MLFLOW_PORT=port)


@pytest.mark.parametrize("name", services.NAMES)
def test_no_command_holds_a_secret(name: str) -> None:
    words = " ".join(services.service(name, settings(**PASSWORDS, **STORES)).command)
    assert "not-so-short" not in words
    assert "a-secret" not in words


def test_what_is_set_reaches_the_services_under_its_own_name() -> None:
    found = settings(POLYGLOT_HOST="0.0.0.0", **PASSWORDS, **STORES)
    for name in services.NAMES:
        environment = services.service(name, found).environment
        assert {key: environment[key] for key in STORES} == STORES
    mlflow = services.service("mlflow", found)
    assert "--no-serve-artifacts" not in mlflow.command
    assert mlflow.environment["MLFLOW_AUTH_ADMIN_PASSWORD"] == "not-so-short-1"
    assert mlflow.health == "http://127.0.0.1:5000/health"


def test_a_worker_looks_for_the_server_where_clients_do() -> None:
    elsewhere = settings(PREFECT_API_URL="http://prefect:4200/api")
    health = "http://prefect:4200/api/work_pools/polyglot"
    assert services.service("worker", elsewhere).health == health
    assert services.service("prefect", elsewhere).health == "http://127.0.0.1:4200/api/health"


def test_a_server_of_this_machine_writes_where_runs_without_one_write() -> None:
    mlflow = services.service("mlflow", settings())
    assert "--no-serve-artifacts" in mlflow.command
    assert mlflow.environment["MLFLOW_BACKEND_STORE_URI"].endswith("/mlruns/mlflow.db")
