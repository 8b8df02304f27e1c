import pytest
import torch
from omegaconf import OmegaConf

from flows import profile
from runtime import params
from runtime.errors import PolyglotError
from stages.pretrain.model import build, configuration
from stages.pretrain.params import PretrainParams, check
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", ["smoke", "nsmc", "125m", "1.3b", "3.8b", "5.8b", "12.8b"])
def test_every_profile_composes(name):
    values = profile.composed(name)
    assert values.profile == name
    check(params.typed("pretrain", values.pretrain, PretrainParams))


@pytest.mark.parametrize(
    ("name", "parameters", "rotated", "tokens"),
    [
        ("125m", 131_258_880, 32, 10.5e9),
        ("1.3b", 1_331_810_304, 64, 213.9e9),
        ("3.8b", 3_809_974_272, 64, 220.2e9),
        ("5.8b", 5_885_059_072, 64, 167.8e9),
        ("12.8b", 12_893_603_840, 64, 157.8e9),
    ],
)
def test_the_family_has_its_published_sizes(name, parameters, rotated, tokens):
    values = profile.composed(name)
    what = params.typed("pretrain", values.pretrain, PretrainParams)
    with torch.device("meta"):
        model = build(configuration(what.model, values.tokenizer.vocab_size, 2), seed=0)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    assert model.get_input_embeddings().weight.shape == (30_080, what.model.hidden_size)
    assert model.gpt_neox.layers[0].attention.rotary_ndims == rotated
    assert what.steps * what.global_batch * what.model.context == pytest.approx(tokens, rel=2e-3)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("pretrain.stepz=3", "no parameter 'pretrain.stepz'"),
        ("corpsu.root=x", "no parameter 'corpsu.root'"),
        ("pretrain.steps=many", "pretrain.steps"),
        ("profile=nsmc", "choose a profile with --profile"),
        ("pretrain.steps", "not of the form key=value"),
        ("corpus.sources=[nsmc", "not valid YAML"),
        ("tokenize.epochs.nsmc=often", "tokenize.epochs.nsmc"),
        ("tokenize.epochs.nsmc.x=2", "tokenize.epochs.nsmc is {'x': 2}: give 0 or more"),
        ("tokenize.epochs=2", "tokenize.epochs"),
        ("tokenize.epochs.nsmc=-1", "tokenize.epochs.nsmc is -1.0: give 0 or more"),
        ("tokenize.epochs.nsmk=2", "the source 'nsmk', which the corpus lacks"),
        ("dedup.decontamination.data=x", "set evaluate.data alone"),
        ("tokenize.epoch.nsmc=2", "no parameter 'tokenize.epoch.nsmc'"),
    ],
)
def test_a_wrong_override_is_one_sentence(override, words):
    with pytest.raises(PolyglotError) as raised:
        profile.composed("smoke", [override])
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_misspelt_key_in_a_profile_is_refused(tmp_path, monkeypatch):
    import shutil

    shutil.copytree("conf", tmp_path / "conf")
    with (tmp_path / "conf/profile/smoke.yaml").open("a", encoding="utf-8") as file:
        file.write("evalaute: {shots: [0]}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolyglotError, match="evalaute"):
        profile.composed("smoke")


def test_an_unknown_profile_names_the_known():
    with pytest.raises(PolyglotError, match=r"known are: 1\.3b, 12\.8b"):
        profile.composed("2.7b")


def test_overrides_stay_in_force_and_later_ones_win(tmp_path, monkeypatch):
    path = tmp_path / "params.yaml"
    profile.use(profile.composed("smoke", ["pretrain.steps=7", "corpus.root=/한글/x"]), path)
    values = params.read(path)
    monkeypatch.setattr(params, "read", lambda: values)
    again = profile.current(["pretrain.steps=9"])
    assert (again.pretrain.steps, again.gates.tokens.steps) == (9, 9)
    assert again.corpus.root == "/한글/x"


@pytest.mark.parametrize(
    ("overrides", "epochs"),
    [
        ([], {}),
        (["tokenize.epochs={nsmc: 2}"], {"nsmc": 2}),
        (["tokenize.epochs.nsmc=2", "tokenize.epochs.modu=0.5"], {"nsmc": 2, "modu": 0.5}),
        (["tokenize.epochs.nsmc=2", "tokenize.epochs={modu: 3}"], {"modu": 3}),
        (["tokenize.epochs={nsmc: 2}", "tokenize.epochs.nsmc=3"], {"nsmc": 3}),
        (["tokenize.epochs={nsmc: 2}", "tokenize.epochs={}"], {}),
    ],
)
def test_sources_become_keys_of_epochs(overrides, epochs):
    assert profile.composed("smoke", overrides).tokenize.epochs == epochs


def test_a_mapping_given_anew_wins_over_its_keys_given_before(tmp_path, monkeypatch):
    path = tmp_path / "params.yaml"
    words = ["tokenize.epochs={nsmc: 2}", "tokenize.epochs.modu=3"]
    profile.use(profile.composed("smoke", words), path)
    values = params.read(path)
    monkeypatch.setattr(params, "read", lambda: values)
    assert profile.current(["tokenize.epochs={blog: 0.5}"]).tokenize.epochs == {"blog": 0.5}


def test_params_yaml_is_the_smoke_profile_as_composed():
    composed = OmegaConf.to_container(profile.composed("smoke"), resolve=True)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    if "\nprofile: smoke\noverrides: []\n" not in f"\n{text}":
        pytest.skip("params.yaml holds another profile")
    assert OmegaConf.to_container(OmegaConf.create(text)) == composed
