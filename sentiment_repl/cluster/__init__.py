"""Score a collection of files on a Dask cluster: ``python -m sentiment_repl.cluster``.

``run.py`` is the client's part, ``partitions.py`` and ``scoring.py`` run on the workers. Dask
schedules, retries and replaces workers; fsspec finds files and reads them; pyarrow knows Parquet.
"""
