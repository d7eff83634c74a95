"""What exists on one hosted platform only, beyond what the catalogue knows: magics."""

PLATFORM_MAGICS = {
    "tensorflow_version": "Colab",
    "shell": "Colab",
    "bigquery": "Colab",
    "sparksql": "Databricks",
    "fs": "Databricks",
    "md": "Databricks",
    "scala": "Databricks",
    "r": "Databricks",
    "configure": "Synapse",
    "pyspark": "Synapse",
}
