"""The TA's desk: suggestions, reviews, groups, claims, the audit log, regrade runs and requests, opinions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regrade_run",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("rubric_version_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "accepted",
                "discarded",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="running",
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_regrade_run_assignment_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_regrade_run_by_id")),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"], ["rubric_version.id"], name=op.f("fk_regrade_run_rubric_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_run")),
    )
    op.create_index(op.f("ix_regrade_run_assignment_id"), "regrade_run", ["assignment_id"], unique=False)
    op.create_table(
        "answer_group",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_answer_group_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "question", name=op.f("pk_answer_group")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_audit_entry_assignment_id")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_audit_entry_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_audit_entry_submission_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_assignment", "audit_entry", ["assignment_id", "id"], unique=False)
    op.create_table(
        "claim",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_claim_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_claim_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "question", name=op.f("pk_claim")),
    )
    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_opinion_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
    )
    op.create_index("ix_opinion_answer", "opinion", ["submission_id", "question"], unique=False)
    op.create_table(
        "regrade_request",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "granted",
                "declined",
                "withdrawn",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by_id"], ["users.id"], name=op.f("fk_regrade_request_closed_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_regrade_request_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_request")),
        sa.UniqueConstraint("submission_id", "question", name=op.f("uq_regrade_request_submission_id_question")),
    )
    op.create_table(
        "review",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column(
            "via",
            sa.Enum(
                "desk",
                "page",
                "api",
                "group",
                "duplicate",
                "bulk",
                "import",
                name="reviewvia",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_review_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_review_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "question", name=op.f("pk_review")),
    )
    op.create_table(
        "suggestion",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer_sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_suggestion_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("submission_id", "question", name=op.f("pk_suggestion")),
    )
    op.create_table(
        "regrade_message",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_regrade_message_by_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["regrade_request.id"], name=op.f("fk_regrade_message_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade_message")),
    )
    op.create_index(op.f("ix_regrade_message_request_id"), "regrade_message", ["request_id"], unique=False)
    op.add_column("answer", sa.Column("place", sa.Text(), server_default="given", nullable=False))
    op.add_column("answer", sa.Column("document", sa.Text(), nullable=True))
    op.add_column(
        "answer",
        sa.Column("pages", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("answer", sa.Column("placed_by_id", sa.Integer(), nullable=True))
    op.add_column("answer", sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_answer_placed_by_id"), "answer", "users", ["placed_by_id"], ["id"])
    op.add_column("assignment", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("assignment", sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("assignment", sa.Column("regrade_quota", sa.Integer(), server_default=sa.text("3"), nullable=False))
    op.add_column("assignment", sa.Column("regrades_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempt", sa.Column("run_id", sa.Integer(), nullable=True))
    op.add_column("attempt", sa.Column("counts", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.create_index(op.f("ix_attempt_run_id"), "attempt", ["run_id"], unique=False)
    op.create_foreign_key(op.f("fk_attempt_run_id"), "attempt", "regrade_run", ["run_id"], ["id"])
    op.execute("DELETE FROM mark WHERE state = 'suggested'")
    op.drop_constraint(op.f("ck_mark_markstate"), "mark", type_="check")
    op.create_check_constraint(op.f("ck_mark_markstate"), "mark", "state IN ('confirmed', 'overridden')")
    op.execute(
        """
        INSERT INTO review (submission_id, question, by_id, via, at)
        SELECT DISTINCT ON (submission_id, question) submission_id, question, by_id, 'page', at FROM (
            SELECT submission_id, question, by_id, at FROM mark WHERE by_id IS NOT NULL
            UNION ALL SELECT submission_id, question, by_id, at FROM adjustment
        ) AS decided
        ORDER BY submission_id, question, at DESC
        """
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_mark_markstate"), "mark", type_="check")
    op.create_check_constraint(op.f("ck_mark_markstate"), "mark", "state IN ('suggested', 'confirmed', 'overridden')")
    op.drop_constraint(op.f("fk_attempt_run_id"), "attempt", type_="foreignkey")
    op.drop_index(op.f("ix_attempt_run_id"), table_name="attempt")
    op.drop_column("attempt", "counts")
    op.drop_column("attempt", "run_id")
    op.drop_column("assignment", "regrades_until")
    op.drop_column("assignment", "regrade_quota")
    op.drop_column("assignment", "anonymous")
    op.drop_column("assignment", "published_at")
    op.drop_constraint(op.f("fk_answer_placed_by_id"), "answer", type_="foreignkey")
    op.drop_column("answer", "placed_at")
    op.drop_column("answer", "placed_by_id")
    op.drop_column("answer", "pages")
    op.drop_column("answer", "document")
    op.drop_column("answer", "place")
    op.drop_index(op.f("ix_regrade_message_request_id"), table_name="regrade_message")
    op.drop_table("regrade_message")
    op.drop_table("suggestion")
    op.drop_table("review")
    op.drop_table("regrade_request")
    op.drop_index("ix_opinion_answer", table_name="opinion")
    op.drop_table("opinion")
    op.drop_table("claim")
    op.drop_index("ix_audit_entry_assignment", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("answer_group")
    op.drop_index(op.f("ix_regrade_run_assignment_id"), table_name="regrade_run")
    op.drop_table("regrade_run")
