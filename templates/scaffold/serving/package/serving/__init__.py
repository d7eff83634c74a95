"""The model as a service: the same stages and the same estimator that the pipeline ran."""
