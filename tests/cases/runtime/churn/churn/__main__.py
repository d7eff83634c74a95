"""python -m churn run | stage | graph | params."""

import sys

from churn.pipeline import PIPELINE
from churn.runner import main

if __name__ == "__main__":
    sys.exit(main(PIPELINE, sys.argv[1:]))
