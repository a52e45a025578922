"""A learner: a training recipe of its own, here a smaller network than the default."""

from pathlib import Path

RECIPE = Path(__file__).with_name("small.cfg")
