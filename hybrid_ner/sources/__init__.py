"""What a labeling source is, how its votes are kept on a ``Doc``, and how they become weak labels.

A source reads a text (and the votes of earlier sources) and returns matches in characters. All sources of
a document share one ``TextView``: ``Doc.text`` joins its tokens anew each time it is asked, and votes that
were written into a ``Doc`` would have to be parsed again. One place turns matches into spans: each source
owns one ``SpanGroup`` named after it, ``kb_id`` is the concept, ``span_id`` the term or rule, and
``SpanGroup.attrs["evidence"]`` holds the evidence by ``start:end:label`` in characters, so that all of it
survives a ``DocBin``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain, repeat
from operator import itemgetter, le
from typing import Any, NamedTuple, Protocol
from weakref import ref

import numpy as np
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc, Span, SpanGroup
from spacy.tokens._dict_proxies import SpanGroups

from hybrid_ner.matching.match import Evidence, Match
from hybrid_ner.terms.shipped import is_shipped
from hybrid_ner.text.offsets import TokenEdges
from hybrid_ner.text.tokenizer import TEXT

VETO = "O"
"""Label of a vote against: no entity of exactly these characters."""
LISTED = "gazetteer"
"""Source, and span group, of the terms of lists: the user's own and those that a domain ships."""
NEAR_MATCHES = "near_matches"
"""Span group of near matches of terms that cast no vote: they are suggested to reviewers."""


class LabelingSource(Protocol):
    """Votes on spans of a document; returning none abstains."""

    @property
    def name(self) -> str:
        """Name of the source and of its span group."""
        ...

    def __call__(self, doc: Doc) -> list[Match]:
        """Matches in characters of ``doc.text``; must not change ``doc``.

        A source with a true attribute ``reads_view`` is given the ``TextView`` of the document instead. One
        with a true ``reads_texts`` has a method ``read``: for several texts at once, the votes and the near
        matches of each.
        """
        ...


