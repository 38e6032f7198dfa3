"""Celery's configuration: queues, routes and the beat schedule. Addresses come from the settings; nothing is decided here."""

from celery.beat import BeatLazyFunc
from kombu import Queue

from marketswarm.beat import WallClockSchedule, current_slot
from marketswarm.own_swarm import load_settings

_settings = load_settings()

# -- where ------------------------------------------------------------------
broker_url = _settings.celery_broker_url
result_backend = _settings.celery_result_url
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_transport_options = {
    "visibility_timeout": 900,  # longer than any task with its retries
    "health_check_interval": 5,  # a half-open connection is found in seconds
    "socket_keepalive": True,
    "socket_connect_timeout": 3,
    "socket_timeout": 10,
    "retry_on_timeout": True,
    "unacked_restore_interval": 1,
}
redis_socket_timeout = 10.0
redis_socket_connect_timeout = 3.0
redis_socket_keepalive = True
redis_backend_health_check_interval = 10
result_backend_always_retry = False

# -- what -------------------------------------------------------------------
imports = ("tasks.chain", "tasks.plan", "tasks.spot", "tasks.vexy", "tasks.vigil")
task_serializer = result_serializer = "json"
accept_content = result_accept_content = ["json"]
task_queues = (Queue("default"), Queue("stream"))
task_default_queue = "default"
task_create_missing_queues = False  # a misspelt queue fails where it is used
task_ignore_result = True
task_store_errors_even_if_ignored = True
task_track_started = True
result_expires = 3600
result_extended = True
task_send_sent_event = True
worker_send_task_events = True
task_publish_retry_policy = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0.2,
    "interval_max": 0.5,
}

# -- how --------------------------------------------------------------------
worker_pool = "threads"  # loads wait for the network; the heartbeat must never wait behind them
worker_concurrency = 8
worker_prefetch_multiplier = 1
worker_cancel_long_running_tasks_on_connection_loss = True
worker_hijack_root_logger = False
worker_redirect_stdouts = False
event_queue_expires = 60
control_queue_expires = 10
timezone = "UTC"
enable_utc = True

# -- when -------------------------------------------------------------------
beat_scheduler = "marketswarm.beat:StrictScheduler"
beat_max_loop_interval = 1
# The heartbeat's marks belong to it, and to what a close must not wait for; everything else comes between two of them.
beat_schedule = {
    "spot.snapshot": {
        "task": "spot.snapshot",
        "schedule": WallClockSchedule(10),
        "kwargs": {"slot": BeatLazyFunc(current_slot)},
        "options": {"expires": 3, "retry": False},
    },
    "chain.attend": {
        "task": "chain.attend",
        # with a lease of 2.5 s, a dead stream's chains are stale within 5
        "schedule": WallClockSchedule(2, after_s=1),
        "options": {"expires": 2, "retry": False},
    },
    "chain.audit": {
        "task": "chain.audit",
        "schedule": WallClockSchedule(5, after_s=2),
        "options": {"expires": 4, "retry": False},
    },
    "chain.poll": {
        "task": "chain.poll",
        # idle where quotes are streamed
        "schedule": WallClockSchedule(5, after_s=3),
        "options": {"expires": 4, "retry": False},
    },
    "plan.probe": {
        "task": "plan.probe",
        # idle but once an hour, and until all is known
        "schedule": WallClockSchedule(10, after_s=4),
        "options": {"expires": 9, "retry": False},
    },
    "chain.roll": {
        "task": "chain.roll",
        # a close is one of its marks
        "schedule": WallClockSchedule(5),
        "options": {"expires": 4, "retry": False},
    },
    "vexy.speak": {
        "task": "vexy.speak",
        # Vigil sends it, too; what was lost on the way waits for this
        "schedule": WallClockSchedule(10, after_s=1),
        "options": {"expires": 9, "retry": False},
    },
    "vexy.epoch": {
        "task": "vexy.epoch",
        # idle once the phase's messages are told
        "schedule": WallClockSchedule(10, after_s=1),
        "options": {"expires": 9, "retry": False},
    },
}
