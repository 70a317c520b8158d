"""The architectures that can be trained, by name."""

from sentiment_repl.training.article import Article
from sentiment_repl.training.base import Architecture
from sentiment_repl.training.recurrent import Recurrent

ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture for architecture in (Recurrent(), Article())
}
"""The choices of ``--architecture``."""