class TextView:
    """What the sources of one document share: its text, made once, and the votes so far, as objects.

    Anything else asked of it is asked of the ``Doc``, which is made when it is first asked for where there is
    none yet.

    Args:
        tokens: Where tokens lie, without one.
    """

    def __init__(self, text: str, doc: Any = None, tokens: TokenEdges | None = None) -> None:
        self.text = text
        # The document keeps the view; a view that kept the document would outlive it.
        self._doc = None if doc is None else ref(doc)
        self._tokens, self._made = tokens, None
        self.has_doc = doc is not None or tokens is None
        """Whether votes are written into a ``Doc``."""
        self._votes: dict[str, tuple[list[Match], Any]] = {}
        self._edges: tuple[int, Any, Any] | None = None
        self._placed: dict[tuple[int, int], tuple[int, int] | None] = {}
        self.size = -1  # tokens of the ``Doc`` when its text was last compared
        self._owners: dict[str, str] = {}
        self.chosen: tuple[list[tuple[int, list[Match]]], _Chosen] = [], ((), [])

    @property
    def doc(self) -> Any:
        """The ``Doc`` of the text."""
        if self._doc is not None:
            return self._doc()
        if self._made is None and self._tokens is not None:
            self._made = doc = self._tokens.doc(self.text)
            self.has_doc = True
            setattr(doc.spans, _VIEW, self)
            for name, (matches, _) in tuple(self._votes.items()):
                write_matches(doc, name, matches)
        return self._made

    def take(self, name: str, matches: Iterable[Match]) -> list[Misaligned]:
        """Take in the votes of a source; return those that fit no tokens."""
        kept = given = [*matches]
        if not self.has_doc and self._tokens is not None:
            align = self._tokens.align
            kept = [match for match in given if align(self.text, match[0], match[1])]
            self._votes[name] = kept, None
            fits = {match[:2] for match in kept} if len(kept) < len(given) else ()
            return [_misaligned(self.text, m, name) for m in given if m[:2] not in fits] if fits != () else []
        tokens = self.token_spans(given) if given else []
        if None in tokens:
            kept = [match for match, at in zip(given, tokens, strict=True) if at is not None]
        self.keep(name, kept, write_later(self.doc, name, partial(_group, name, kept)))
        return [_misaligned(self.text, m, name) for m, at in zip(given, tokens, strict=True) if at is None]

    def token_spans(self, matches: Iterable[Match]) -> list[tuple[int, int] | None]:
        """First token of each match and one past the last; ``None`` where an edge is no edge of tokens.

        As ``Doc.char_span``, which looks for the tokens anew each time; here a place is looked up once.
        """
        placed, places, doc = self._placed, [match[:2] for match in matches], self.doc
        if self._edges is not None and self._edges[0] != len(doc):
            self._edges, placed = None, {}
            self._placed = placed
        if fresh := [place for place in places if place not in placed]:
            if self._edges is None:
                idx, length = doc.to_array([IDX, LENGTH]).view(np.int64).T
                # One more, so that what begins behind the last token finds none.
                self._edges = len(doc), np.append(idx, -1), np.append(idx + length, -1)
            _, starts, ends = self._edges
            begins, stops = np.array(fresh, dtype=np.int64).T
            first, last = starts[:-1].searchsorted(begins), ends[:-1].searchsorted(stops)
            fits = (starts[first] == begins) & (ends[last] == stops) & (first <= last)
            found = zip(fresh, first.tolist(), last.tolist(), fits.tolist(), strict=True)
            placed.update((place, (a, b + 1) if fit else None) for place, a, b, fit in found)
        return [placed[place] for place in places]

    def keep(self, name: str, matches: list[Match], group: Any) -> None:
        """Take in the votes of a source; ``group`` is the span group that holds the same, or makes it."""
        self._votes[name] = matches, group

    def votes(self, name: str) -> list[Match]:
        """The votes of a source; of one that left none here, or whose span group was changed since, anew."""
        matches, group = self._votes.get(name, (None, None))
        if self._doc is None and self._made is None:
            return matches or []
        kept = self.doc.spans.data.get(name)
        changed = kept is not group or (isinstance(kept, SpanGroup) and len(kept) != len(matches or ()))
        if matches is None or changed:
            if kept is None:
                return []
            matches = list(_matches(self.doc, name))
            self.keep(name, matches, self.doc.spans[name])
        return matches

    @contextmanager
    def apart(self, owner: str, names: Iterable[str]) -> Iterator[None]:
        """Span groups that a component writes, without taking the place of what others wrote before it.

        Inside, the groups have none of the others' votes; behind it theirs stand again, and those of the
        component are called ``OWNER.NAME``.

        Args:
            owner: Name of the component.
            names: Groups that it writes.
        """
        theirs = {}
        for name in names:
            if name in self._votes and self._owners.get(name, "") != owner and name in self.doc.spans.data:
                theirs[name] = self.doc.spans.data.pop(name), self._votes.pop(name)
            else:
                self._owners[name] = owner
        try:
            yield
        finally:
            groups = self.doc.spans
            for name, (group, kept) in theirs.items():
                if name in groups:
                    own, votes = groups.pop(name), self._votes.pop(name)[0]
                    own.name = f"{owner}.{name}"
                    groups[own.name] = own
                    self.keep(own.name, votes, own)
                groups.data[name], self._votes[name] = group, kept

    def voted(self, names: Sequence[str]) -> list[tuple[int, list[Match]]]:
        """The votes of those sources that have some, each with its place among the names."""
        get, data = self._votes.get, self.doc.spans.data if self.has_doc else None
        found: list[tuple[int, list[Match]]] = []
        for rank, name in enumerate(names):
            matches, group = get(name) or ([], None)
            if data is not None and (type(group) is not partial or data.get(name) is not group):
                matches = self.votes(name)  # somebody asked for the group, and may have changed it
            if matches:
                found.append((rank, matches))
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.doc, name)

    def __len__(self) -> int:
        return len(self.doc)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.doc)

    def __getitem__(self, item: Any) -> Any:
        return self.doc[item]


_VIEW = "_hybrid_ner_view"


def view_of(doc: Any) -> TextView:
    """The view that the sources of a ``Doc`` share; it is never saved or copied with it."""
    if isinstance(doc, TextView):
        return doc
    kept = vars(doc.spans)  # unlike ``user_data`` and ``user_hooks`` it is not serialized
    view: TextView | None = kept.get(_VIEW)
    if view is None or view.size != len(doc):
        size = _length(doc)
        if view is None or len(view.text) != size:
            given = kept.get(TEXT)
            view = kept[_VIEW] = TextView(given if given and len(given) == size else doc.text, doc)
        view.size = len(doc)
    return view


def _length(doc: Any) -> int:
    if not len(doc):
        return 0
    last = doc[-1]
    return int(last.idx) + len(last.text_with_ws)


@dataclass(frozen=True, slots=True)
class Misaligned:
    """A match that does not fall on token boundaries and therefore was left out.

    Args:
        source: Name of the labeling source that gave it.
    """

    start: int
    end: int
    label: str
    surface: str
    source: str


