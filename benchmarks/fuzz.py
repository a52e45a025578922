"""Damage files of every format and print what the readers make of them.

    python benchmarks/fuzz.py [--count 200] [--seconds 3600] [--seed 1] [--only docx] [--keep FOLDER]

Each try is a process with bounds of time (10 s) and memory (1 GiB); *others* are what neither was read nor
refused with an error of this package, and there shall be none: with one the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.fuzzing import fuzz, table


def main() -> None:
    """Try and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="Folder for the files that made something else.")
    args = parser.parse_args()
    found = fuzz(args.count, seed=args.seed, seconds=args.seconds, only=args.only)
    print(*table(found), sep="\n")
    for each in found.values() if args.keep else ():
        for number, (_, content) in enumerate(each.bad):
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / f"{each.format.replace(' ', '-')}-{number}").write_bytes(content)
    sys.exit(any(each.others for each in found.values()))


if __name__ == "__main__":
    main()
