"""Decisions that reach duplicates, groups and clear answers; two TAs at once; what undo restores."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.core.submission import Answer
from grader.db import answer_sheets
from grader.db.audit import entries
from grader.db.decisions import confirm_clear, decide, decide_group
from grader.db.kinds import ReviewVia
from grader.db.session import transaction
from grader.db.submissions import submission_by_id
from grader.db.undo import undo
from grader.errors import BadInput, EditConflict, NotFound

CLEAR = {"why": {"wrong": "clear", "vague": "clear"}}


@pytest.fixture
def room(session, desks):
    return desks.make_desk_class(session)


@pytest.fixture
def save(session, room, desks):
    """`save(submission, "vague", by=room.uri, points=…)` as one would at the desk."""

    def save(submission, *items, by=None, question="why", **more):
        return decide(
            session, submission=submission, question=question, decision=desks.decision(*items, **more),
            version=room.sheet(session, submission, question).version, by=by or room.tal, via=ReviewVia.DESK,
        )  # fmt: skip

    return save


def via(session, room, submission):
    review = room.sheet(session, submission).review
    return review.via.value if review else None


class TestDuplicates:
    def test_the_same_words_are_decided_with_it(self, session, room, save):
        first, same, other = room.class_of(session, "(2), it is noisy.", "**2** it is noisy", "(3), it is noisy.")
        decided = save(first, "vague", vague="Why?", points=0.5, comment="Nice.")
        assert decided.duplicates == (same.id,)
        sheet = room.sheet(session, same)
        assert (room.applied(session, same), sheet.marks["vague"].comment) == (["vague"], "Why?")
        assert (float(sheet.adjustment.points), sheet.adjustment.comment) == (0.5, "Nice.")
        assert (sheet.result.score, sheet.review.via) == (2.5, ReviewVia.DUPLICATE)
        assert room.applied(session, other) is None

    def test_every_duplicate_is_in_the_audit_log(self, session, room, save):
        first, same = room.class_of(session, "yes", "Yes!")
        save(first, "wrong")
        logged = [entry for entry in entries(session, room.assignment.id) if entry.action == "review"]
        assert {entry.submission_id for entry in logged} == {first.id, same.id}
        copied = next(entry for entry in logged if entry.submission_id == same.id)
        assert (copied.by_id, copied.before, copied.after["of"]) == (room.tal.id, None, first.id)

    def test_a_decision_by_hand_is_never_overwritten(self, session, room, save):
        first, same, third = room.class_of(session, "yes", "yes.", "yes!")
        save(same, "vague")  # decides all three
        save(first, "wrong", by=room.uri)  # by hand now
        assert [room.applied(session, it) for it in (first, same, third)] == [["wrong"], ["vague"], ["vague"]]
        assert save(same).duplicates == (third.id,)
        assert [room.applied(session, it) for it in (first, same, third)] == [["wrong"], [], []]

    def test_changing_ones_mind_reaches_what_followed(self, session, room, save):
        first, same = room.class_of(session, "yes", "yes.")
        save(first, "wrong")
        assert save(first, "vague").duplicates == (same.id,)
        assert room.applied(session, same) == ["vague"]

    def test_unanswered_are_duplicates_of_each_other(self, session, room, save):
        first, blank, dots = room.class_of(session, "", "  ", "...")
        assert save(first, "wrong").duplicates == (blank.id, dots.id)

    @pytest.mark.parametrize(
        "special",
        [
            Answer("why", "yes", "homework.pdf", place="found", document="homework.pdf", pages=(2,)),
            Answer("why", "yes ![plot](attachment:image.png)", "a.ipynb, cell 3"),
        ],
        ids=["page of a PDF", "picture"],
    )
    def test_words_are_not_all_of_it(self, session, room, save, special):
        first = room.hand_in(session, "A", answers={"why": special})
        second = room.hand_in(session, "B", answers={"why": special})
        assert save(first, "wrong").duplicates == ()
        assert room.applied(session, second) is None

    def test_no_page_is_not_no_answer(self, session, room, save):
        blank = room.hand_in(session, "A", answers={})
        unselected = Answer("why", "", "homework.pdf", place="unselected", document="homework.pdf")
        room.hand_in(session, "B", answers={"why": unselected})
        assert save(blank, "wrong").duplicates == ()

    def test_only_the_newest_submission_of_a_student_counts(self, session, room, save):
        old = room.hand_in(session, "A", answers={"why": "yes"})
        new = room.hand_in(session, "A", answers={"why": "yes", "example": "no"})
        other = room.hand_in(session, "B", answers={"why": "yes"})
        assert save(other).duplicates == (new.id,)
        assert room.applied(session, old) is None

    def test_refused_decisions_store_nothing(self, session, room, save, desks):
        first, same = room.class_of(session, "yes", "yes.")
        with pytest.raises(EditConflict):
            decide(
                session, submission=first, question="why", decision=desks.decision("wrong"), version="stale",
                by=room.tal,
            )  # fmt: skip
        with pytest.raises(BadInput, match="comment"):
            save(first, points=1.0)
        assert [room.applied(session, it) for it in (first, same)] == [None, None]


class TestGroup:
    def decide(self, session, room, desks, submissions, *items, versions=None, by=None, **more):
        seen = {it.id: room.sheet(session, it).version for it in submissions}
        return decide_group(
            session, assignment=room.assignment, question="why", submission_ids=[it.id for it in submissions],
            decision=desks.decision(*items, **more), versions=seen | (versions or {}), by=by or room.tal,
        )  # fmt: skip

    def test_exceptions_are_left_out(self, session, room, desks):
        one, two, exception = room.class_of(session, "yes it is", "yes it was", "yes it is, or not")
        done = self.decide(session, room, desks, [one, two], "vague", vague="How?")
        assert (done.decided, done.conflicts, done.gone) == ((one.id, two.id), {}, ())
        assert [room.applied(session, it) for it in (one, two, exception)] == [["vague"], ["vague"], None]
        assert via(session, room, one) == "group"

    def test_more_rows_than_fit_into_a_statement(self, session, room, desks, monkeypatch):
        monkeypatch.setattr(answer_sheets, "_MOST_ROWS", 3)
        submissions = room.class_of(session, *"abcde")
        self.decide(session, room, desks, submissions, "vague", wrong="Nearly.", points=0.5, comment="Short.")
        for answer in submissions:
            sheet = room.sheet(session, answer)
            assert (room.applied(session, answer), sheet.result.score) == (["vague"], 2.5)
            assert sheet.marks["wrong"].comment == "Nearly."

    def test_what_changed_meanwhile_is_a_conflict(self, session, room, desks, save):
        one, two = room.class_of(session, "yes it is", "yes it was")
        stale = room.sheet(session, two).version
        save(two, "wrong", by=room.uri)
        done = self.decide(session, room, desks, [one, two], "vague", versions={two.id: stale})
        assert done.decided == (one.id,)
        assert done.conflicts[two.id].review.by.name == "Uri"
        assert room.applied(session, two) == ["wrong"]

    def test_a_student_who_handed_in_again(self, session, room, desks):
        (old,) = room.class_of(session, "yes")
        room.hand_in(session, "A", answers={"why": "no"})
        done = self.decide(session, room, desks, [old], "vague")
        assert (done.decided, done.gone) == ((), (old.id,))

    @pytest.mark.parametrize(("items", "more"), [(("unheard-of",), {}), ((), {"points": 1.0})])
    def test_what_cannot_be_used_decides_nothing(self, session, room, desks, items, more):
        submissions = room.class_of(session, "yes", "no")
        with pytest.raises(BadInput):
            self.decide(session, room, desks, submissions, *items, **more)
        assert room.applied(session, submissions[0]) is None

    def test_unknown_question(self, session, room, desks):
        with pytest.raises(NotFound):
            decide_group(
                session, assignment=room.assignment, question="relu", submission_ids=[],
                decision=desks.decision(), versions={}, by=room.tal,
            )  # fmt: skip


class TestClear:
    def test_only_what_is_clear_and_undecided(self, session, room, save):
        clear = room.hand_in(session, "A", answers={"why": "good"}, suggested=CLEAR)
        decided = room.hand_in(session, "B", answers={"why": "fine"}, suggested=CLEAR)
        unsure = room.hand_in(session, "C", answers={"why": "well"}, suggested={"why": {"wrong": "clear"}})
        empty = room.hand_in(session, "D", answers={"why": " \n"}, suggested=CLEAR)
        save(decided, "vague")
        assert confirm_clear(session, assignment=room.assignment, question="why", by=room.uri) == 1
        found = [room.applied(session, it) for it in (clear, decided, unsure, empty)]
        assert found == [[], ["vague"], None, None]
        assert (via(session, room, clear), room.sheet(session, clear).result.score) == ("bulk", 3)

    def test_no_credit_is_nothing_to_confirm(self, session, room):
        """Of a question that adds points, all clear would be zero points."""
        suggested = {"example": {"given": "clear"}}
        answer = room.hand_in(session, "A", answers={"example": "none"}, suggested=suggested)
        assert confirm_clear(session, assignment=room.assignment, question="example", by=room.tal) == 0
        assert room.applied(session, answer, "example") is None

    def test_suggestions_about_another_text_do_not_count(self, session, room):
        answer = room.hand_in(session, "A", answers={"why": "good"}, suggested=CLEAR)
        answer.answers[0].text = "another page"
        session.flush()
        assert confirm_clear(session, assignment=room.assignment, question="why", by=room.tal) == 0


class TestUndo:
    def undo(self, session, room, by=None):
        return undo(session, by=by or room.tal, assignment=room.assignment)

    def test_nothing_to_undo(self, session, room, save):
        (answer,) = room.class_of(session, "yes")
        save(answer, by=room.uri)
        assert self.undo(session, room) is None

    def test_a_decision_with_its_duplicates(self, session, room, save):
        first, same = room.class_of(session, "yes", "yes.")
        fresh = room.sheet(session, first).version
        save(first, "wrong", wrong="No.", points=1, comment="For trying.")
        undone = self.undo(session, room)
        assert (undone.submission_id, undone.restored, undone.kept) == (first.id, (first.id, same.id), {})
        for answer in (first, same):
            sheet = room.sheet(session, answer)
            assert (sheet.review, sheet.marks, sheet.adjustment) == (None, {}, None)
        assert room.sheet(session, first).version == fresh
        assert self.undo(session, room) is None

    def test_back_to_the_decision_before_that(self, session, room, save):
        first, same = room.class_of(session, "yes", "yes.")
        save(first, "vague", vague="Why?", points=0.5, comment="Nice.")
        save(first, "wrong")
        self.undo(session, room)
        for answer in (first, same):
            sheet = room.sheet(session, answer)
            assert (room.applied(session, answer), sheet.marks["vague"].comment) == (["vague"], "Why?")
            assert (float(sheet.adjustment.points), sheet.adjustment.comment) == (0.5, "Nice.")
        assert [via(session, room, it) for it in (first, same)] == ["desk", "duplicate"]
        assert save(first).duplicates == (same.id,)  # it still follows
        self.undo(session, room)
        assert room.applied(session, same) == ["vague"]
        self.undo(session, room)
        assert [room.applied(session, it) for it in (first, same)] == [None, None]

    def test_anothers_decision_comes_back_as_theirs(self, session, room, save):
        (answer,) = room.class_of(session, "yes")
        save(answer, "vague", by=room.uri)
        save(answer, "wrong")
        self.undo(session, room)
        assert room.applied(session, answer) == ["vague"]
        assert room.sheet(session, answer).review.by_id == room.uri.id

    def test_what_somebody_decided_since_is_kept(self, session, room, save):
        first, same = room.class_of(session, "yes", "yes.")
        save(first, "vague")
        save(same, "wrong", by=room.uri)
        undone = self.undo(session, room)
        assert (undone.restored, undone.kept) == ((first.id,), {same.id: "Uri"})
        assert [room.applied(session, it) for it in (first, same)] == [None, ["wrong"]]

    def test_nothing_is_taken_back_if_all_of_it_was_changed(self, session, room, save):
        (answer,) = room.class_of(session, "yes")
        save(answer, "vague")
        save(answer, "wrong", by=room.uri)
        undone = self.undo(session, room)
        assert (undone.restored, undone.kept) == ((), {answer.id: "Uri"})
        assert room.applied(session, answer) == ["wrong"]

    def test_a_group_as_a_whole(self, session, room, desks, save):
        one, two, three = room.class_of(session, "yes it is", "yes it was", "no")
        save(three, "wrong")
        TestGroup().decide(session, room, desks, [one, two], "vague")
        assert self.undo(session, room).restored == (one.id, two.id)
        assert [room.applied(session, it) for it in (one, two, three)] == [None, None, ["wrong"]]
        assert self.undo(session, room).restored == (three.id,)

    def test_all_that_were_confirmed_as_clear(self, session, room):
        for name in "AB":
            room.hand_in(session, name, answers={"why": f"good {name}"}, suggested=CLEAR)
        assert confirm_clear(session, assignment=room.assignment, question="why", by=room.tal) == 2
        assert len(self.undo(session, room).restored) == 2
        assert confirm_clear(session, assignment=room.assignment, question="why", by=room.tal) == 2

    def test_it_is_in_the_audit_log(self, session, room, save):
        (answer,) = room.class_of(session, "yes")
        save(answer, "vague")
        self.undo(session, room)
        newest = entries(session, room.assignment.id)[0]
        assert (newest.action, newest.by_id, newest.before["applied"], newest.after) == (
            "undo", room.tal.id, ["vague"], None,
        )  # fmt: skip


class TestTwoAtOnce:
    """Committed data, real connections."""

    @pytest.fixture
    def committed(self, database, desks):
        with transaction() as session:
            room = desks.make_desk_class(session)
            submissions = room.class_of(session, *["yes"] * 12)
            return room, [it.id for it in submissions]

    def save(self, desks, room, submission_id, by, *items):
        with transaction() as session:
            version = room.sheet(session, submission_id).version
        try:
            with transaction() as session:
                return decide(
                    session, submission=submission_by_id(session, submission_id), question="why",
                    decision=desks.decision(*items), version=version, by=by,
                ).duplicates  # fmt: skip
        except EditConflict:
            return None

    def test_deciding_duplicates_of_each_other(self, committed, desks):
        """Nobody waits for ever, and each answer ends as one of the two decided it, wholly."""
        room, ids = committed
        jobs = [(it, ta, item) for it in ids for ta, item in ((room.tal, "wrong"), (room.uri, "vague"))]
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda job: self.save(desks, room, *job), jobs))
        assert any(outcome is not None for outcome in outcomes)
        names = {room.tal.id: ["wrong"], room.uri.id: ["vague"]}
        with transaction() as session:
            for it in ids:
                assert room.applied(session, it) == names[room.sheet(session, it).review.by_id]

    def test_a_group_against_single_answers(self, committed, desks):
        room, ids = committed
        with transaction() as session:
            versions = {it: room.sheet(session, it).version for it in ids}

        def whole(by):
            with transaction() as session:
                return decide_group(
                    session, assignment=room.assignment, question="why", submission_ids=ids,
                    decision=desks.decision("vague"), versions=versions, by=by,
                )  # fmt: skip

        with ThreadPoolExecutor(4) as pool:
            groups = [pool.submit(whole, ta) for ta in (room.tal, room.uri)]
            singles = [pool.submit(self.save, desks, room, it, room.uri, "wrong") for it in reversed(ids)]
            first, second = (future.result() for future in groups)
            for single in singles:
                single.result()
        assert not set(first.decided) & set(second.decided)
        assert set(first.decided) | set(first.conflicts) == set(ids)
        with transaction() as session:
            assert None not in [room.applied(session, it) for it in ids]

    def test_what_was_seen_before_an_undo_is_stale_after_the_next_decision(self, committed, desks):
        room, (one, *_) = committed
        self.save(desks, room, one, room.tal, "vague")
        with transaction() as session:
            seen = room.sheet(session, one).version
            undo(session, by=room.tal, assignment=room.assignment)
        self.save(desks, room, one, room.tal, "wrong")
        with transaction() as session, pytest.raises(EditConflict):
            decide(
                session, submission=submission_by_id(session, one), question="why", decision=desks.decision(),
                version=seen, by=room.uri,
            )  # fmt: skip
