"""A model as a wheel: what is in it, what its card says, and what must not be in it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.errors import InputError
from hybrid_ner.pipeline import note_learned, rule_pipeline, save
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.shipped import load_shipped, origin_of
from hybrid_ner.text import content_hash
from hybrid_ner.training.package import About, _forget_paths, keep_facts, package_model
from tests.fresh import fresh

TERMS = Gazetteer.of(
    [
        Term("aspirin", "Chemical", "MESH:D1", file="drugs.csv", row=2),
        Term("headache", "Disease", file="b.csv"),
    ]
)
SECRET = "Mrs Johannsen of Quickborn took aspirin."
SCORE = {"precision": 0.9, "recall": 0.8, "f1": 0.85, "f1_interval": {"low": 0.8, "high": 0.9}}
SCORES = {"systems": {"hybrid": {"documents": 7, "micro": SCORE, "per_label": {"Chemical": SCORE}}}}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    nlp = rule_pipeline(TERMS)
    nlp(SECRET)
    nlp.config["hybrid"] = {"domain": "generic", "gazetteer_fingerprint": TERMS.fingerprint}
    note_learned(nlp, [content_hash(SECRET)])
    save(nlp, tmp_path / "model")
    return tmp_path / "model"


def _members(wheel: Path) -> dict[str, bytes]:
    """Every file of a wheel, unpacked where it is packed."""
    with zipfile.ZipFile(wheel) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    return {name: gzip.decompress(data) if name.endswith(".gz") else data for name, data in found.items()}


def _ran(code: str, *folders: Path) -> str:
    ran = fresh("-c", code, path=folders)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


def _unpacked(wheel: Path, folder: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_wheel_opens_by_its_name(model: Path, tmp_path: Path) -> None:
    made = package_model(model, tmp_path / "dist", About("drugs", "1.2.0"))
    assert made.wheel.name == "en_drugs-1.2.0-py3-none-any.whl"
    site = _unpacked(made.wheel, tmp_path / "site")
    out = _ran("import spacy; print([e.text for e in spacy.load('en_drugs')('Aspirin now.').ents])", site)
    assert out.strip() == "['Aspirin']"


def test_wheel_holds_no_text_and_no_path(model: Path, tmp_path: Path) -> None:
    (model / "work").mkdir()
    (model / "work" / "notes.txt").write_text(SECRET)
    (model / "forgotten.jsonl").write_text(json.dumps({"text": SECRET}))
    keep_facts(model, scores=SCORES, gold={"name": "gold.jsonl", "documents": 7, "fingerprint": "abcd" * 16})
    wheel = package_model(model, tmp_path / "dist", About("drugs")).wheel
    files = _members(wheel)
    learned = content_hash(SECRET)[:16].encode()
    assert learned in (model / "meta.json").read_bytes()
    for secret in (b"Johannsen", b"Quickborn", str(tmp_path).encode(), learned):
        assert secret not in b"\n".join(files.values()), secret
    assert sum("/terms." in name for name in files) == 1


def test_requirements_have_ranges(model: Path, tmp_path: Path) -> None:
    made = package_model(model, tmp_path / "dist", About("drugs"))
    assert set(made.requirements) == {
        "hybrid-ner>=0.1.0,<0.2",
        f"spacy{spacy.load(model).meta['spacy_version']}",
    }
    metadata = _members(made.wheel)["en_drugs-0.1.0.dist-info/METADATA"].decode()
    assert "Requires-Dist: hybrid-ner<0.2,>=0.1.0" in metadata


def test_card_says_scores_lists_and_review(model: Path, tmp_path: Path) -> None:
    keep_facts(model, scores=SCORES, gold={"name": "gold.jsonl", "documents": 7, "fingerprint": "abcd" * 16})
    about = About(
        "drugs", license="CC0", reviewed="two pharmacists", lists={"drugs.csv": "RxNorm 2026-10, UMLS"}
    )
    made = package_model(model, tmp_path / "dist", about)
    files = _members(made.wheel)
    card = files["en_drugs/README.md"].decode()
    assert "Strict, on gold.jsonl (7 documents, fingerprint abcdabcdabcdabcd)." in card
    assert "| hybrid | 90.0 | 80.0 | 85.0 | 80.0 to 90.0 |" in card
    assert "It has learned from" not in card
    assert "| drugs.csv | 1 | RxNorm 2026-10 | UMLS |" in card
    assert "| b.csv | 1 | a list of one's own | not stated |" in card
    assert "- how: two pharmacists" in card
    assert f"- gazetteer fingerprint: {TERMS.fingerprint}" in card
    meta = json.loads(files["en_drugs/meta.json"])
    assert (meta["license"], meta["performance"]["ents_f"]) == ("CC0", 0.85)
    assert card in files["en_drugs-0.1.0.dist-info/METADATA"].decode()


def test_card_tells_of_scores_on_what_was_learned_from(model: Path, tmp_path: Path) -> None:
    hybrid = {**SCORES["systems"]["hybrid"], "learned_from": 5}
    made = package_model(model, tmp_path / "dist", About("drugs"), scores={"systems": {"found": hybrid}})
    card = _members(made.wheel)["en_drugs/README.md"].decode()
    assert "It has learned from 5 of these, so they say nothing of other text." in card


def test_model_of_a_project_brings_its_record(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "r2"
    folder.mkdir(parents=True)
    model.rename(folder / "model")
    record = {"model": "r2", "reviewed_documents": 12, "overlay_edits": 3, "gold_documents": 4}
    (folder / "meta.json").write_text(json.dumps({**record, "gold_fingerprint": "g" * 64}))
    (folder / "scores.json").write_text(json.dumps(SCORES))
    made = package_model(folder, tmp_path / "dist", About("drugs"))
    assert made.facts["reviewed"] == {
        "documents": 12,
        "edits of the lists": 3,
        "model of the project": "r2, ",
    }
    assert "gold of the review project (7 documents)" in _members(made.wheel)["en_drugs/README.md"].decode()


def test_source_from_a_file_travels_with_it(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "room_source.py").write_text(
        "import re\nfrom hybrid_ner import labeling_source\n\n\n"
        '@labeling_source("rooms", label="Room")\ndef rooms(text: str):\n'
        '    return re.finditer(r"room \\d+", text)\n'
    )
    _ran(
        f"""
