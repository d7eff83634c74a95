"""nb2pipe turns a Jupyter notebook into a pipeline that gives the same result."""

__version__ = "0.1.0"
