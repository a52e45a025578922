"""A model as an installable wheel, with its card: what is in it, what it was made from, how good it is.

The wheel has spaCy's own layout (``en_NAME/en_NAME-VERSION/``, an entry point of ``spacy_models``), so that
``pip install`` and ``spacy.load("en_NAME")`` are all that the receiver does. Only files of the pipeline's own
components go in: no work folder, no path of this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from thinc.api import Config

from hybrid_ner import __version__
from hybrid_ner.corpus.document import LEARNED
from hybrid_ner.errors import InputError, ModelError
from hybrid_ner.io import write_bytes
from hybrid_ner.pipeline import save
from hybrid_ner.pipeline.crf import CrfEntityRecognizer
from hybrid_ner.pipeline.hybrid_rules import compared, parts_of, plain_pipeline, told
from hybrid_ner.sources.functions import source_state
from hybrid_ner.sources.models import ModelSource
from hybrid_ner.terms import Gazetteer, Term
from hybrid_ner.terms.shipped import origin_of
from hybrid_ner.text import quantity, scratch
from hybrid_ner.text.tokenizer import version_range
from hybrid_ner.training.predict import load_pipeline
from hybrid_ner.training.registry import read_json, write_json

FACTS = "hybrid"
"""Key of ``meta.json`` with what a card says."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION = re.compile(r"\d+(\.\d+){0,3}((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
_INIT = '''"""{title}"""

from pathlib import Path

from spacy.util import get_model_meta, load_model_from_init_py

__version__ = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides):
    """The pipeline; the same as ``spacy.load``."""
{plugins}    return load_model_from_init_py(__file__, **overrides)
'''
_LOAD_PLUGINS = """    from hybrid_ner import load_plugin

    for file in sorted((Path(__file__).parent / "plugins").iterdir()):
        if not file.name.startswith(("_", ".")):
            load_plugin(file)
"""
_PROJECT = """[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = {name}
version = {version}
description = {description}
readme = "README.md"
requires-python = ">=3.11"
dependencies = {requirements}
{optional}
[project.entry-points.spacy_models]
{module} = {module_string}

[tool.hatch.build.targets.wheel]
packages = [{module_string}]
"""


@dataclass(frozen=True, slots=True)
class About:
    """What people say of a model.

    Args:
        name: Without the language: ``drugs`` becomes the package ``en_drugs``.
        version: As pip wants it.
        reviewed: How it was reviewed, where the records do not say.
        lists: Term list by file name → version and licence, for lists of one's own.
        known_lists: The same from a project file, whether the model has those lists or not.
    """

    name: str
    version: str = "0.1.0"
    description: str = ""
    author: str = ""
    license: str = ""
    reviewed: str = ""
    lists: Mapping[str, str] = field(default_factory=dict)
    known_lists: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Packaged:
    """What was made.

    Args:
        package: Name for ``pip`` and ``spacy.load``.
        requirements: What pip installs with it.
        facts: What the card says; ``lost`` among them is what a plain pipeline lacks, one line each.
    """

    wheel: Path
    package: str
    requirements: tuple[str, ...]
    facts: Mapping[str, Any]


def keep_facts(model: Path, **facts: Any) -> None:
    """Add to what the card of a saved pipeline will say; saving it anew forgets them."""
    file = model / "meta.json"
    meta = read_json(file)
    write_json(file, {**meta, FACTS: {**meta.get(FACTS, {}), **facts}})


def package_model(
    model: Path,
    out: Path,
    about: About,
    *,
    plain: bool = False,
    compare_on: Iterable[str] = (),
    scores: Mapping[str, Any] | None = None,
) -> Packaged:
    """Make a wheel of a saved pipeline.

    Args:
        model: Folder of the pipeline, or of a model of a review project (``models/r2``).
        out: Folder for the wheel.
        plain: Whether the wheel is to open with spaCy alone.
        compare_on: Texts on which a plain pipeline is compared with the full one; they stay out of the wheel.
        scores: What ``evaluate --json`` printed, where the model has no scores of its own.

    Raises:
        InputError: A name or version that pip would not take.
        ModelError: No model there, or the build failed.
    """
    import hatchling  # noqa: F401  # complains now, not after the pipeline is written

    folder = model / "model" if (model / "model" / "config.cfg").is_file() else model
    _check(about)
    nlp = load_pipeline(folder)
    facts = _facts(nlp, folder, about, scores)
    files, requirements = _plugin_files(nlp), tuple(_requirements(nlp))
    if plain:
        made = plain_pipeline(nlp)
        nlp, files = made.nlp, {}
        requirements = tuple(each for each in _requirements(nlp) if not each.startswith("hybrid-ner"))
        facts |= {"lost": made.lines(), "patterns": made.patterns}
        if texts := list(compare_on):
            # On pipelines of their own: what a pipeline reads stays among its words.
            counts = compared(again := load_pipeline(folder), plain_pipeline(again).nlp, texts)
            facts["lost"].insert(0, told(counts))
    package = f"{nlp.lang}_{about.name}"
    with scratch() as project:
        data = project / package / f"{package}-{about.version}"
        save(nlp, data)
        _forget_places(data)
        for file in files.values():
            (project / package / "plugins").mkdir(exist_ok=True)
            shutil.copyfile(file, project / package / "plugins" / file.name)
        meta = _meta(nlp, about, requirements, facts)
        card = "\n".join(_card_lines(package, meta)) + "\n"
        write_json(data / "meta.json", meta)
        write_json(project / package / "meta.json", meta)
        for at in (project, project / package):
            (at / "README.md").write_text(card, encoding="utf-8")
        _write_project(project, package, meta, bool(files))
        wheel = _build(project, out)
    return Packaged(wheel, package, requirements, facts)


def _check(about: About) -> None:
    if not _NAME.fullmatch(about.name):
        hint = "Use small letters, digits and _, as in drugs_2026."
        raise InputError(f"{about.name!r} is no name of a package.", hint=hint)
    if not _VERSION.fullmatch(about.version):
        raise InputError(f"{about.version!r} is no version.", hint="Use numbers and points, as in 1.2.0.")


def _facts(nlp: Language, folder: Path, about: About, scores: Mapping[str, Any] | None) -> dict[str, Any]:
    """Scores, lists, fingerprints and review, as far as the model and its records know them."""
    facts: dict[str, Any] = {**dict(nlp.config.get("hybrid", {})), **nlp.meta.get(FACTS, {})}
    record = read_json(folder.parent / "meta.json") if folder.name == "model" else None
    if isinstance(record, dict) and "model" in record:  # of a review project
        facts |= {name: value for name, value in record.items() if name.endswith("_fingerprint")}
        facts["reviewed"] = {
            "documents": record.get("reviewed_documents", 0),
            "edits of the lists": record.get("overlay_edits", 0),
            "model of the project": f"{record['model']}, {record.get('created', '')}",
        }
        facts["scores"] = read_json(folder.parent / "scores.json")
        facts["gold"] = {"name": "gold of the review project", "documents": record.get("gold_documents", 0)}
    if scores is not None:
        facts |= {"scores": scores, "gold": {"name": "given by the packager"}}
    if about.reviewed:
        facts["reviewed"] = {**facts.get("reviewed", {}), "how": about.reviewed}
    facts["lists"] = list(_lists(nlp, about))
    facts["models"] = [f"{each.kind} {Path(each.settings.place).name}" for each in _models(nlp)]
    return facts


def _lists(nlp: Language, about: About) -> Iterator[dict[str, Any]]:
    """Each term list of the model: how many of its terms are there, what it is made from, and its licence."""
    counts: Counter[str] = Counter()
    first: dict[str, tuple[str, Term]] = {}
    once: dict[int, tuple[Gazetteer, str]] = {}
    for part in parts_of(nlp):
        if isinstance(gazetteer := getattr(part.source, "gazetteer", None), Gazetteer):
            once.setdefault(id(gazetteer), (gazetteer, part.domain))
    for gazetteer, domain in once.values():
        for term in gazetteer:
            name = term.file or term.source or "terms made in Python"
            counts[name] += 1
            first.setdefault(name, (domain, term))
    told = {**about.known_lists, **about.lists}
    for name in about.lists:
        if name not in counts:
            raise InputError(f"no term of the model is from {name!r}.", hint=f"Lists: {', '.join(counts)}.")
    for name, number in counts.items():
        origin, license = origin_of(*first[name])
        if name in told:
            origin, _, license = told[name].rpartition(",")
        stated = {
            "origin": origin.strip() or "a list of one's own",
            "license": license.strip() or "not stated",
        }
        yield {"file": name, "terms": number, **stated}


def _models(nlp: Language) -> Iterator[ModelSource]:
    """The sources that ask a model, which stays where it is."""
    for part in parts_of(nlp):
        if isinstance(part.source, ModelSource):
            yield part.source


def _plugin_files(nlp: Language) -> dict[str, Path]:
    """Module → file of every source that comes from a file of one's own: no package brings it."""
    found = {}
    for part in parts_of(nlp):
        assert part.source is not None
        origin = source_state(part.source).get("from", {})
        if file := origin.get("file"):
            if origin["module"] == "__main__" or not Path(file).is_file():
                raise ModelError(
                    f"the labeling source {part.name!r} was defined in {file}, which cannot travel. "
                    "Move it to a file of its own, and build the pipeline again."
                )
            found[str(origin["module"])] = Path(file)
    return found


def _requirements(nlp: Language) -> Iterator[str]:
    """spaCy, this package, and the packages whose functions the pipeline names, each with a range."""
    from spacy.cli.package import get_third_party_dependencies

    # A model that a source asks comes with a part of this package.
    parts = {each.kind for each in _models(nlp) if each.packages}
    crfs = (pipe for _, pipe in nlp.pipeline if isinstance(pipe, CrfEntityRecognizer))
    parts |= {crf.states.encoder.part for crf in crfs if crf.states}
    here = f"hybrid-ner[{','.join(sorted(parts))}]" if parts else "hybrid-ner"
    found = {"hybrid-ner": version_range(here, __version__), "spacy": f"spacy{nlp.meta['spacy_version']}"}
    for part in parts_of(nlp):
        assert part.source is not None
        origin = source_state(part.source).get("from", {})
        if package := origin.get("package"):
            found.setdefault(_pip_name(package), version_range(package, origin["version"]))
    for needed in get_third_party_dependencies(nlp.config):
        package = re.split(r"[<>=!~ ]", needed, maxsplit=1)[0]
        found.setdefault(_pip_name(package), needed)
    yield from found.values()


def _pip_name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def _forget_places(data: Path) -> None:
    """Leave the paths of this machine out of the written files: lists and rules are in the pipeline."""
    config = Config().from_disk(data / "config.cfg", interpolate=False)
    for name, value in config.get("paths", {}).items():
        # The recognizer of a transformer names its encoder, which is in its weights by now.
        config["paths"][name] = Path(value).name if name == "encoder" and value else None
    _forget_paths(config.get("components", {}))
    for component in config.get("components", {}).values():
        if component.get("factory") == "hybrid_rules":
            for key in ("terms", "rules"):
                given = component.get(key, [])
                component[key] = [Path(each).name for each in ([given] if isinstance(given, str) else given)]
    config.to_disk(data / "config.cfg")
    for file in (*data.glob("*/source.json"), *data.glob("*/rules.json")):
        state = json.loads(file.read_text(encoding="utf-8"))
        for each in (state, *(kept["state"] for kept in state.get("sources", ()))):
            if each.get("from", {}).get("file"):
                each["from"]["file"] = Path(each["from"]["file"]).name
            _forget_paths(each.get("state", {}), ("place",))  # of a model; HYBRID_NER_MODELS finds it again
        file.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")


def _forget_paths(section: MutableMapping[str, Any], only: Collection[str] = ()) -> None:
    """Of absolute paths in settings of components only the names are left, of all of them or of some keys."""
    for name, value in section.items():
        if isinstance(value, MutableMapping) and not only:
            _forget_paths(value)
        elif isinstance(value, str) and os.path.isabs(value) and (not only or name in only):
            section[name] = Path(value).name


def _meta(
    nlp: Language, about: About, requirements: Sequence[str], facts: Mapping[str, Any]
) -> dict[str, Any]:
    said = {key: text for key in ("description", "author", "license") if (text := getattr(about, key))}
    needed = [each for each in requirements if not each.startswith("spacy>")]
    known = {key: value for key, value in nlp.meta.items() if key != LEARNED}  # no trace of documents in it
    meta = {**known, **said, "name": about.name, "version": about.version, "requirements": needed}
    best = _systems(facts).get("hybrid", {}).get("micro")
    if best:
        meta["performance"] = {f"ents_{key[0]}": best[key] for key in ("precision", "recall", "f1")}
    return {**meta, FACTS: dict(facts), "dependencies": list(requirements)}


def _write_project(project: Path, package: str, meta: Mapping[str, Any], plugins: bool) -> None:
    title = _title(package, meta)
    forms = {"license": "license = {{text = {}}}", "author": "authors = [{{name = {}}}]"}
    lines = [form.format(json.dumps(meta[key])) for key, form in forms.items() if meta.get(key)]
    quoted = {"name": package, "version": meta["version"], "description": title, "module_string": package}
    quoted["requirements"] = meta["dependencies"]
    values = {key: json.dumps(value) for key, value in quoted.items()}
    text = _PROJECT.format(**values, optional="\n".join(lines), module=package)
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    init = _INIT.format(title=title.replace('"', "'"), plugins=_LOAD_PLUGINS if plugins else "")
    (project / package / "__init__.py").write_text(init, encoding="utf-8")


def _build(project: Path, out: Path) -> Path:
    """The wheel in ``out``; nothing is downloaded, since the build tool is here already."""
    built = project / "dist"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    ran = subprocess.run(command, cwd=project, capture_output=True, text=True)
    wheels = list(built.glob("*.whl")) if built.is_dir() else []
    if ran.returncode or not wheels:
        said = " ".join((ran.stderr or ran.stdout).split())[-300:]
        raise ModelError(f"the wheel could not be built ({said}). Install hatchling again.")
    target = out / wheels[0].name
    with write_bytes(target) as kept, wheels[0].open("rb") as wheel:
        shutil.copyfileobj(wheel, kept)
    return target


# The model card of a packaged model, in Markdown.


def _card_lines(package: str, meta: Mapping[str, Any]) -> Iterator[str]:
    facts = meta[FACTS]
    yield from (f"# {package} {meta['version']}", "", _title(package, meta), "")
    for name in ("author", "license"):
        if meta.get(name):
            yield f"- {name}: {meta[name]}"
    yield f"- pipeline: {', '.join(meta['pipeline'])}"
    yield f"- needs: {', '.join(meta['dependencies'])}"
    yield from ("", "```python", "import spacy", "", f'nlp = spacy.load("{package}")')
    yield from ('[(ent.text, ent.label_) for ent in nlp("…").ents]', "```", "")
    if facts.get("lost"):
        yield from ("## Opens with spaCy alone", "", f"{facts['patterns']:,} patterns of terms. Lost:", "")
        yield from (f"- {line}" for line in facts["lost"])
        yield from ("", "Ids of concepts stand in `ent.ent_id_`, not in `ent.kb_id_`.", "")
    yield from _card_scores(facts)
    yield from _card_lists(facts)
    if facts["models"]:
        where = "They do not travel with it; HYBRID_NER_MODELS names their folder."
        yield from ("## Models that it asks", "", where, "", *(f"- {each}" for each in facts["models"]), "")
    yield from ("## Review", "")
    reviewed = facts.get("reviewed") or {"how": "nobody has reviewed it, as far as its records say"}
    yield from (f"- {what}: {value}" for what, value in reviewed.items())
    yield from ("", "## Made from", "")
    for name, value in facts.items():
        if name.endswith(("fingerprint", "_terms")) or name in ("domain", "recipe", "inputs"):
            yield f"- {name.replace('_', ' ')}: {value}"
    yield from ("", "No text of documents is in this package; terms, rules and weights are.")


def _card_scores(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Scores", "")
    systems = _systems(facts)
    if not systems:
        yield from ("None: the model was not scored on gold.", "")
        return
    gold = facts.get("gold") or {}
    documents = next(iter(systems.values())).get("documents", gold.get("documents", 0))
    mark = f", fingerprint {gold['fingerprint'][:16]}" if gold.get("fingerprint") else ""
    yield f"Strict, on {gold.get('name') or 'gold'} ({quantity(documents, 'document')}{mark})."
    if learned := max(each.get("learned_from", 0) for each in systems.values()):
        yield f"It has learned from {learned:,} of these, so they say nothing of other text."
    if facts.get("lost"):
        yield "They are those of the full pipeline, not of this plain one."
    yield from ("", "| | precision | recall | F1 | 95 % interval |", "|---|---|---|---|---|")
    for name, scores in systems.items():
        yield _score_row(name, scores["micro"])
    for label, scores in systems.get("hybrid", next(iter(systems.values()))).get("per_label", {}).items():
        yield _score_row(label, scores)
    yield ""


def _score_row(name: str, found: Mapping[str, Any]) -> str:
    shown = " | ".join(f"{100 * found[key]:.1f}" for key in ("precision", "recall", "f1"))
    interval = found.get("f1_interval") or {}
    bounds = f"{100 * interval['low']:.1f} to {100 * interval['high']:.1f}" if interval else ""
    return f"| {name} | {shown} | {bounds} |"


def _card_lists(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Term lists", "", "| list | terms | from | licence |", "|---|---|---|---|")
    for used in facts["lists"]:
        cells = (used["file"], f"{used['terms']:,}", used["origin"], used["license"])
        yield "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
    yield ""


def _systems(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    systems: Mapping[str, Any] = (facts.get("scores") or {}).get("systems", {})
    return systems


def _title(package: str, meta: Mapping[str, Any]) -> str:
    labels = ", ".join(sorted({label for found in meta.get("labels", {}).values() for label in found}))
    said = " ".join(str(meta.get("description") or "").split())
    return said or f"{package}: named entities{f' ({labels})' if labels else ''}"