from pathlib import Path
from hybrid_ner import Gazetteer, Term, load_plugin, rule_pipeline, save
from hybrid_ner.text import content_hash
from hybrid_ner.training.package import About, package_model
load_plugin({str(tmp_path / "own" / "room_source.py")!r})
here = Path({str(tmp_path)!r})
save(rule_pipeline(Gazetteer.of([Term("bed", "Thing")]), sources=["rooms"]), here / "model")
package_model(here / "model", here / "dist", About("rooms"))
"""
    )
    (tmp_path / "own" / "room_source.py").unlink()
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert str(tmp_path).encode() not in b"\n".join(_members(wheel).values())
    site = _unpacked(wheel, tmp_path / "site")
    out = _ran(
        "import spacy; print([e.label_ for e in spacy.load('en_rooms')('A bed in room 12.').ents])", site
    )
    assert out.strip() == "['Thing', 'Room']"


def test_source_of_a_script_is_refused(tmp_path: Path) -> None:
    code = f"""
import re
from pathlib import Path
from hybrid_ner import Gazetteer, Term, HybridNerError, labeling_source, rule_pipeline, save
from hybrid_ner.text import content_hash
from hybrid_ner.training.package import About, package_model
@labeling_source("own", label="X")
def own(text: str):
    return re.finditer("x", text)
here = Path({str(tmp_path)!r})
save(rule_pipeline(Gazetteer.of([Term("bed", "Thing")]), sources=[own]), here / "model")
try:
    package_model(here / "model", here / "dist", About("rooms"))
except HybridNerError as error:
    print(error)
