"""Rule files: what they find, what is refused, and that they live in a saved pipeline."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import spacy

from hybrid_ner.errors import InputError
from hybrid_ner.pipeline import rule_pipeline, save
from hybrid_ner.sources.rule_sets import RuleSetSource, check_rules, read_rules
from hybrid_ner.terms import Gazetteer, Term

YAML = r"""
name: ward
label: Dose
lists:
  units: [mg, ml, µg]
rules:
  - pattern: '\d+(?:\.\d+)? ?{units}'
    name: dose
    case: false
    match: ["take [[5 mg]] daily", "[[2.5 ML]] at night"]
    no match: ["5 mgs", "A5 mgb"]
  - {pattern: 'grade (?P<span>[IV]+)', label: Grade, match: ["a grade [[IV]] rash"], no match: [Grade IV]}
  - {heads: [ward, unit], label: Place, match: ["to [[Acute Medical Unit]]"]}
  - heads: [failure]
    modifiers: [renal, acute]
    label: Disease
    match: ["[[Acute renal failure]]", "two [[renal failures]]"]
  - suffixes: [itis]
    except: [Arthritis]
    label: Disease
    match: ["an old [[iritis]]"]
    no match: [arthritis, itis]
  - {terms: [nil by mouth], label: Order, match: ["[[NIL by  mouth]] from six"]}
  - {veto: [the unit], match: ["on [[the unit]]"]}
"""
TSV = (
    "kind\tvalue\tlabel\tmatch\tno match\n"
    "pattern\t\\d+ (?:mg|ml)\tDose\t[[5 mg]] | [[7 ml]]\tmg\n"
    "heads\tward | unit\tPlace\tat [[Mercy Ward]]\t\n"
    "# a comment\t\t\t\t\n"
    "veto\tunit\t\ta [[unit]]\t\n"
)
TERMS = Gazetteer.of([Term("the unit", "Place")])


def written(folder: Path, content: str, name: str = "r.yaml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_rule_file_holds_its_examples_and_lives_in_a_saved_pipeline(tmp_path: Path) -> None:
    path = written(tmp_path, YAML)
    assert check_rules(path)[2] == []
    nlp = rule_pipeline(TERMS, "generic", sources=read_rules(path))
    text = "He left the unit for the Acute Medical Unit with uveitis and took 5 mg."
    found = [("Acute Medical Unit", "Place"), ("uveitis", "Disease"), ("5 mg", "Dose")]
    assert [(ent.text, ent.label_) for ent in nlp(text).ents] == found
    save(nlp, tmp_path / "m")
    path.unlink()
    again = spacy.load(tmp_path / "m")(text)
    assert [(ent.text, ent.label_) for ent in again.ents] == found
    assert "rule file" not in str(again.spans["ward"].attrs)
    assert again.spans["ward"].attrs["evidence"]["66:70:Dose"]["reference"] == "dose"


def test_a_table_does_the_same(tmp_path: Path) -> None:
    votes, vetoes = read_rules(written(tmp_path, TSV, "rows.tsv"))
    assert (votes.name, vetoes.name, vetoes.last) == ("rows", "rows_veto", True)
    assert [rule.name for rule in votes.rules] == ["rows.tsv row 2", "rows.tsv row 3"]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    first, table = written(tmp_path, "rules: [{terms: [a], label: X}]"), written(tmp_path, TSV, "r.tsv")
    older = written(tmp_path / "old", "rules: [{terms: [b], label: X}]")
    sources = read_rules(first, table, older)
    assert [source.name for source in sources] == ["r", "r_tsv", "r_tsv_veto", "r_yaml"]
    found = rule_pipeline(TERMS, "generic", sources=sources)("a b 5 mg").ents
    assert [ent.text for ent in found] == ["a", "b", "5 mg"]


def test_state_survives(tmp_path: Path) -> None:
    for source in read_rules(written(tmp_path, YAML)):
        assert RuleSetSource.from_state(source.to_state()) == source


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("{pattern: 'a+', label: X, match: ['b [[aa]] a']}", "expected “aa”, found “aa”, “a”"),
        ("{pattern: 'a+', label: X, no match: ['an a']}", "expected nothing, found “a”"),
        ("{pattern: 'a+', label: X, match: ['aaa']}", "has no mention in double brackets"),
        (
            "{pattern: '(a', label: X}",
            "is no regular expression (missing ), unterminated subpattern at position 0)",
        ),
        (r'{pattern: "\bgin\b", label: X}', "put single quotes around the pattern"),
        (r"{pattern: '(\d+)+', label: X}", r"the pattern '(\d+)+' repeats a part that can match"),
        ("{pattern: 'a+'}", "there is no label"),
        ("{pattern: '{u}', label: X}", "there is no list 'u'"),
        ("{label: X}", "expected exactly one of pattern"),
        ("{pattern: a, terms: [b], label: X}", "expected exactly one of pattern"),
        ("{terms: [b], label: X, colour: red}", "'colour' is unknown"),
        ("{terms: [[b]], label: X}", "expected words"),
        ("just words", "expected keys such as pattern"),
        ("{terms: [b], label: [X, Y]}", "label: expected one text, found"),
        ("{pattern: a, label: X, case: maybe}", "rule 1, case: expected true or false"),
        (r"{pattern: '\p{L}', label: X}", "a letter is"),
        ("{pattern: '[[:alpha:]]+', label: X}", "[:alpha:] is not known here"),
        ("{pattern: '/section \\d+/i', label: X}", "the slashes of /section"),
        ("{suffixes: [itis], modifiers: [acute], label: X}", "rule 1: modifiers stand before heads"),
        ("{head: [Act], label: X}", "'head' is unknown, 'heads' is not"),
        ("{terms: [Art: 5], label: X}", "one with a colon in quotes"),
        ("{pattern: 'rent', label: X, match: ['[[Rent]] due']}", "In other capitals it is: add case: false"),
        ("{pattern: '(privileg* OR counsel) AND NOT news', label: X}", "whose OR would be looked for"),
        ("{terms: [lease w/5 terminat*], label: X}", "looks like a search string, whose w/5"),
    ],
)
def test_what_is_wrong_is_said(rule: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_rules(written(tmp_path, f"rules:\n  - {rule}\n"))
    assert problem in str(error.value)


def test_white_space_at_the_edges_of_a_pattern_is_no_part_of_a_mention(tmp_path: Path) -> None:
    rule = "{pattern: '\\d+ mg ?(?:od)?', label: X, match: ['take [[80 mg]] and [[40 mg od]]']}"
    assert check_rules(written(tmp_path, f"rules:\n  - {rule}\n"))[2] == []


def test_terms_and_vetoes_take_the_wildcards_of_term_lists(tmp_path: Path) -> None:
    rules = """
