"""The data of the interactive figures, and how they get into the sources of the site."""

import json
import math
import re

import pytest

from fourmasks.book import interactive
from fourmasks.book import site as book_site
from fourmasks.book.built import browser
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder, project_root

PAGES = {"masks": "mmf", "distance": "pia", "digits": "lunet", "supports": "sparse"}
LARGEST = 20_000  # bytes of one file


@pytest.fixture(scope="module")
def data():
    return interactive.data()


def committed(experiment):
    return load_records(experiment, data_folder() / "records")


def test_every_widget_has_its_files_and_its_place_on_a_page():
    assert PAGES.keys() == set(interactive.WIDGETS)
    for name, paper in PAGES.items():
        text = (project_root() / "book" / paper / "theory.md").read_text(encoding="utf-8")
        (figure,) = re.findall(rf'<figure [^>]*data-widget="{name}".*?</figure>', text, re.DOTALL)
        (alt,) = re.findall(r'<img src="../../_static/interactive-\w+\.svg" alt="([^"]+)">', figure)
        (caption,) = re.findall(r"<figcaption>(.*)</figcaption>", figure)
        assert len(alt) > 100 and len(caption) > 100
        sources = re.findall(r'<script src="([^"]+)" defer>', text)
        files = ("interactive.js", "interactive-data.js", f"interactive-{name}.js")
        assert sources == [f"../../_static/{file}" for file in files]
        assert (project_root() / interactive.STATIC / f"interactive-{name}.svg").is_file()


def test_the_files_are_small_and_load_nothing():
    for path in (project_root() / interactive.STATIC).glob("interactive*"):
        text = path.read_text(encoding="utf-8")
        assert len(text) < LARGEST, path
        assert re.findall(r"https?://[^\s\"`]+", text) in ([], ["http://www.w3.org/2000/svg"]), path
        assert not re.search(r"\b(?:fetch|XMLHttpRequest|import|eval)\b *\(", text), path


def test_distances_are_those_of_the_records(data):
    found = {each["name"]: each for each in data["distance"]}
    records = committed("pia/theory")
    assert len(found) == len({(r.parameters["dataset"], r.parameters["method"]) for r in records}) > 0
    assert sum(each["seeds"] for each in found.values()) == len(records)
    own = [r for r in records if (r.parameters["dataset"], r.parameters["method"]) == ("ml-1m", "multi-vae")]
    each = found["ml-1m, multi-vae"]
    expected = [
        sum(r.curves["w1_low"][k] / r.curves["w1_low"][-1] for r in own) / len(own)
        for k in range(len(each["keep"]))
    ]
    assert own[0].curves["keep"] == each["keep"]
    assert each["ratio"] == pytest.approx(expected, rel=1e-3)
    drifts = [
        r.metrics["drift"]
        for r in committed("pia/latent")
        if (r.parameters["dataset"], r.parameters["method"]) == ("ml-1m", "multi-vae")
    ]
    assert each["drift"] == pytest.approx(sum(drifts) / len(drifts), rel=1e-3)


def test_what_the_caption_says_of_trained_encoders(data):
    for each in data["distance"]:
        assert each["ratio"] == sorted(each["ratio"], reverse=True), each["name"]
        assert each["ratio"][-1] == 1


def test_digits_are_those_of_the_records(data):
    points = {(p["log10_condition"], p["float32"], p["float64"]) for p in data["digits"]["trained"]}
    records = [r for name in ("lunet/ratings", "lunet/sweeps") for r in committed(name)]
    names = ("log10_condition", "reconstruction_error_float32", "reconstruction_error_float64")
    expected = {
        tuple(float(f"{r.metrics[name]:.4g}") for name in names) for r in records if names[0] in r.metrics
    }
    assert points == expected and points
    layers = [len(r.curves["dimension"]) for r in committed("lunet/rounding")]
    assert len(data["digits"]["layers"]) == sum(layers)


@pytest.mark.parametrize(("precision", "epsilon"), [("float32", 2**-23), ("float64", 2**-52)])
def test_what_the_caption_says_of_digits(data, precision, epsilon):
    found = {
        group: [(p["log10_condition"], math.log10(p[precision] / epsilon)) for p in points]
        for group, points in data["digits"].items()
    }
    all_digits = -math.log10(epsilon)
    far = [min(lost, all_digits) / condition for condition, lost in found["trained"] if condition > 3]
    inner = sorted(far)[len(far) // 10 : -len(far) // 10]
    assert 0.25 < inner[0] and inner[-1] < 0.55
    assert all(lost < 1 for _, lost in found["layers"])
    assert sum(lost > condition for condition, lost in found["untrained"]) > len(found["untrained"]) / 2
    gone = [lost for condition, lost in found["trained"] if condition > 15 and lost > 6]
    assert gone
    if precision == "float64":
        assert all(0.35 < 1 - lost / all_digits < 0.65 for lost in gone)
    else:
        assert max(gone) > all_digits


def test_the_script_gives_the_data(data):
    start, text = interactive.script(data).split(" = ", 1)
    assert start == "fourmasks.data" and json.loads(text.rstrip(";\n")) == data


def test_staging_writes_the_data_once(tmp_path, monkeypatch):
    assert book_site.interactive is interactive
    made = []
    monkeypatch.setattr(interactive, "write_whole", lambda path, content: made.append(path))
    assert interactive.stage_data(tmp_path) == {interactive.DATA}
    (path,) = made
    assert path == tmp_path / "book/_static/interactive-data.js"
    path.parent.mkdir(parents=True)
    path.write_text(interactive.script(interactive.data()))
    interactive.stage_data(tmp_path)
    assert made == [path]


def test_sources_without_widgets_get_no_data(project, tmp_path):
    assert interactive.stage_data(tmp_path / "stage") == set()
    assert not (tmp_path / "stage").exists()


def test_a_machine_without_a_browser_is_told(monkeypatch):
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="chromium"):
        interactive.draw()
