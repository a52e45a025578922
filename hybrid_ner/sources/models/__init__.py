"""Models of any kind as labeling sources: none imported before it is named.

A kind (``spacy``, ``transformers``, ``gliner``, ``llm``, ``predictions``, ``draft``) is a class behind the
registry of sources; with a place and settings it is a source like any other. ``settings`` reads what people
write, ``base`` holds what all kinds share.
"""
