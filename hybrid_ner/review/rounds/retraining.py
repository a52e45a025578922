"""The training process: ``python -m hybrid_ner.review.rounds.retraining REQUEST.json``."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from hybrid_ner.errors import HybridNerError, missing_part, told
from hybrid_ner.training.jobs import Progress, wait_for_turn


def main(request_file: str) -> int:
    """Run the request; the outcome is the last line of the progress file beside it."""
    signal.signal(signal.SIGTERM, _stop)
    path = Path(request_file)
    request = json.loads(path.read_text(encoding="utf-8"))
    progress = Progress(path.parent)
    try:
        wait_for_turn(request, progress)
        result = _run(request, progress)
    except (HybridNerError, OSError) as error:
        progress.failed(told(error))
        return 2
    except Exception as error:
        if missing := missing_part(error):
            progress.failed(str(missing))
            return 2
        traceback.print_exc()
        progress.failed(
            f"{type(error).__name__}: {error}. The whole report is in {path.parent / 'worker.log'}."
        )
        return 1
    progress.done(f"{result['candidate']} is ready after {result['seconds']:.0f} s", result)
    return 0


def _run(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from hybrid_ner.review.rounds.models import ModelSetup
    from hybrid_ner.review.rounds.round import next_round
    from hybrid_ner.review.store.store import ReviewStore

    with ReviewStore.open(request["store"], create=False) as store:
        project = store.project(request["project"])
        setup = ModelSetup.of(project, Path(request["folder"]))
        fast = bool(request.get("fast"))
        return next_round(project, setup, progress.report, request.get("reviewer", ""), fast=fast)


def _stop(number: int, frame: object) -> None:
    # As an exception, so that half-made folders are removed.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
