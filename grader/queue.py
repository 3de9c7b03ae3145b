"""Task names, lanes, and sending. Commit first, send second: two visible lines at the caller.

The database knows what is undone; a message is a hint. So a send that fails is logged and forgotten, and the sweeper
sends again.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from amqp.exceptions import ChannelError
from celery import Celery
from kombu import Connection, Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from grader.db.tables import Lane
from grader.errors import Unavailable
from grader.log import get_logger
from grader.settings import Settings, get_settings

GRADE_ATTEMPT = "grade_attempt"
ASK_OPINION = "ask_opinion"
_CONNECT_SECONDS = 2
_ANSWER_SECONDS = 1.0  # workers answer from a process that grades nothing

log = get_logger(__name__)


def queue_of(lane: Lane) -> Queue:
    """The lane's own queue and exchange: a message for one lane is never copied to another."""
    return Queue(lane.value, Exchange(lane.value, type="direct"), routing_key=lane.value)


def limit_of(lane: Lane, settings: Settings) -> dict[str, int]:
    """Hard limit of an attempt in the queues for long ones; in `interactive` the worker's own holds."""
    return {} if lane is Lane.INTERACTIVE else {"time_limit": settings.long_attempt_seconds}


def broker_options(settings: Settings) -> dict[str, object]:
    """Options of the Redis transport, the same for those who send and those who work."""
    return {
        "visibility_timeout": settings.visibility_seconds,
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": 30,
        "socket_keepalive": True,
        "health_check_interval": 25,
    }


def broker_url(settings: Settings) -> str:
    """Celery's spelling of the Redis address."""
    return settings.redis_url.replace("unix://", "redis+socket://", 1)


@lru_cache
def sender() -> Celery:
    """A Celery app that only sends: it knows no tasks."""
    settings = get_settings()
    app = Celery("grader-sender", broker=broker_url(settings), set_as_current=False)
    app.conf.update(
        task_queues=[queue_of(lane) for lane in Lane],
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        broker_transport_options=broker_options(settings),
        broker_connection_timeout=_CONNECT_SECONDS,
    )
    return app


def send_attempt(attempt_id: int, lane: Lane) -> bool:
    """Tell the workers about a committed attempt. False if the broker is away: the sweeper will send it."""
    try:
        limit = limit_of(lane, get_settings())
        sender().send_task(GRADE_ATTEMPT, args=[attempt_id], queue=lane.value, retry=False, **limit)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("attempt_not_sent", attempt_id=attempt_id, lane=lane, error=str(error))
        return False
    return True


def send_question(submission_id: int, question: str) -> bool:
    """Have a worker ask the language model about one answer. False if the broker is away: a TA may ask again."""
    try:
        sender().send_task(ASK_OPINION, args=[submission_id, question], queue=Lane.BULK.value, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("question_not_sent", submission_id=submission_id, question=question, error=str(error))
        return False
    return True


def send_attempts(attempts: Iterable[tuple[int, Lane]]) -> bool:
    """Tell the workers about many; stops where the broker is away, and the sweeper goes on."""
    return all(send_attempt(attempt_id, lane) for attempt_id, lane in attempts)


def idle_lanes() -> list[Lane]:
    """Lanes in whose queue no message waits. Raises Unavailable while the broker is away."""
    try:
        with sender().connection_for_read() as connection:
            return [lane for lane in Lane if _length(connection, lane) == 0]
    except (OperationalError, RedisError, OSError) as error:
        raise Unavailable(f"the message broker is away: {error}") from error


def served_lanes() -> set[Lane]:
    """Lanes that a worker serves which answers within a second. Raises Unavailable while the broker is away."""
    try:
        answers = sender().control.inspect(timeout=_ANSWER_SECONDS).active_queues() or {}
    except (OperationalError, RedisError, OSError) as error:
        raise Unavailable(f"the message broker is away: {error}") from error
    names = {queue["name"] for queues in answers.values() for queue in queues or ()}
    return {lane for lane in Lane if lane.value in names}


def _length(connection: Connection, lane: Lane) -> int:
    try:
        return connection.default_channel.queue_declare(lane.value, passive=True).message_count
    except ChannelError:  # a queue that nobody has used yet
        return 0
