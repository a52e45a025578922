"""``python -m hybrid_ner.cli``: the same as the script."""

from hybrid_ner.cli import main

main()
