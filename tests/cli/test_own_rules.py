"""Labeling sources, rule files and plug-ins on the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hybrid_ner.cli import app
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.registry import PLUGINS_VARIABLE
from hybrid_ner.review import ReviewStore
from hybrid_ner.terms import Gazetteer
from hybrid_ner.ui.workspace import Workspace

PLUGIN = """
import re
from hybrid_ner import labeling_source

@labeling_source("cli_doses", label="Dose")
def cli_doses(text: str):
    return re.finditer(r"[0-9]+ ?mg", text)
"""
RULES = "label: Sign\nrules:\n  - {suffixes: [itis], match: ['an [[iritis]]']}\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PLUGINS_VARIABLE, "")
    monkeypatch.delitem(sys.modules, "cli_plugin", raising=False)
    Path("cli_plugin.py").write_text(PLUGIN, encoding="utf-8")
    Path("rules.yaml").write_text(RULES, encoding="utf-8")
    Path("n.jsonl").write_text(json.dumps({"id": "a", "text": "Uveitis: 5 mg."}) + "\n", encoding="utf-8")


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.output


def labels(path: str) -> list[str]:
    row = json.loads(Path(path).read_text(encoding="utf-8"))
    return [entity["label"] for entity in row["entities"]]


def test_label_runs_sources_and_rules_without_any_term_list() -> None:
    common = "label", "--corpus", "n.jsonl", "--quiet"
    run(*common, "--output", "o.jsonl", "--plugin", "cli_plugin.py", "--rules", "rules.yaml")
    assert labels("o.jsonl") == ["Sign", "Dose"]
    # By name it runs alone, and a plug-in that was loaded before is not run unasked.
    run(*common, "--output", "o.jsonl", "--rules", "rules.yaml")
    assert labels("o.jsonl") == ["Sign"]
    run(*common, "--output", "o.jsonl", "--source", "cli_doses")
    assert labels("o.jsonl") == ["Dose"]
    said = run(*common, "--output", "o.jsonl", "--source", "cli_dozes", code=2)
    assert "unknown labeling source 'cli_dozes'. Did you mean cli_doses" in said


def test_what_a_plugin_prints_is_no_data() -> None:
    chatty = PLUGIN.replace("    return", '    print("looking")\n    return').replace("doses", "chatty")
    Path("chatty_plugin.py").write_text('print("loaded")\n' + chatty, encoding="utf-8")
    common = "--plugin", "chatty_plugin.py", "--corpus", "n.jsonl", "--quiet", "--source", "cli_chatty"
    done = CliRunner().invoke(app, ("label", *common, "--output", "o.jsonl", "--json"))
    assert json.loads(done.stdout)["documents"] == 1
    assert done.stderr.split()[:2] == ["loaded", "looking"]
    save(rule_pipeline(Gazetteer(), sources=["cli_chatty"]), Path("model"))
    words = "predict", "--model", "model", "--input", "n.jsonl", "--output", "-", "--system", "rule"
    done = CliRunner().invoke(app, words)
    assert [each["label"] for each in json.loads(done.stdout)["entities"]] == ["Dose"]
    assert "looking" in done.stderr


def test_every_command_takes_plugins() -> None:
    for command in (["predict"], ["corpus", "stats"], ["review", "run"], ["app"], ["gazetteer", "import"]):
        assert "--plugin" in run(*command, "--help")
    assert "no_such.py" in run("domains", "--plugin", "no_such.py", code=2)


def test_rules_check_lists_every_problem_and_fails() -> None:
    assert "rules.yaml: rules: 1 rule, 1 example, labels Sign: 0 problems" in run(
        "rules", "check", "rules.yaml"
    )
    Path("veto.yaml").write_text("label: Sign\nrules: [{terms: [rash]}, {veto: [nappy rash]}]\n")
    said = run("rules", "check", "veto.yaml")
    assert "2 rules (1 veto), 0 examples, labels Sign: 0 problems" in said, "a veto gives no label O"
    Path("bad.yaml").write_text(
        "label: X\nrules:\n  - {pattern: '(a+)+'}\n  - {terms: [a], match: ['[[b]]'], no match: [a]}\n"
    )
    said = run("rules", "check", "rules.yaml", "bad.yaml", code=2)
    for part in ("3 problems", "as (a+)+ does", "expected “b”, found nothing", "expected nothing, found “a”"):
        assert part in said
    broken = run("rules", "check", "none.yaml", "rules.yaml", code=2)
    assert "none.yaml: No such file" in broken
    assert "rules.yaml: " in broken.partition("No such file")[2], "one bad file keeps no other from its check"
    found = json.loads(run("rules", "check", "bad.yaml", "--json", code=2))
    assert [len(each["problems"]) for each in found] == [3]
    assert "several ways" in run(
        "label", "--corpus", "n.jsonl", "--output", "o.jsonl", "--rules", "bad.yaml", code=2
    )


def test_domains_are_listed() -> None:
    found = json.loads(run("domains", "--json"))
    assert {"generic", "geography", "legal", "medical"} <= {each["name"] for each in found["domains"]}


def test_what_could_not_be_used_is_told_and_not_listed() -> None:
    Path("unusable.py").write_text(
        "from hybrid_ner.registry import LEARNERS, SOURCES\n"
        "class Bare:\n    name = 'bare'\n    def __init__(self, least): ...\n    __call__ = None\n"
        "SOURCES.register('bare', Bare)\nLEARNERS.register('gone', 'gone.cfg')\n"
    )
    with pytest.warns(UserWarning, match="left out: ") as told:
        found = json.loads(run("domains", "--plugin", "unusable.py", "--json"))
    assert ("bare" in found["sources"], "gone" in found["learners"]) == (False, False)
    said = sorted(str(each.message) for each in told)
    assert "gone.cfg: no such training recipe" in said[0]
    assert "missing 1 required positional argument: 'least'" in said[1]


def test_a_command_of_a_name_that_is_taken_is_told_and_not_listed() -> None:
    Path("two_commands.py").write_text(
        "from hybrid_ner.registry import COMMANDS\n"
        'COMMANDS.register("ok", lambda session, rest: "mine")\n'
        'COMMANDS.register("measure", lambda session, rest: "mine")\n'
    )
    with pytest.warns(UserWarning, match="the chat command 'ok' of this process: hybrid-ner has one"):
        assert json.loads(run("domains", "--plugin", "two_commands.py", "--json"))["commands"] == ["measure"]


def test_a_project_keeps_its_sources_and_rules() -> None:
    init = "review", "init", "r.sqlite3", "--plugin", "cli_plugin.py", "--rules", "rules.yaml"
    assert "made project review" in run(*init)
    with ReviewStore.open("r.sqlite3") as store:
        setup = Workspace.at(".", "r.sqlite3").setup(store.project())
    assert setup.sources == ("cli_doses",)
    assert setup.plugins == (str(Path("cli_plugin.py").absolute()),)
    assert [path.name for path in setup.rule_files] == ["rules.yaml"]


def test_labels_that_the_domain_or_project_lacks_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = "rules:\n  - {terms: [gout], label: Diseases}\n  - {terms: [wheat], label: Crop}\n"
    (tmp_path / "rules.yaml").write_text(rules)
    given = ["rules", "check", "rules.yaml"]
    assert "note:" not in CliRunner().invoke(app, given).output
    medical = CliRunner().invoke(app, [*given, "--domain", "medical"])
    assert medical.exit_code == 0, medical.output
    assert (
        "note: the domain medical has no label Diseases: it becomes one of its own. Did you mean Disease?"
        in (medical.output)
    )
    assert "no label Crop: it becomes one of its own. It has Chemical, Disease." in medical.output
    (tmp_path / "hybrid-ner.toml").write_text('domain = "medical"\nlabels = ["Crop", "Disease"]\n')
    project = CliRunner().invoke(app, [*given, "--json"])
    (row,) = json.loads(project.output)
    (note,) = row["notes"]
    assert "hybrid-ner.toml has no label Diseases" in note
