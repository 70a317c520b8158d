"""The paths of the service, and what one request and all requests together may cost."""

from typing import NamedTuple

OPENAPI = "/openapi.json"
"""The path of the description."""


class Settings(NamedTuple):
    """The paths and the bounds. What exceeds a bound gets a status and a sentence."""

    predict_path: str = "/v1/models/default:predict"
    health_path: str = "/v1/models/default"
    max_body: int = 2**19
    """Bytes of a request's body. More: 413."""
    max_instances: int = 1000
    """Texts in a request. More: 413."""
    max_requests: int = 300
    """Requests that are read or answered at the same time. More: 429.

    Together with ``max_body`` it bounds the memory.
    """
    delay: float = 0.001
    """Seconds that a request waits for others, if the classifier is idle."""
    read_seconds: float = 10
    """Seconds in which the body arrives. More: 408."""
    answer_seconds: float = 30
    """Seconds in which the texts are classified. More: 503."""
    connection_seconds: float = 60
    """Seconds from one response to the next. More: the connection ends."""
    max_connections: int = 900
    """Open connections. One more ends at once: a process may often open 1,024 files."""