label: X
rules:
  - {terms: [privileg*, "tumo?r", Truth OR Dare], match: ["a [[privileged]] [[tumour]], [[Truth OR Dare]]"]}
  - {terms: [TO BE OR NOT TO BE], no match: [unprivileged]}
  - {veto: ["pre-trial privileg*"], match: ["[[pre-trial privileges]]"]}
"""
    assert check_rules(written(tmp_path, rules))[2] == []


def test_short_forms_that_are_words_need_their_capitals(tmp_path: Path) -> None:
    rules = """
label: X
rules:
  - {terms: [ME, chronic fatigue, SIR*], match: ["[[ME]] or [[Chronic Fatigue]], not me; [[Sirs]]"]}
  - {terms: [AH, OK], match: ["ah, [[OK]]"]}
  - {terms: [AH, low mood], case: false, match: ["[[ah]]"]}
"""
    assert check_rules(written(tmp_path, rules))[2] == []


def test_every_row_that_is_no_rule_is_told_at_once(tmp_path: Path) -> None:
    rules = "rules:\n  - {heads: [b], terms: [a]}\n  - {terms: [x], label: Y}\n  - {head: [x], label: Y}\n"
    _, made, problems = check_rules(written(tmp_path, rules))
    assert [rule.entries for rule in made] == [("x",)]
    assert [problem.split(":")[0] for problem in problems] == ["rule 1", "rule 3"]
    table = written(tmp_path, 'kind\tvalue\tlabel\npattern\t"a"\tX\nterms\ta\tX\tZ\nterms\tb\n', "r.tsv")
    assert [problem.split(":")[0] for problem in check_rules(table)[2]] == ["row 2", "row 3", "row 4"]
    with pytest.raises(InputError, match=r"row 2: .* \(and 2 more; hybrid-ner rules check lists all\)"):
        read_rules(table)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("r.yaml", "rules: [", "no YAML"),
        ("r.yaml", "label: X\nrules: [\n", "row 3: no YAML: expected the node content"),
        ("r.yaml", "rules: [{terms: [a]\n\n", "Close the bracket or the quote that is open"),
        ("r.yaml", 'label: "X\n', "row 2: no YAML: found unexpected end"),
        ("r.yaml", "- 1", "expected the keys"),
        (
            "r.yaml",
            "label: X\nrules:\n\t- terms: [a]",
            "row 3: no YAML: found character '\\t' that cannot start",
        ),
        ("r.yaml", "label: X\nrules:\n\t- terms: [a]", "Indent by spaces, never by tabs"),
        ("r.yaml", 'label: X\nrules:\n- pattern: "\\d"', "row 3: no YAML: found unknown escape"),
        ("r.yaml", "rules:\n- terms: [“a [b]”]", "Use straight quotes"),
        ("r.yaml", "label: X\nlabel: Y\nrules: [{terms: [a]}]", "row 2: no YAML: found duplicate key"),
        ("r.yaml", "label: X\nrules: {terms: [a]}", "each rule stands behind a dash"),
        ("r.tsv", 'kind\tvalue\tlabel\nterms\t"a b"\tX\n', "row 2: the quotes around"),
        ("r.yaml", "rules: !!python/object/apply:os.system [ls]", "no YAML"),
        ("r.yaml", "ruls: []", "unknown key 'ruls'"),
        ("r.yaml", "rules: []", "no list called rules"),
        ("r.yaml", "name: a b\nrules: [{terms: [a], label: X}]", "is not one word"),
        ("r.txt", "x", "expected a rule file"),
        ("r.tsv", "kind\tlabel\n", "expected the columns kind and value"),
        ("r.tsv", "kind\tvalue\na\tb\tc\n", "expected 2 cells, found 3"),
        ("r.tsv", "kind\tvalue\tlabel\nterms\tx\tX\n\nfoo\tx\tX\n", "row 4: expected exactly one"),
    ],
)
def test_unusable_files_are_refused(name: str, content: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_rules(written(tmp_path, content, name))
    assert problem in str(error.value)
    assert str(tmp_path / name) in str(error.value)


def test_words_stay_as_they_are_written(tmp_path: Path) -> None:
    """YAML would make 1.1 of 1.10, a date of 2024-01-01 and a truth value of true."""
    rules = (
        "label: ' Case\t Number '\nrules:\n- {terms: [1.10, 007, true, no, null, 2024-01-01], case: true}\n"
    )
    (rule,) = check_rules(written(tmp_path, rules))[1]
    assert rule.entries == ("1.10", "007", "true", "no", "null", "2024-01-01")
    assert (rule.label, rule.case) == ("Case Number", True)
    (rule,) = check_rules(written(tmp_path, "kind\tvalue\tlabel\nTerms\ta|b\tX\n", "r.tsv"))[1]
    assert (rule.kind, rule.entries) == ("terms", ("a", "b"))


def test_a_code_page_is_refused_with_the_row(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes("label: X\nrules:\n- terms: [café]\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"r\.yaml, row 3: not valid UTF-8\. Save it as UTF-8"):
        read_rules(path)


def test_empty_lists_find_nothing_and_flags_may_lead_a_pattern(tmp_path: Path) -> None:
    """An empty list of endings was an ending of every word."""
    rules = """
