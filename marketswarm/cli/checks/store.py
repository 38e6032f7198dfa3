"""Checks of the data store and the broker: reached, new enough, and our scripts run there."""

from redis.exceptions import RedisError

from marketswarm.cli.checks.finding import Finding
from marketswarm.errors import StoreError
from marketswarm.scripts import script, script_names
from marketswarm.servers import check_server
from marketswarm.settings import Settings, masked_url
from marketswarm.supervisor.preflight import check_store
from marketswarm.wiring import Swarm

_START = "start `marketswarm up`, or set MARKETSWARM_REDIS_URL"


def check_data_store(swarm: Swarm) -> Finding:
    """Redis 6.2 or newer, or Valkey, answers at the address."""
    if swarm.settings.redis_url is None:
        return Finding("server", "skip", "none runs yet: `marketswarm up` starts the embedded one")
    try:
        return Finding("server", "ok", f"{check_server(swarm.redis, swarm.address)} at {swarm.address}")
    except StoreError as error:
        return Finding("server", "fail", str(error), _START)


def check_scripts(swarm: Swarm) -> Finding:
    """The server runs Lua, and takes every script of ours."""
    names = script_names()
    try:
        echoed = swarm.redis.eval("return ARGV[1]", 0, "marketswarm")
        known = [swarm.redis.script_load(script(name).source) == script(name).sha for name in names]
    except RedisError as error:
        return Finding("scripts", "fail", str(error), "allow EVAL and SCRIPT LOAD to this user of the server")
    if echoed != b"marketswarm" or not all(known):
        return Finding("scripts", "fail", "the server changes what scripts are given", "use another server")
    return Finding("scripts", "ok", f"EVAL works, {len(names)} scripts load")


def check_broker(settings: Settings) -> Finding:
    """Celery's broker answers."""
    address = settings.broker_url or settings.redis_url
    if address is None:
        return Finding("broker", "skip", "none runs yet")
    try:
        check_store(address.get_secret_value())
    except StoreError as error:
        variable = "MARKETSWARM_BROKER_URL" if settings.broker_url else "MARKETSWARM_REDIS_URL"
        return Finding("broker", "fail", str(error), f"start it, or correct {variable}")
    return Finding("broker", "ok", masked_url(settings.celery_broker_url))
