from runtime.ledger import Ledger


def filled() -> Ledger:
    ledger = Ledger("clean")
    for _ in range(3):
        ledger.take("nsmc", 10)
    ledger.keep("nsmc", 8)
    ledger.drop("nsmc", "too_short", 10)
    ledger.quarantine("nsmc", "broken_utf8", 10)
    ledger.count("nsmc", "phone", 2)
    ledger.take("blog", 5)
    ledger.keep("blog", 5)
    return ledger


def test_the_layout() -> None:
    json = filled().json()
    assert json["stage"] == "clean"
    assert list(json["sources"]) == ["blog", "nsmc"]
    assert json["total"] == {
        "in": {"documents": 4, "bytes": 35},
        "out": {"documents": 2, "bytes": 13},
        "dropped": {"too_short": {"documents": 1, "bytes": 10}},
        "quarantined": {"broken_utf8": {"documents": 1, "bytes": 10}},
        "extra": {"phone": 2},
    }


def test_parts_add_up() -> None:
    part = filled().json()
    merged = Ledger.merged("clean", [part, part])
    assert merged.json()["sources"]["nsmc"]["in"] == {"documents": 6, "bytes": 60}
    assert merged.json()["total"]["extra"] == {"phone": 4}
    assert Ledger.merged("clean", [part]).json() == part