label: X
lists: {none: []}
rules:
  - {suffixes: [], no match: [any word]}
  - {heads: [], no match: [Any Word Here]}
  - {terms: [], no match: [any word]}
  - {pattern: 'a{none}b', no match: [ab]}
  - {pattern: '(?i)foo|bar', match: ["[[FOO]] and [[Bar]]"]}
  - {pattern: "x\u2028y", no match: [x]}
"""
    assert check_rules(written(tmp_path, rules, "2024 my-rules.yaml"))[0] == "rules_2024_my_rules"
    assert check_rules(tmp_path / "2024 my-rules.yaml")[2] == []
    rows = written(tmp_path, "kind\tvalue\tlabel\r\nterms\ta\u2028b\tX\r\n", "r.tsv")
    assert [rule.entries for rule in check_rules(rows)[1]] == [("a\u2028b",)]


def test_a_source_takes_no_name_of_the_pipeline(tmp_path: Path) -> None:
    for name in ("ner", "rule", "entity_fusion"):
        path = written(tmp_path, "rules: [{terms: [a], label: X}]", f"{name}.yaml")
        with pytest.raises(InputError, match=f"cannot be called '{name}'"):
            rule_pipeline(TERMS, "generic", sources=read_rules(path))


def test_rules_take_time_in_proportion_to_the_text(tmp_path: Path) -> None:
    """A generous limit, of the processor's time alone: quadratic work on these texts would take minutes."""
    (source, _) = read_rules(written(tmp_path, YAML))
    started = time.process_time()
    for piece in ("a", "A ", "1", "Aa of the ", " ", "[", "acute "):
        assert list(source._compiled[2].spans(piece * (60_000 // len(piece)))) == []
        for each in source._compiled:
            list(each.spans(piece * (60_000 // len(piece))))
    assert time.process_time() - started < 60
