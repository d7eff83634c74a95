"""Stale data, drift and slow answers are noticed: numbers, alert rules with runbooks, a dashboard."""

from nb2pipe.scaffold.model import Part

PART = Part(
    name="monitoring",
    promise="tells about latency, failures, data quality and drift, with alerts and runbooks",
    needs=("serving",),
    requires=("scipy==1.17.1",),
    is_observed=True,
)
