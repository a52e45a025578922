"""The same lines on the same documents give the same gold on every engine."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
import sqlalchemy as sa

import hybrid_ner.review
from hybrid_ner.review import ReviewSession, ReviewStore
from hybrid_ner.review.store.gold import gold_documents, gold_hash
from hybrid_ner.review.store.schema import metadata
from tests.review.helpers import LABELS, make_project, suggest
from tests.review.reviewer_process import whole

WORDS = ("afib", "ECHO", "Zeta", "éclair", "_under", "beta", "Beta", "zoster", "Äther", "mi", "MI", "x-ray")
UNIQUE = {
    *(("document", "position"), ("turn", "id"), ("step", "number"), ("step", "id"), ("suggestion", "id")),
    *(("surface", "surface_key"), ("posting", "word"), ("mention", "copy"), ("suggestion", "number")),
    # Groups: one row for each value.
    *(("suggestion", "surface_key"), ("mention", "base_label")),
}
"""Columns that tell the rows of a query apart, when everything before them is equal."""


def _ward(store: ReviewStore, name: str = "notes") -> None:
    """Documents of many surfaces whose order differs by collation, with marks and scores that tie."""
    rng = random.Random(3)
    documents = []
    for _ in range(60):
        words = rng.sample(WORDS, 5)
        text = " ".join(words)
        kinds = rng.choices(("rule", "model", "rule+model"), k=5)
        found = [
            suggest(text, word, rng.choice(LABELS[:3]), kind, rng.choice((0.4, 0.6, 0.8)))
            for word, kind in zip(words, kinds, strict=True)
        ]
        documents.append((text, found))
    make_project(store, documents, name=name)


def _lines() -> list[str]:
    """A session of moves and decisions without a document's name: the queue leads."""
    rng = random.Random(5)
    lines = []
    for _ in range(90):
        number, label = rng.randint(1, 5), rng.choice(LABELS[:3])
        decisions = (f"ok {number}", f"no {number}", f"{number} is {label}", f"reopen {number}", "no 1 2")
        moves = ("next", "skip", "ok next", "back", "undo", "redo", "queue uncertain", "queue disagree")
        rare = (
            'no all "mi"',
            "yes",
            'find "éclair"',
            "queue new-terms",
            "queue conflicts",
            "queue random 20",
        )
        lines.append(rng.choice(rng.choice((decisions, decisions, moves, moves, rare))))
    return lines


@pytest.mark.postgres
def test_a_session_leads_to_the_same_gold_on_both_engines(
    store: ReviewStore, postgres_url: str, tmp_path: Path
) -> None:
    # Lines that do not fit where they fall are refused on both.
    outcomes = []
    with ReviewStore.open(postgres_url) as server:
        for opened in (store, server):
            _ward(opened)
            session = ReviewSession(opened, "", "ana", tokenize=whole)
            said = [(line, reply.echo, reply.doc_id) for line in _lines() for reply in [session.handle(line)]]
            said += [(line, repr(session.handle(line).table), "") for line in ("worst terms", "confusions")]
            outcomes.append((said, gold_hash(session.project), session.transcript()))
        first, second = outcomes
        for one, other in zip(first[0], second[0], strict=True):
            assert one == other
        assert first[1:] == second[1:]
        # And the session file of one, replayed on the other, gives its gold.
        (tmp_path / "session.txt").write_text("\n".join(first[2]), encoding="utf-8")
        _ward(server, "again")
        again = ReviewSession(server, "again", "ana", tokenize=whole)
        again.replay(tmp_path / "session.txt")
        assert gold_hash(again.project) == first[1]
        assert len(list(gold_documents(again.project))) > 5
    assert len({document for _, _, document in first[0]}) > 20


def test_every_query_that_limits_orders_by_a_unique_key(
    store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, sa.Select[tuple[object, ...]]] = {}

    def look(connection: object, statement: object, *_: object) -> None:
        if isinstance(statement, sa.Select):
            for each in _selects(statement):
                if each._limit_clause is not None:
                    seen[str(each)] = each

    sa.event.listen(store.engine, "before_execute", look)
    _ward(store)
    session = ReviewSession(store, "", "ana", tokenize=whole)
    lines = ["queue flagged 5", 'flag "x"', "queue mine 5", 'variant "ECHO"', "log", "next"]
    for line in [*_lines(), *lines, 'term + "afib" = a PROBLEM', 'why not "ray"', 'find "ray"']:
        session.handle(line)
    session.queue(search="d")
    session.history()
    from hybrid_ner.review.store.lookups import disagreements, top_surfaces

    disagreements(session.project)
    top_surfaces(session.project)
    assert len(seen) >= 12
    for text, statement in seen.items():
        last = list(statement._order_by_clauses)[-1:]
        assert last, f"no ORDER BY: {text}"
        column = last[0].element if isinstance(last[0], sa.UnaryExpression) else last[0]
        assert isinstance(column, sa.Column), text
        table = column.table.element if isinstance(column.table, sa.Alias) else column.table
        assert (table.name, column.name) in UNIQUE, text


def _selects(statement: sa.Select[tuple[object, ...]]) -> list[sa.Select[tuple[object, ...]]]:
    """A query and those inside it."""
    from sqlalchemy.sql import visitors

    return [each for each in visitors.iterate(statement) if isinstance(each, sa.Select)]


def test_no_limit_without_an_order_in_the_source() -> None:
    for path in sorted(Path(hybrid_ner.review.__file__).parent.glob("**/*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                calls = {
                    node.func.attr
                    for node in ast.walk(function)
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                }
                assert "limit" not in calls or "order_by" in calls, f"{path.name}: {function.name}"


@pytest.mark.postgres
def test_text_is_ordered_by_code_points_on_the_server(postgres_url: str) -> None:
    with ReviewStore.open(postgres_url) as server, server.read() as connection:
        columns = connection.execute(
            sa.text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
            )
        ).all()
    assert [row for row in columns if row.table_name in metadata.tables] == []