class Unfit(list[Misaligned]):
    """Matches that fit no tokens: the first of each source are listed, all are counted.

    A service may read for weeks before somebody asks for the list, or nobody may.
    """

    total = 0

    def add(self, found: Sequence[Misaligned]) -> None:
        self.total += len(found)
        self += found[: max(0, _UNFIT_LISTED - len(self))]

    def as_dict(self) -> dict[str, Any]:
        """For a manifest: those that are listed, and the number of all."""
        return {"misaligned": [asdict(match) for match in self], "misaligned_count": self.total}

    @classmethod
    def together(cls, parts: Iterable[Unfit]) -> Unfit:
        """Those of several sources."""
        taken = [*parts]
        made = cls(chain.from_iterable(taken))
        made.total = sum(part.total for part in taken)
        return made


_UNFIT_LISTED = 1000
"""Of each source; what is wrong with its matches shows in far fewer."""


class _Groups(SpanGroups):  # type: ignore[misc]  # not in the stubs
    """The span groups of a ``Doc``, those of votes made when they are asked for: most never are."""

    def __getitem__(self, key: str) -> SpanGroup:
        group = super().__getitem__(key)
        if isinstance(group, partial):
            self.data[key] = group = group(self._ensure_doc())
        return group

    def __repr__(self) -> str:
        return repr(dict(self.items()))


def write_later(doc: Doc, name: str, group: partial[SpanGroup]) -> partial[SpanGroup]:
    """Let ``doc.spans[name]`` be what ``group`` makes of the document when it is asked for; it keeps none."""
    groups = doc.spans
    if type(groups) is not _Groups:
        groups.__class__ = _Groups
    groups.data[name] = group
    return group


def write_matches(doc: Doc, name: str, matches: Iterable[Match]) -> list[Misaligned]:
    """Let matches be the span group ``name``; return those that fit no tokens."""
    return view_of(doc).take(name, matches)


def _group(name: str, matches: list[Match], doc: Doc) -> SpanGroup:
    view, known = view_of(doc), doc.vocab.strings.add
    spans: list[Span] = []
    evidence: dict[str, dict[str, object]] = {}
    for match, tokens in zip(matches, view.token_spans(matches), strict=True):
        if tokens is None:
            continue  # other tokens since
        start, end, label, concepts, score, why = match
        # As numbers, by place: names of arguments and strings take three times as long.
        concept, reference = known(concepts[0]) if concepts else 0, known(why.reference) if why else 0
        spans.append(Span(doc, *tokens, known(label), None, None, concept, reference))
        plain = {"concepts": [*concepts], "score": score} if why is None else why.row_of(concepts, score)
        evidence[f"{start}:{end}:{label}"] = plain
    group = SpanGroup(doc, name=name, spans=spans, attrs={"evidence": evidence})
    view.keep(name, matches, group)
    return group


def _misaligned(text: str, match: Match, source: str) -> Misaligned:
    return Misaligned(match.start, match.end, match.label, text[match.start : match.end], source)


def read_matches(doc: Doc, name: str) -> list[Match]:
    """The matches kept in the span group ``name``, with their evidence; empty when it is absent."""
    return list(view_of(doc).votes(name))


def _matches(doc: Doc, name: str) -> Iterator[Match]:
    group = doc.spans[name]
    kept = group.attrs.get("evidence", {})
    for span in group:
        row = dict(kept.get(f"{span.start_char}:{span.end_char}:{span.label_}", {}))
        concepts = tuple(row.pop("concepts", ()) or ([span.kb_id_] if span.kb_id_ else []))
        score = float(row.pop("score", 1.0))
        found = None
        if row:
            row["edits"] = tuple(row.get("edits", ()))
            row["score"] = float(row.pop("evidence_score", 1.0))
            found = Evidence(**row)
        yield Match(span.start_char, span.end_char, span.label_, concepts, score, found)


class Vote(NamedTuple):
    """A match and the source that cast it."""

    source: str
    match: Match


_Chosen = tuple[Sequence[int], list[Match]]
_VOTE: Callable[[tuple[str, Match]], Vote] = partial(tuple.__new__, Vote)  # as its class makes it, but sooner


def aggregate(doc: Doc, sources: Sequence[str]) -> list[Vote]:
    """Choose non-overlapping votes: longest first, then the earlier source, then the earlier span.

    What a model says (``sources.models``) stands only where no other vote does: it has earned no trust yet.

    A vote with the label ``VETO`` removes the votes of earlier sources on exactly its characters.

    Args:
        sources: Group names in order of trust.
    """
    return [*map(_VOTE, zip(*decided(doc, sources), strict=True))]


