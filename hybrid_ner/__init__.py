"""Hybrid named entity recognition: term lists, weak labels, a trained model, and review."""

__version__ = "0.1.0"
