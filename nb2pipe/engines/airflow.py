"""Airflow 3: stages as tasks of a DAG, with its params, retries and schedule."""

from .model import Engine, adapter_files

ENGINE = Engine(
    name="airflow",
    title="Airflow",
    purpose="runs on the scheduler that many teams already have",
    shape="python",
    distribution="apache-airflow-core",
    oldest="3.0.6",
    below="4",
    tried=("3.0.6", "3.3.2"),
    prepare="airflow db migrate",
    environment=(
        ("AIRFLOW_HOME", "{project}/runs/airflow-home"),
        ("AIRFLOW__CORE__DAGS_FOLDER", "{project}/engines/airflow"),
        ("AIRFLOW__CORE__LOAD_EXAMPLES", "False"),
    ),
    run="airflow dags test {package}",
    retries=True,
    oldest_needs=("fastapi<0.117", "pydantic<2.12", "structlog<25.5"),
    files=(("engines/airflow/dag.py", "engines/airflow/dag.py.j2"),),
)
files = adapter_files
