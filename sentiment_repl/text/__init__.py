"""Text to token ids: tokenizers, the vocabulary, and the encoders that combine them."""
