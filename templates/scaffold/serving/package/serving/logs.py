"""Logs that machines read: one JSON object a line, each with its request's id."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..observing.model import Answer

log = logging.getLogger("service")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; what was given as `extra={"told": ...}` stands in it."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        told = {"time": moment, "level": record.levelname, "what": record.getMessage()}
        told.update(getattr(record, "told", {}))
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, default=str)


def set_up() -> None:
    """Send the service's logs to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    log.propagate = False


class PredictionLog:
    """A file with every answer, to be joined with the labels when they come; off without a path."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None
        self._lock = threading.Lock()

    def write(
        self,
        request_id: str,
        version: str,
        rows: Sequence[Mapping[str, Any]],
        answers: Sequence[Answer],
    ) -> None:
        """One line for each row; its id is the request's with the row's number."""
        if self._path is None:
            return
        lines = [
            json.dumps(
                {
                    "id": f"{request_id}:{number}",
                    "at": time.time(),
                    "version": version,
                    "row": row,
                    "prediction": answer.prediction,
                },
                default=str,
            )
            for number, (row, answer) in enumerate(zip(rows, answers))
        ]
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
