"""Who may do what where reviewers sign in; without sign-in everybody may do everything."""

from __future__ import annotations

import pytest

from hybrid_ner.corpus import Document
from hybrid_ner.errors import AccessError, InputError
from hybrid_ner.review import JobStatus, Project, Reply, ReviewSession, ReviewStore
from hybrid_ner.review.store.reviewers import give_role, load_roles, projects_of
from tests.review.helpers import FakeModels, operation, say, ward

MEMBERS = {"rea@w.test": "reviewer", "lea@w.test": "lead", "otto@w.test": "owner"}


class Models(FakeModels):
    """Says who started the job and whether a call did something, as the real one."""

    def start_retrain(self, project: str, reviewer: str, *, fast: bool = False) -> JobStatus:
        self.job = JobStatus("running", by=reviewer, did=True, fast=fast)
        return self.job

    def cancel(self) -> JobStatus:
        self.job = JobStatus("cancelled", by=self.job.by, did=True)
        return self.job


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def team(store: ReviewStore, project: Project, models: Models) -> dict[str, ReviewSession]:
    """A session of everybody who has a role."""
    for name, role in MEMBERS.items():
        give_role(project, name, role, "admin")
    return {
        role: ReviewSession(store, project.name, name, models=models, signed_in=True)
        for name, role in MEMBERS.items()
    }


ALLOWED = {
    "ok 1": ("reviewer", "lead", "owner"),
    'never "mi"': ("reviewer", "lead", "owner"),
    "export csv": ("reviewer", "lead", "owner"),
    "status": ("reviewer", "lead", "owner"),
    "retrain": ("lead", "owner"),
    "update": ("lead", "owner"),
    "promote r2": ("lead", "owner"),
    "rollback r2": ("lead", "owner"),
    "take rea@w.test": ("lead", "owner"),
}


@pytest.mark.parametrize("line", ALLOWED)
@pytest.mark.parametrize("role", ["reviewer", "lead", "owner"])
def test_what_a_role_may_do(team: dict[str, ReviewSession], models: Models, line: str, role: str) -> None:
    steps = len(team[role].log())
    reply = team[role].handle(line)
    may = "may use" not in reply.echo
    assert may is (role in ALLOWED[line]), reply.echo
    if not may:
        assert reply.level == "error"
        assert "you are reviewer" in reply.echo
        assert "hybrid-ner review role" in reply.echo
        assert models.calls == []
        assert models.job.state == "idle"
        assert len(team[role].log()) == steps


def test_a_role_is_asked_again_when_the_answer_comes(
    project: Project, team: dict[str, ReviewSession], models: Models
) -> None:
    assert team["lead"].handle("promote r2").level == "ask"
    give_role(project, "lea@w.test", "reviewer", "admin")
    assert "only a lead or owner of this project" in team["lead"].handle("r2").echo
    assert models.calls == []


def test_undo_of_a_switch_needs_the_role_too(
    project: Project, team: dict[str, ReviewSession], models: Models
) -> None:
    say(team["lead"], "promote r2", "r2")
    give_role(project, "lea@w.test", "reviewer", "admin")
    assert "only a lead or owner" in team["lead"].handle("undo").echo
    assert models.now == "r2"


def test_training_is_stopped_by_who_started_it_or_a_lead(
    project: Project, team: dict[str, ReviewSession], models: Models
) -> None:
    say(team["lead"], "retrain")
    assert "only a lead or owner" in team["reviewer"].handle("stop").echo
    assert models.job.state == "running"
    give_role(project, "lea@w.test", "reviewer", "admin")
    assert team["lead"].handle("stop").echo.startswith("the training was stopped")
    models.job = JobStatus("running", by="rea@w.test")
    assert team["owner"].handle("stop").echo.startswith("the training was stopped")


def test_trainings_imports_and_roles_are_in_the_log_and_undo_leaves_them(
    team: dict[str, ReviewSession],
) -> None:
    say(team["lead"], "go d1", "ok 1", "retrain", "stop")
    assert team["lead"].add_documents([Document("new", "Fever.")]).added == 1
    team["owner"].give_role("ned@w.test", "reviewer")
    told = [(row.reviewer, row.line, row.summary) for row in team["owner"].log()[-4:]]
    assert told == [
        ("lea@w.test", "retrain", "the training begins"),
        ("lea@w.test", "stop", "the training is stopped"),
        ("lea@w.test", "import", "added 1 document"),
        ("otto@w.test", "role ned@w.test reviewer", "ned@w.test: none → reviewer"),
    ]
    number = team["owner"].log()[-1].number
    assert "cannot be undone" in team["owner"].handle(f"undo {number}").echo
    assert team["lead"].handle("undo").echo.startswith("undone: step 4 (accepted 1")
    assert team["lead"].handle("redo").level == "done"


