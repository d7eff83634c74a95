"""python -m session run | stage | graph | params."""

import sys

from session.pipeline import PIPELINE
from session.runner import main

if __name__ == "__main__":
    sys.exit(main(PIPELINE, sys.argv[1:]))