"""
    (tmp_path / "script.py").write_text(code)
    ran = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True)
    assert "Move it to a file of its own" in ran.stdout, ran.stderr[-2000:]


def test_own_pipeline_with_hybrid_rules_names_no_folder(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "drugs.csv").write_text("term,label\nZestril,Drug\n")
    nlp = spacy.blank("en")
    nlp.add_pipe("hybrid_rules", config={"terms": str(tmp_path / "lists" / "drugs.csv")})
    nlp.to_disk(tmp_path / "model")
    made = package_model(tmp_path / "model", tmp_path / "dist", About("drugs"))
    assert made.facts["lists"][0]["file"] == "drugs.csv"
    assert str(tmp_path).encode() not in b"\n".join(_members(made.wheel).values())
    site = _unpacked(made.wheel, tmp_path / "site")
    assert _ran("import spacy; print(spacy.load('en_drugs')('Zestril').ents)", site).strip() == "(Zestril,)"


def test_of_paths_in_settings_only_the_names_are_left() -> None:
    settings = {"ner": {"model": {"name": "/home/me/minilm", "width": 96}, "factory": "scored_ner"}}
    _forget_paths(settings)
    assert settings == {"ner": {"model": {"name": "minilm", "width": 96}, "factory": "scored_ner"}}


def test_plain_wheel_needs_spacy_alone(model: Path, tmp_path: Path) -> None:
    made = package_model(model, tmp_path / "dist", About("drugs"), plain=True, compare_on=[SECRET, "Ache"])
    assert [each.split(">")[0] for each in made.requirements] == ["spacy"]
    assert made.facts["lost"][0].startswith("in 2 documents it finds 1 of the 1 entities")
    files = _members(made.wheel)
    assert b"Johannsen" not in b"\n".join(files.values())
    patterns = files["en_drugs/en_drugs-0.1.0/terms/patterns.jsonl"].decode().splitlines()
    assert {json.loads(line)["pattern"] for line in patterns} >= {"aspirin", "headache", "headaches"}
    assert b"hybrid_ner" not in files["en_drugs/en_drugs-0.1.0/config.cfg"]
    site = _unpacked(made.wheel, tmp_path / "site")
    code = "import spacy; ent = spacy.load('en_drugs')('Aspirin-induced').ents[0]; print(ent, ent.ent_id_)"
    assert _ran(code, site).strip() == "Aspirin MESH:D1"


@pytest.mark.parametrize(
    "about",
    [About("Drugs"), About("a-b"), About("9"), About("drugs", "one"), About("drugs", lists={"x": "y"})],
)
def test_what_pip_would_refuse_is_refused_first(model: Path, tmp_path: Path, about: About) -> None:
    with pytest.raises(InputError):
        package_model(model, tmp_path / "dist", about)


def test_shipped_lists_have_origin_and_licence() -> None:
    for domain in ("legal", "geography"):
        missing = {
            term.file
            for term in load_shipped(domain, parents=False)
            if term.row == 2 and not origin_of(domain, term)[1]
        }
        assert not missing
    first = next(iter(load_shipped("medical", ["common_names"], parents=False)))
    assert origin_of("medical", first)[1] == "MIT, as the project"
    own = Term("mine", "Chemical", file=first.file, row=2)
    assert origin_of("medical", own) == ("", "")


def test_command(model: Path, tmp_path: Path) -> None:
    (tmp_path / "texts.jsonl").write_text(json.dumps({"id": "1", "text": SECRET}) + "\n")
    (tmp_path / "scores.json").write_text(json.dumps(SCORES))
    out = CliRunner().invoke(
        app,
        [
            *(
                "package",
                str(model),
                "--out",
                str(tmp_path / "dist"),
                "--list-info",
                "drugs.csv=RxNorm, UMLS",
            ),
            *(
                "--scores",
                str(tmp_path / "scores.json"),
                "--plain",
                "--compare",
                str(tmp_path / "texts.jsonl"),
            ),
        ],
    )
    assert out.exit_code == 0, out.output
    assert "en_model-0.1.0-py3-none-any.whl" in out.stdout
    assert "Lost      labeling sources that are no list of terms (abbreviations): 1" in out.stdout


def test_model_that_a_source_asks_is_named_without_its_folder(tmp_path: Path) -> None:
    other = spacy.blank("en")
    other.add_pipe("entity_ruler").add_patterns([{"label": "Drug", "pattern": "Zestril"}])  # type: ignore[attr-defined]
    (tmp_path / "secret place").mkdir()
    other.to_disk(tmp_path / "secret place" / "other")
    named = json.dumps({"spacy": str(tmp_path / "secret place" / "other"), "counts": True})
    save(rule_pipeline(TERMS, sources=[named]), tmp_path / "model")
    made = package_model(tmp_path / "model", tmp_path / "dist", About("drugs"))
    assert made.facts["models"] == ["spacy other"]
    whole = b"\n".join(_members(made.wheel).values())
    assert b"secret place" not in whole
    assert b"- spacy other" in whole
    site = _unpacked(made.wheel, tmp_path / "site")
    code = (
        f"import os; os.environ['HYBRID_NER_MODELS'] = {str(tmp_path / 'secret place')!r}\n"
        "import spacy; print(spacy.load('en_drugs')('Zestril, aspirin').ents)"
    )
    assert "Zestril" in _ran(code, site)
