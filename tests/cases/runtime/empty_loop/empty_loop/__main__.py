"""python -m empty_loop run | stage | graph | params."""

import sys

from empty_loop.pipeline import PIPELINE
from empty_loop.runner import main

if __name__ == "__main__":
    sys.exit(main(PIPELINE, sys.argv[1:]))
