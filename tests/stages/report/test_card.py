"""The model card, and the folder to give away."""

from pathlib import Path

import pytest
import yaml

from runtime import files, paths
from runtime.errors import PolyglotError
from stages.report import card
from stages.report.release import release
from tests.stages.report import conftest as run


def text() -> str:
    return card.text(card.read())


def front(of: str) -> dict:
    return yaml.safe_load(of.split("---\n")[1])


def test_every_figure_is_the_runs(released: Path) -> None:
    found = text()
    for cell in (
        "| 5,243,136 |",
        "| 8,000 / 8,064 |",
        "| 32 of 64 |",
        "| nsmc | 107,000 | 9.0 MB | 2,247,000 |",
        "`<|tell|>` (id 7999): phone numbers",
        "400 steps of 32 sequences of 256 tokens",
        "2 × cpu",
        "| Last validation loss | 4.2061 |",
        "| Weights | bfloat16 |",
    ):
        assert cell in " ".join(found.split("\n")), cell


def test_scores_stand_beside_the_published_ones_with_their_interval(released: Path) -> None:
    found = text()
    assert "### COPA (F1)" in found
    assert (
        "[EleutherAI/polyglot-ko-12.8b](https://huggingface.co/EleutherAI/polyglot-ko-12.8b)"
        in (found)
    )
    assert "| **this model** | **5.2M** | **0.5057 [0.475, 0.537]** |" in found
    assert "| **this model, normalised** |" in found
    assert "300 of 9,122 prompts were longer than the model's context" in found
    assert "Every answer was the same in BoolQ at 0 shots, BoolQ at 5 shots" in found
    index = front(found)["model-index"][0]["results"]
    assert len(index) == 10
    assert index[0]["metrics"][0] == {
        "type": "f1",
        "name": "macro F1, 0-shot",
        "value": 0.5057,
    }


@pytest.mark.parametrize(
    ("data", "examples", "prompts", "says"),
    [
        ("data/sample/kobest", 100, "polyglot", "These are not KOBEST scores"),
        ("kobest_v1", 50, "polyglot", "not comparable with published scores"),
        ("kobest_v1", None, "stock", "the prompts that lm-eval ships"),
    ],
)
def test_what_cannot_be_compared_stands_alone(
    released: Path, data: str, examples: int | None, prompts: str, says: str
) -> None:
    sizes = dict.fromkeys(run.KOBEST_TEST, examples) if examples else run.KOBEST_TEST
    run.write_scores(data, sizes, prompts)
    found = text()
    assert says in found
    assert "polyglot-ko-12.8b" not in found
    assert "| **this model** |" in found
    assert "model-index" not in front(found)


def test_a_small_model_is_called_small(released: Path) -> None:
    assert "This is not a 1.3B model" in text()
    metrics = files.read_json(paths.PRETRAIN / "metrics.json")
    parameters = card.REFERENCE_PARAMETERS
    files.write_json(paths.PRETRAIN / "metrics.json", metrics | {"parameters": parameters})
    assert "This is not a 1.3B model" not in text()


def test_made_up_text_is_called_so(released: Path) -> None:
    assert "made up" not in text()
    files.write_text(paths.PARAMS, run.PARAMS.replace("root: raw", "root: data/sample/raw"))
    assert "**All of this text is made up**" in text()


def test_the_hub_reads_its_front_matter(released: Path) -> None:
    about = front(text())
    assert about["language"] == ["ko"] and about["license"] == "apache-2.0"
    assert about["pipeline_tag"] == "text-generation"


def test_the_released_folder_is_the_model_with_card_and_scores(released: Path) -> None:
    files.write_text(paths.MODEL / "model.safetensors", "weights")
    for _ in range(2):
        release(paths.MODEL, paths.RELEASE)
    assert {path.name for path in paths.RELEASE.iterdir()} == {
        *("config.json", "model.safetensors", "README.md", "kobest.json"),
    }
    assert (paths.RELEASE / "README.md").read_text(encoding="utf-8") == text()
    assert files.read_json(paths.RELEASE / "kobest.json") == files.read_json(
        paths.EVALUATE / "results.json"
    )
    weights = [folder / "model.safetensors" for folder in (paths.MODEL, paths.RELEASE)]
    assert weights[0].samefile(weights[1])


def test_without_a_model_nothing_is_released(released: Path) -> None:
    with pytest.raises(PolyglotError, match="run the stage export first"):
        release(Path("nowhere"), paths.RELEASE)
    assert not paths.RELEASE.exists()


@pytest.mark.parametrize(
    ("count", "says"), [(0, "0 bytes"), (999, "999 bytes"), (863e9, "863.0 GB")]
)
def test_sizes_are_for_people(count: float, says: str) -> None:
    assert card.size(count) == says
