"""A prediction service over HTTP: ``python -m sentiment_repl.serve``.

It speaks the REST predict protocol of TensorFlow Serving and of Vertex AI's containers. README.md
in this folder describes requests, answers, limits, and how to put it behind a reverse proxy.

A request passes through ``server`` (connections), ``app`` (paths, limits), ``instances`` (JSON to
texts) and ``batches`` (texts of many requests to one call of the classifier).
"""