def decided(doc: Doc, sources: Sequence[str]) -> tuple[Sequence[str], list[Match]]:
    """The same as two columns, source and match of each vote, without an object for each."""
    view = view_of(doc)
    voted = view.voted(sources)
    known, chosen = view.chosen
    same = len(known) == len(voted) and all(a is b for (_, a), (_, b) in zip(known, voted, strict=True))
    if not same:
        # Most sources find nothing, and the next one asks for the same again.
        chosen = _chosen([matches for _, matches in voted])
        view.chosen = voted, chosen
    names, (places, found) = [sources[rank] for rank, _ in voted], chosen
    return [*map(names.__getitem__, places)], found


def _chosen(voted: Sequence[list[Match]]) -> _Chosen:
    """Of each chosen vote its place among ``voted``, and the votes in order."""
    if len(voted) == 1 and _are_apart(voted[0]):
        return bytes(len(voted[0])), voted[0]
    votes: list[tuple[int, Match]] = []
    for rank, matches in enumerate(voted):
        if vetoed := {match[:2] for match in matches if match[2] == VETO}:
            votes = [vote for vote in votes if vote[1][:2] not in vetoed]
            matches = [match for match in matches if match[2] != VETO]
        votes += zip(repeat(rank), matches)
    votes.sort(key=lambda vote: vote[1][0])
    chosen: list[tuple[int, Match]] = []
    together: list[tuple[int, Match]] = []  # most stand alone
    reach = 0
    for vote in votes:
        start, end, *_ = vote[1]
        if start >= reach:
            chosen += together if len(together) < 2 else _longest(together, reach)
            together = []
        together.append(vote)
        if end > reach:
            reach = end
    chosen += _longest(together, reach)
    return [rank for rank, _ in chosen], [match for _, match in chosen]


def _longest(votes: list[tuple[int, Match]], reach: int) -> list[tuple[int, Match]]:
    """Those of votes up to ``reach``, given by where they start, that none which comes first overlaps."""
    votes.sort(key=lambda vote: (_is_of_model(vote[1]), vote[1][0] - vote[1][1], vote[0], vote[1][0]))
    origin, chosen = min((vote[1][0] for vote in votes), default=0), []
    taken = bytearray(reach - origin)
    for vote in votes:
        start, end = vote[1][0] - origin, vote[1][1] - origin
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\x01" * (end - start)
            chosen.append(vote)
    return sorted(chosen, key=lambda vote: vote[1][0])


def _are_apart(matches: Sequence[Match]) -> bool:
    """Whether matches stand in order without overlap, none of them a vote against."""
    starts, ends, labels = (map(itemgetter(column), matches) for column in range(3))
    return all(map(le, chain((0,), ends), starts)) and VETO not in labels


def _is_of_model(match: Match) -> bool:
    return match[5] is not None and match[5].method == "model"


def unique(matches: Iterable[Match]) -> list[Match]:
    """The first match of every ``(start, end, label)``, in document order; empty spans are left out."""
    kept: dict[tuple[int, int, str], Match] = {}
    for match in matches:
        if match.start < match.end:
            kept.setdefault((match.start, match.end, match.label), match)
    return [kept[key] for key in sorted(kept)]


def rule_votes(source: Any, doc: Any) -> list[Match]:
    """What ``source.find`` finds in ``doc.text``, each span and label once, in order."""
    found = [*source.find(doc)]  # mostly nothing
    return heeding_own(source, doc, unique(found)) if found else found


def heeding_own(source: Any, doc: Any, matches: list[Match]) -> list[Match]:
    """The matches without votes against terms that the user listed: he knows, a rule guesses."""
    against = set() if source.outvotes_own else {match[:2] for match in matches if match[2] == VETO}
    listed = read_matches(doc, LISTED) if against else ()
    own = {match[:2] for match in listed if match[:2] in against and is_own(match)}
    return [m for m in matches if m[2] != VETO or m[:2] not in own] if own else matches


def is_own(match: Match) -> bool:
    """Whether a match is of a term that the user listed."""
    why = match.evidence
    return why is not None and why.method in ("exact", "folded", "variant") and not is_shipped(why.file)


def rule_match(text: str, start: int, end: int, label: str, rule: str, score: float = 1.0) -> Match:
    """A match of ``text[start:end]`` whose evidence names the rule."""
    return Match(start, end, label, (), score, Evidence("pattern", text[start:end], rule, score=score))
