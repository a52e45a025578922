"""QuickUMLS over its own index of the same terms; run by an interpreter that has ``quickumls`` installed.

Reads {"terms": [[term, concept]], "texts": [...], "threshold": x} from the first argument, prints
{"build", "seconds", "spans": [[start, end, concept, similarity], ...] for each text}. The English model
that QuickUMLS loads and the NLTK stop words are not shipped in packages: a blank tokenizer with a rule for
sentences and spaCy's stop words stand in, so that no part-of-speech filter runs.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nltk
import spacy
from quickumls import QuickUMLS, install


def _blank(_: str) -> Any:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return nlp


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    spacy.load = _blank
    stop_words = sorted(spacy.blank("en").Defaults.stop_words)
    nltk.corpus.stopwords = type("StopWords", (), {"words": staticmethod(lambda *_: stop_words)})
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (
            ("lowercase.flag", ""),
            ("language.flag", "ENG"),
            ("database_backend.flag", "unqlite"),
        ):
            Path(folder, name).write_text(text)
        start = time.process_time()
        rows = ((term.lower(), concept, ["T047"], 1) for term, concept in given["terms"])
        install.parse_and_encode_ngrams(
            rows, f"{folder}/umls-simstring.db", f"{folder}/cui-semtypes.db", database_backend="unqlite"
        )
        build = time.process_time() - start
        matcher = QuickUMLS(folder, threshold=given["threshold"], accepted_semtypes=None)
        start = time.process_time()
        found = [matcher.match(text, best_match=True, ignore_syntax=False) for text in given["texts"]]
        seconds = time.process_time() - start
    spans = [
        [[row[0]["start"], row[0]["end"], row[0]["cui"], row[0]["similarity"]] for row in rows]
        for rows in found
    ]
    print(json.dumps({"build": build, "seconds": seconds, "spans": spans}))


if __name__ == "__main__":
    main()
