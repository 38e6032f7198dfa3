"""Routes that change the simulator: for programs on this machine, and for nobody else."""

import ipaddress

from aiohttp import web


def is_near(request: web.Request) -> bool:
    """Whether the request comes from this machine, and from no page of a browser."""
    try:
        is_loopback = ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
    return is_loopback and "Origin" not in request.headers and "Sec-Fetch-Site" not in request.headers


def away() -> web.Response:
    """The answer to everybody else: there is no such page."""
    return web.Response(status=404, text="404 page not found")
