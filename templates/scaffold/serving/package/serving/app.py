"""The service: /v1/predict, /healthz, /readyz, /version, /metrics."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..observing.model import Answer
from ..pipeline import PIPELINE
from ..registry.versions import Registry
from .champion import Champion, Loaded
from .logs import PredictionLog, log
from .measuring import Measuring, Numbers
from .schema import Answers, Prediction, plain, request_model, row_model
from .watchers import WATCHERS

# What an estimator says of rows that it cannot take: too large, unknown to an encoder, ...
_NOT_TAKEN = (ValueError, TypeError, OverflowError, KeyError)


def create_app(registry: Registry) -> FastAPI:
    """The service of a registry's champion."""
    champion, numbers = Champion(registry), Numbers()
    watchers = [make(champion, numbers.registry) for make in WATCHERS]
    app = FastAPI(title=PIPELINE.package, version="1", lifespan=_following(champion))
    app.add_middleware(Measuring, numbers=numbers, watchers=watchers)  # type: ignore[arg-type]
    app.state.champion, app.state.watchers = champion, watchers
    _add_predict(app, champion, numbers, watchers)
    _add_states(app, champion, numbers, watchers)
    return app


def _following(champion: Champion) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        champion.follow()
        # The libraries stay loaded: looking through them for garbage would hold up every hundredth answer.
        gc.collect()
        gc.freeze()
        yield
        gc.unfreeze()
        champion.stop()

    return lifespan


def _add_predict(
    app: FastAPI, champion: Champion, numbers: Numbers, watchers: Sequence[Any]
) -> None:
    loaded = champion.loaded
    sample = champion.registry.sample(loaded.version)
    example = sample[0]["row"] if sample else None
    body = request_model(row_model(loaded.model.shape, example))
    answered = PredictionLog(os.environ.get("PREDICTION_LOG"))

    def predict(told: body, request: Request) -> Answers:  # type: ignore[valid-type]
        """Answer rows with the champion."""
        rows = [plain(row) for row in told.rows]  # type: ignore[attr-defined]
        loaded = champion.loaded  # one version for the whole request
        answers = _answers(loaded, rows)
        answered.write(request.state.request_id, loaded.version, rows, answers)
        numbers.rows.inc(len(rows))
        for watcher in watchers:
            watcher.answered(rows, answers)
        found = [Prediction(**vars(answer)) for answer in answers]
        return Answers(predictions=found, model_version=loaded.version)

    predict.__annotations__ = {"told": body, "request": Request, "return": Answers}
    app.post("/v1/predict")(predict)


def _answers(loaded: Loaded, rows: Sequence[dict[str, Any]]) -> list[Answer]:
    try:
        return loaded.model.predict(rows)
    except _NOT_TAKEN as error:
        log.warning("rows that the model cannot take", exc_info=error)
        message = "the model cannot take these rows"
        raise HTTPException(422, [{"loc": ["body", "rows"], "msg": message}]) from error


def _add_states(
    app: FastAPI, champion: Champion, numbers: Numbers, watchers: Sequence[Any]
) -> None:
    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """The champion is the one that answers."""
        if champion.trouble:
            return JSONResponse({"status": "not ready", "why": champion.trouble}, 503)
        return JSONResponse({"status": "ready", "version": champion.loaded.version})

    @app.get("/version")
    def version() -> dict[str, Any]:
        """What answers, and what it was made of."""
        loaded = champion.loaded
        made = champion.registry.manifest(loaded.version)
        start = champion.registry.contract(loaded.version)
        keys = "made", "commit", "parameters", "metrics", "python"
        return {
            "interface": "v1",
            "model_version": loaded.version,
            "model": {"name": loaded.model.name, **{key: made[key] for key in keys}},
            "rows_enter_before": list(loaded.model.start.stages[:1]) or "the estimator",
            "not_earlier": start["blocked"],
        }

    @app.get("/metrics")
    def metrics() -> Response:
        """Numbers for Prometheus."""
        for watcher in watchers:
            watcher.look()
        return Response(
            generate_latest(numbers.registry), media_type=CONTENT_TYPE_LATEST
        )
