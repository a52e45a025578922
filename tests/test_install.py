"""From an empty environment, as a user has it: the size of the core, a packaged model, spaCy alone.

Needs the package index (or HYBRID_NER_WHEELS, a folder of wheels). Run by ``.ci/slow``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.training.package import About, package_model

ROOT = Path(__file__).parent.parent
CORE_MB = 400
SECRET = "Mrs Johannsen of Quickborn takes Zestril."
pytestmark = pytest.mark.slow


def _run(*command: object) -> str:
    # Not from the repository, whose package would be found before the installed one.
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, cwd="/", timeout=900)
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-1000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


def _environment(folder: Path, *wanted: object) -> Path:
    """A fresh environment with these installed; its Python."""
    _run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    wheels = os.environ.get("HYBRID_NER_WHEELS")
    where = ("--no-index", "--find-links", wheels) if wheels else ()
    try:
        _run(python, "-m", "pip", "install", "-q", *where, *wanted)
    except AssertionError as error:
        if "HYBRID_NER_REQUIRE_SERVICES" in os.environ or "No matching distribution" not in str(error):
            raise
        pytest.skip("there is no package index")
    return python


def _megabytes(python: Path) -> int:
    code = (
        "import pathlib, sysconfig\n"
        "place = pathlib.Path(sysconfig.get_paths()['purelib'])\n"
        "print(sum(f.stat().st_size for f in place.rglob('*') if f.is_file() and 'pip' not in f.parts))"
    )
    return int(_run(python, "-c", code)) // 1_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This package, built without asking the index."""
    out = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", out, ROOT)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "model"
    terms = [Term("Zestril", "Drug", "RX:29046", file="drugs.csv", row=2), Term("heart failure", "Problem")]
    nlp = rule_pipeline(Gazetteer.of(terms))
    nlp(SECRET)
    save(nlp, folder)
    return folder


def _holds_no_text(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        whole = b"\n".join(map(archive.read, archive.namelist()))
    assert b"Johannsen" not in whole
    assert b"Quickborn" not in whole


def test_core_is_light_and_runs_a_packaged_model(wheel: Path, model: Path, tmp_path: Path) -> None:
    made = package_model(model, tmp_path / "dist", About("drugs"))
    _holds_no_text(made.wheel)
    python = _environment(tmp_path / "core", wheel, made.wheel)
    assert _megabytes(python) <= CORE_MB
    code = (
        "import spacy; doc = spacy.load('en_drugs')('Zestril for heart failures (HF). HF is better.')\n"
        "print([(e.text, e.label_, e.kb_id_) for e in doc.ents], len(doc.spans['rule']))"
    )
    assert _run(python, "-c", code).strip() == (
        "[('Zestril', 'Drug', 'RX:29046'), ('heart failures', 'Problem', ''), ('HF', 'Problem', ''), "
        "('HF', 'Problem', '')] 4"
    )
    command = python.with_name("hybrid-ner")
    said = _run(command, "gazetteer", "match", "medical/common_names", "--text", "Nothing.")
    assert "error" not in said
    ran = subprocess.run([command, "app"], capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "pip install 'hybrid-ner[app]'" in ran.stderr or "pip install 'hybrid-ner[review]'" in ran.stderr


def test_plain_model_opens_where_there_is_spacy_alone(model: Path, tmp_path: Path) -> None:
    made = package_model(model, tmp_path / "dist", About("drugs_plain"), plain=True, compare_on=[SECRET])
    _holds_no_text(made.wheel)
    python = _environment(tmp_path / "plain", made.wheel)
    code = (
        "import importlib.util, spacy; assert importlib.util.find_spec('hybrid_ner') is None\n"
        "doc = spacy.load('en_drugs_plain')('ZESTRIL for heart failures.')\n"
        "print([(e.text, e.label_, e.ent_id_) for e in doc.ents])"
    )
    assert (
        _run(python, "-c", code).strip()
        == "[('ZESTRIL', 'Drug', 'RX:29046'), ('heart failures', 'Problem', '')]"
    )
