"""The Celery app of a worker. It carries attempt ids and nothing else; what is undone is in the database."""

from __future__ import annotations

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from grader.db.session import forget_engine
from grader.db.tables import Lane
from grader.log import configure_logs
from grader.queue import broker_options, broker_url, queue_of
from grader.settings import Settings, get_settings


def make_app(settings: Settings) -> Celery:
    app = Celery("grader", broker=broker_url(settings), include=["worker.tasks"])
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_queues=[queue_of(lane) for lane in Lane],
        task_default_queue=Lane.INTERACTIVE.value,
        # A message is acknowledged when its attempt is over, and one worker process holds one message.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        # The hard limit ends a process that hangs; the broker's visibility timeout is longer (see Settings).
        task_time_limit=settings.attempt_seconds,
        broker_transport_options=broker_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # An attempt outlives a lost broker: its result goes to the database, where the lease decides.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_concurrency=settings.worker_concurrency,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
    )
    return app


@setup_logging.connect
def _logs(**_: object) -> None:
    configure_logs()


@worker_process_init.connect
def _own_connections(**_: object) -> None:
    forget_engine()


app = make_app(get_settings())
