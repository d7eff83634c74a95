"""Watches the service: latency, failures, data quality, drift, age."""