def test_documents_are_added_by_a_lead(project: Project, team: dict[str, ReviewSession]) -> None:
    with pytest.raises(AccessError, match="only a lead or owner of this project may import"):
        team["reviewer"].add_documents([Document("new", "Fever.")])
    assert len(project) == 6


def test_roles_are_given_by_an_owner(project: Project, team: dict[str, ReviewSession]) -> None:
    for role in ("reviewer", "lead"):
        with pytest.raises(AccessError, match="only an owner"):
            team[role].give_role("rea@w.test", "owner")
    with pytest.raises(InputError, match="last owner"):
        team["owner"].give_role("otto@w.test", "lead")
    with pytest.raises(InputError, match="no role 'king'"):
        team["owner"].give_role("rea@w.test", "king")
    team["owner"].give_role("rea@w.test", "none")
    with pytest.raises(AccessError, match="you have no role"):
        team["reviewer"].view()
    assert team["reviewer"].handle("ok 1").level == "error"
    with project.read() as connection:
        assert load_roles(connection, project.id) == {"lea@w.test": "lead", "otto@w.test": "owner"}


def test_nobody_of_the_project_sees_or_changes_it(
    store: ReviewStore, project: Project, team: dict[str, ReviewSession]
) -> None:
    with pytest.raises(AccessError, match="only a member of this project may open it"):
        ReviewSession(store, project.name, "eve@w.test", signed_in=True)
    assert "eve@w.test" not in project.reviewers()
    other = ward(store, name="others")
    give_role(other, "eve@w.test", "owner", "admin")
    assert projects_of(store, "eve@w.test") == ("others",)
    assert projects_of(store, "rea@w.test") == (project.name,)


def test_a_click_needs_a_role(project: Project, team: dict[str, ReviewSession]) -> None:
    click = operation(team["reviewer"], "accept", 1, number=1)
    give_role(project, "rea@w.test", "none", "admin")
    assert "you have no role" in team["reviewer"].apply(click).echo


def test_terms_of_every_project_are_changed_by_a_lead_of_all(
    store: ReviewStore, team: dict[str, ReviewSession]
) -> None:
    line = 'term + "helps" = aid DRUG global'
    assert team["lead"].handle(line).level == "ask"
    other = ward(store, name="others")
    give_role(other, "otto@w.test", "owner", "admin")
    for role in ("reviewer", "lead"):
        assert "in every project may change the term lists of every project" in team[role].handle(line).echo
    assert team["owner"].handle(line).level == "ask"


def test_a_project_without_roles_is_open_to_review_alone(store: ReviewStore, project: Project) -> None:
    session = ReviewSession(store, project.name, "ana@w.test", models=Models(), signed_in=True)
    assert session.role == "reviewer"
    assert say(session, "go d1", "ok 1").level == "done"
    assert "only a lead" in session.handle("retrain").echo
    give_role(project, "*", "lead", "admin")
    assert session.handle("retrain").echo == "the training has started"


def test_without_sign_in_everybody_may_do_everything(store: ReviewStore, project: Project) -> None:
    give_role(project, "otto", "owner", "admin")
    session = ReviewSession(store, project.name, "ana", models=Models())
    assert session.role == "owner"
    assert session.handle("retrain").echo == "the training has started"
    assert session.add_documents([Document("new", "Fever.")]).added == 1
    assert session.handle('term + "helps" = aid DRUG global').level == "ask"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply("6 accepted; see `log`; 2 left", "done"), "6 accepted; 2 left"),
        (Reply("`nausea` is no drug; `undo` takes it back", "done"), "`nausea` is no drug"),
        (Reply("`ok 1; next` ran; see `log`", "info"), "`ok 1; next` ran"),
        (
            Reply("only a lead may use `retrain`; you are reviewer", "error"),
            "only a lead may use `retrain`; you are reviewer",
        ),
    ],
)
def test_a_page_without_a_chat_keeps_what_happened_and_why_not(reply: Reply, outcome: str) -> None:
    assert reply.outcome == outcome


def test_an_address_is_the_same_in_capitals(store: ReviewStore, team: dict[str, ReviewSession]) -> None:
    """Providers write it as it was once entered, an owner as it is printed on a card."""
    project = team["owner"].project
    assert projects_of(store, "Lea@W.test") == (project.name,)
    assert ReviewSession(store, project.name, "LEA@w.test", signed_in=True).role == "lead"
    assert projects_of(store, "lea") == ()
