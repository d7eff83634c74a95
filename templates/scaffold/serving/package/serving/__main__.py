"""Start the service: PORT (8000), HOST (127.0.0.1), MODEL_STORE, PREDICTION_LOG, LOG_LEVEL."""

from __future__ import annotations

import os
import sys

import uvicorn

from ..registry.versions import RegistryError, registry
from .app import create_app
from .logs import set_up


def main() -> int:
    """0 stopped, 1 there is nothing to serve."""
    set_up()
    try:
        app = create_app(registry())
    except RegistryError as error:
        print(error, file=sys.stderr)
        return 1
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    uvicorn.run(app, host=host, port=int(port), log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
