"""The rubric's pages without a browser: drafts, previews, applying, conflicts, YAML, and who may do what."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from grader.core.rubric_file import rubric_hash
from grader.db.reviews import Decision, ItemDecision, save_review
from grader.db.scores import score_sheet
from grader.db.session import transaction
from grader.db.tables import Assignment, Role, RubricVersion, Submission
from grader.pack import load_pack

HERE = "/assignments/cs231n-a2/rubric"


@pytest.fixture
def submission(room, rooms):
    """Both students are graded; `not-2` is applied to the first one's bn-inline-4, nothing to the other's."""
    with transaction() as session:
        made = [
            rooms.graded(session, rooms.handed_in(session, who, room.assignment)) for who in (room.student, room.other)
        ]
        for submission, items in zip(made, (["not-2"], []), strict=True):
            version = score_sheet(session, submission).question("bn-inline-4").version
            decision = Decision({item: ItemDecision(True) for item in items})
            save_review(
                session, submission=submission, question="bn-inline-4", version=version, by=room.ta, decision=decision
            )
        return made[0]


@pytest.fixture
def ta(browse, room):
    return browse(room.ta)


@pytest.fixture
def press(ta, csrf):
    """`press("up:…", draft="", **fields)`: the address that pressing a button of the editor leads to."""

    def send(do, at=HERE, who=ta, status=303, **fields):
        present = hidden(who.get(at).text)
        answer = who.post(
            HERE, data=present | {"do": do} | {name.replace("__", ":"): it for name, it in fields.items()}
        )
        assert answer.status_code == status, answer.text
        return answer.headers["location"] if status == 303 else answer

    return send


def hidden(text):
    return dict(re.findall(r'type="hidden" name="(csrf|draft|base|seen)" value="(\w+)"', text))


def in_force(rooms):
    with transaction() as session:
        return session.scalars(
            select(RubricVersion).join(Assignment, Assignment.rubric_version_id == RubricVersion.id)
        ).one()


def score_of(submission):
    with transaction() as session:
        submission = session.get_one(Submission, submission.id)
        return score_sheet(session, submission).question("bn-inline-4").result.score


def test_the_editor_shows_items_with_how_often_they_are_applied(ta, submission):
    page = ta.get(HERE).text
    assert 'name="points:bn-inline-4:not-2"' in page and "decided 2 of 2" in page
    row = page[page.index('id="i-bn-inline-4-not-2"') :]
    assert re.search(r"data-count>(\d+)", row)[1] == "1"
    assert "points:affine-forward" not in page, "checks are not edited here"


def test_an_edit_is_a_draft_until_it_is_applied(ta, press, rooms, submission):
    before = in_force(rooms)
    editor = press("preview", **{"points:bn-inline-4:not-2": "-1,5"})
    assert editor.startswith(f"{HERE}/preview?draft=")
    page = ta.get(editor)
    assert "counts −1.5 instead of −1" in page.text and "1 of 2 students change" in page.text
    assert "bn-inline-4 1 → 0.5" in page.text and "−0.5" in page.text
    assert in_force(rooms).id == before.id and score_of(submission) == 1
    answer = ta.post(f"{HERE}/apply", data=hidden(page.text))
    assert answer.headers["location"] == f"{HERE}?done=1"
    assert score_of(submission) == 0.5 and "Applied" in ta.get(answer.headers["location"]).text
    versions = ta.get(f"{HERE}/versions").text
    assert "counts −1.5 instead of −1" in versions and "Tal Amari" in versions
    back = html.unescape(re.search(rf'href="({HERE}/preview\?draft=[^"]+)"', versions)[1])
    assert ta.post(f"{HERE}/apply", data=hidden(ta.get(back).text)).status_code == 303
    assert in_force(rooms).id == before.id and score_of(submission) == 1


def test_edits_add_up_in_the_draft(ta, press):
    first = press("keep", **{"label:bn-inline-4:not-2": "Option 2 is missing"})
    second = press("down:bn-inline-4:not-2", at=first, **{"worth:bn-inline-4": "2.5"})
    page = ta.get(second.partition("#")[0]).text
    assert 'value="Option 2 is missing"' in page and second.endswith("#i-bn-inline-4-not-2")
    assert page.index("i-bn-inline-4-not-2") > page.index("i-bn-inline-4-picked-1")
    preview = ta.get(second.partition("#")[0].replace("/rubric?", "/rubric/preview?")).text
    assert "is worded" in preview and "is worth 2.5 points instead of 2" in preview and "another order" in preview


def test_adding_splitting_merging_deleting(ta, press, submission):
    at = press("add:bn-inline-4", **{"new-points:bn-inline-4": "0.5", "new-label:bn-inline-4": "ხუთი"})
    item = at.partition("#")[0].replace("/rubric?", "/rubric/item?") + "&question=bn-inline-4&item="
    assert "ხუთი" in ta.get(item + "item").text
    page = ta.get(item + "not-2").text
    assert "1 answer" in page and "/desk/bn-inline-4/" in page
    at = press("split:bn-inline-4:not-2", at=item + "not-2", **{"split-points": "0.5", "split-label": "Half of 2"})
    at = press("merge:bn-inline-4:picked-1", at=at.partition("#")[0], into="no-answer")
    at = press("delete:bn-inline-4:page", at=at.partition("#")[0])
    preview = ta.get(at.partition("#")[0].replace("/rubric?", "/rubric/preview?")).text
    for sentence in ("“ხუთი” is new (−0.5)", "“Half of 2” is new", "is merged into “There is no answer”", "is deleted"):
        assert sentence in preview
    assert re.search(r"Look again at the <a [^>]+>1 answer</a>|Look again at the <a [^>]+>1 answer ", preview)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"points:bn-inline-4:not-2": "much"}, "“much” is not a number of points"),
        ({"points:bn-inline-4:not-2": "-7"}, "must deduct between 0 and 2"),
        ({"points:bn-inline-4:not-2": "nan"}, "points must be a number"),
        ({"label:bn-inline-4:not-2": " "}, "a label cannot be empty"),
        ({"worth:bn-inline-4": "1"}, "must deduct between 0 and 1"),
    ],
)
def test_what_cannot_be_kept_is_still_in_its_field(press, fields, sentence):
    page = html.unescape(press("preview", status=422, **fields).text)
    assert sentence in page
    (typed,) = fields.values()
    assert f'value="{typed}"' in page


def test_of_two_editors_the_second_sees_both_versions(ta, press, rooms, room, browse, submission):
    mine = press("preview", **{"points:bn-inline-4:not-2": "-0.5"})
    my_preview = ta.get(mine).text
    theirs = ta.get(press("preview", **{"points:bn-inline-4:picked-1": "-2"})).text
    assert ta.post(f"{HERE}/apply", data=hidden(theirs)).status_code == 303
    refused = ta.post(f"{HERE}/apply", data=hidden(my_preview))
    assert refused.status_code == 409
    page = html.unescape(refused.text)
    assert "Somebody else changed the rubric" in page and "counts −2 instead of −1" in page
    assert "counts −0.5 instead of −1" in page and "counts −1 instead of −2" in page
    assert ta.post(f"{HERE}/apply", data=hidden(refused.text)).status_code == 303, "seen, and applied all the same"
    assert score_of(submission) == 1.5


def test_yaml_by_hand(ta, rooms, csrf):
    text = in_force(rooms).yaml_text
    form = hidden(ta.get(f"{HERE}/yaml").text)
    broken = ta.post(
        f"{HERE}/yaml", data=form | {"text": text.replace("points: -1, label: Option 2", "point: -1, label: Option 2")}
    )
    assert broken.status_code == 422 and re.search(r"rubric\.yaml:\d+: [^<]*unknown key", html.unescape(broken.text))
    same = ta.post(f"{HERE}/yaml", data=form | {"text": text.replace("\n", "\r\n"), "do": "edit"})
    assert same.headers["location"] == HERE, "an untouched text is the same version"
    changed = text.replace("title: Dropout as a regularizer", "title: 'Dropout, a regularizer'  # shorter")
    went = ta.post(f"{HERE}/yaml", data=form | {"text": changed}).headers["location"]
    assert "is called “Dropout, a regularizer”" in ta.get(went).text
    draft = re.search(r"draft=(\w+)", went)[1]
    download = ta.get(f"{HERE}/rubric.yaml?draft={draft}")
    assert download.text == changed and 'filename="rubric.yaml"' in download.headers["content-disposition"]
    foreign = ta.post(f"{HERE}/yaml", data=form | {"text": text.replace("assignment: cs231n_a2", "assignment: other")})
    assert foreign.status_code == 422 and "assignment: cs231n_a2" in foreign.text


def test_changed_checks_lead_to_grading_again(ta, rooms):
    text = in_force(rooms).yaml_text.replace("of: affine}", "of: affine, rtol: 1.0e-3}", 1)
    form = hidden(ta.get(f"{HERE}/yaml").text)
    went = ta.post(f"{HERE}/yaml", data=form | {"text": text}).headers["location"]
    page = ta.get(went).text
    assert "The checks of affine-forward changed" in page and f"{HERE}/apply" not in page
    refused = ta.post(f"{HERE}/apply", data=form | {"draft": rubric_hash(text), "seen": in_force(rooms).sha256})
    assert refused.status_code == 422 and "graded again" in refused.text


def test_saving_into_the_pack(ta, press, room, browse, tmp_path, monkeypatch, rooms):
    pack = tmp_path / "cs231n_a2"
    pack.mkdir()
    (pack / "rubric.yaml").write_text(rooms.PACK.text)
    monkeypatch.setattr("grader.pack.RUBRICS", tmp_path)
    preview = ta.get(press("preview", **{"label:bn-inline-4:not-2": "Option 2 is missing"})).text
    assert ta.post(f"{HERE}/apply", data=hidden(preview)).status_code == 303
    assert "An instructor of the course can save it" in ta.get(f"{HERE}/yaml").text
    form = hidden(ta.get(f"{HERE}/yaml").text) | {"seen": load_pack("cs231n_a2").rubric_hash}
    assert ta.post(f"{HERE}/save", data=form).status_code == 403
    with transaction() as session:
        boss = rooms.enrolled(session, room.course, "ines@example.edu", "Ines", Role.INSTRUCTOR)
    boss = browse(boss)
    form = hidden(boss.get(f"{HERE}/yaml").text)
    stale = boss.post(f"{HERE}/save", data=form | {"seen": "0" * 64})
    assert stale.status_code == 409 and "changed meanwhile" in stale.text
    assert boss.post(f"{HERE}/save", data=form).status_code == 303
    assert (pack / "rubric.yaml").read_text() == in_force(rooms).yaml_text
    assert "The file on disk is the rubric in force" in boss.get(f"{HERE}/yaml").text
    (pack / "rubric.yaml").write_text("assignment: [")
    assert "no valid rubric: rubric.yaml:1: " in boss.get(f"{HERE}/yaml").text


@pytest.mark.parametrize(
    "path", ["", "/preview", "/yaml", "/versions", "/rubric.yaml", "/item?question=bn-inline-4&item=page"]
)
def test_students_see_none_of_it(browse, room, path):
    assert browse(room.student).get(HERE + path).status_code == 403


def test_hostile_labels_are_text(ta, press):
    evil = '"><script>alert(1)</script>'
    at = press("keep", **{"label:bn-inline-4:not-2": evil, "title:bn-inline-4": evil})
    for page in ("", "/preview", "/yaml", "/item"):
        text = ta.get(
            at.partition("#")[0].replace("/rubric?", f"/rubric{page}?") + "&question=bn-inline-4&item=not-2"
        ).text
        assert "<script>alert" not in text and "&lt;script&gt;alert" in text


def test_unknown_drafts_and_items_are_not_found(ta):
    assert ta.get(f"{HERE}?draft={'f' * 64}").status_code == 404
    assert ta.get(f"{HERE}/item?question=bn-inline-4&item=gone").status_code == 404


# The same over REST.

API = f"/api/v1{HERE}"


def test_over_rest(api, room, submission):
    client = api(room.ta)
    rubric = client.get(API).json()
    text = rubric["yaml"].replace("{id: not-2, points: -1,", "{id: not-2, points: -2,")
    preview = client.post(f"{API}/preview", json={"yaml": text}).json()
    assert preview["needs_grading"] == [] and len(preview["sentences"]) == 1
    (change,) = preview["changes"]
    assert (change["submission"], change["question"], change["before"], change["after"]) == (
        submission.id, "bn-inline-4", 1, 0,
    )  # fmt: skip
    applied = client.put(API, json={"yaml": text, "seen": rubric["sha256"]})
    assert applied.status_code == 200 and applied.json()["sha256"] == preview["sha256"]
    assert score_of(submission) == 0
    late = client.put(API, json={"yaml": rubric["yaml"], "seen": rubric["sha256"]})
    assert late.status_code == 409 and late.json()["current"]["sha256"] == preview["sha256"]
    assert [step["sentences"] for step in client.get(f"{API}/versions").json()] == [preview["sentences"]]


def test_errors_over_rest(api, room):
    client = api(room.ta)
    rubric = client.get(API).json()
    broken = rubric["yaml"].replace("title: Dropout as", "titel: Dropout as")
    answer = client.put(API, json={"yaml": broken, "seen": rubric["sha256"]})
    assert answer.status_code == 422 and re.search(
        r"rubric\.yaml:\d+: .*unknown key 'titel'", answer.json()["detail"], re.I
    )
    assert client.post(f"{API}/preview", json={"yaml": "["}).status_code == 422
    assert client.post(f"{API}/preview", json={"yaml": rubric["yaml"].replace("of: affine}", "of: relu}", 1)}).json()[
        "needs_grading"
    ]
    student = api(room.student)
    assert student.get(API).status_code == student.post(f"{API}/preview", json={"yaml": ""}).status_code == 403
