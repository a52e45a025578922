"""Where an installation of an earlier version looks for the component of context flags."""

from __future__ import annotations

from hybrid_ner.pipeline.fusion import create_context_flags as create_context_flags
