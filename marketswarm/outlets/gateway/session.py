"""`POST /api/v1/session` gives a cookie for the token, so that a page on another machine need not keep it; `DELETE` takes it back."""

from fastapi import APIRouter, Request

from marketswarm.outlets.gateway.access import COOKIE, SESSION_MS
from marketswarm.outlets.gateway.answers import JsonAnswer, problem
from marketswarm.outlets.gateway.desk import Desk
from marketswarm.outlets.gateway.shapes import NOT_JSON, Health, LogIn


def session_routes(desk: Desk) -> APIRouter:
    """The routes, for that desk."""
    routes = APIRouter(tags=["session"])

    @routes.post("/session", response_model=Health, responses=NOT_JSON)
    def log_in(request: Request, given: LogIn) -> JsonAnswer:
        """A cookie for the token. No script can read it, no other site can send it, and it is over after twelve hours."""
        if not desk.rules.is_token(given.token):
            return problem(401, "token-needed", "the token is not MARKETSWARM_API_TOKEN of the gateway")
        answer = JsonAnswer({"status": "ok"})
        answer.set_cookie(
            COOKIE,
            desk.rules.session(desk.clock.now_ms()),
            max_age=SESSION_MS // 1000,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @routes.delete("/session", response_model=Health)
    def log_out() -> JsonAnswer:
        """Take the cookie back."""
        answer = JsonAnswer({"status": "ok"})
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return routes
