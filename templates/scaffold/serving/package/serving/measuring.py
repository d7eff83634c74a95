"""Around every request: an id, a line in the log, and numbers for Prometheus."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from .logs import log

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PATHS = ("/v1/predict", "/healthz", "/readyz", "/version", "/metrics")


class Numbers:
    """What the service counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "service_requests_total",
            "Requests by path and status",
            ("path", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "service_request_seconds",
            "Seconds from a request to its answer",
            ("path",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.rows = Counter(
            "service_rows_total", "Rows that were answered", registry=self.registry
        )


class Measuring:
    """The outermost layer of the service."""

    def __init__(self, app: App, numbers: Numbers, watchers: list[Any]) -> None:
        self.app, self.numbers, self.watchers = app, numbers, watchers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ())]
                message["headers"] = [*headers, (b"x-request-id", request_id.encode())]
            await send(message)

        begun = time.perf_counter()
        try:
            await self.app(scope, receive, answer)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - begun)

    def _note(self, scope: Scope, request_id: str, status: int, took: float) -> None:
        path = scope["path"] if scope["path"] in _PATHS else "other"
        self.numbers.requests.labels(path, str(status)).inc()
        self.numbers.seconds.labels(path).observe(took)
        for watcher in self.watchers:
            watcher.request(path, status, took)
        told = {"id": request_id, "path": scope["path"], "status": status}
        log.info("request", extra={"told": {**told, "ms": round(took * 1000, 2)}})


def _id_of(scope: Scope) -> str:
    """The caller's id where it is a plain one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and len(value) <= 64 and value.isalnum():
            return str(value.decode("ascii", "replace"))
    return uuid.uuid4().hex
