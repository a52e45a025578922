"""Streaming XML: finished elements one by one, freed afterwards, with clear errors."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from hybrid_ner.errors import InputError
from hybrid_ner.terms.readers.files import Files
from hybrid_ner.terms.readers.report import Recorder

__all__ = ["LANG", "child", "children", "inside", "is_xml", "local", "malformed", "records", "value"]

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def is_xml(head: bytes) -> bool:
    """Whether a file with these first bytes is XML."""
    return head.lstrip().startswith(b"<")


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def records(
    files: Files, name: str, recorder: Recorder, tags: frozenset[str]
) -> Iterator[tuple[int, ElementTree.Element]]:
    """Numbered elements with one of the local names; each is freed when the next is asked for.

    Raises:
        InputError: The XML is malformed or ends early; the row is the line.
    """
    recorder.begin(files.shown(name), files.where(name))
    number = 0
    above: list[ElementTree.Element] = []
    with files.open(name) as stream:
        try:
            for event, element in ElementTree.iterparse(stream, ("start", "end")):
                if event == "start":
                    above.append(element)
                    continue
                above.pop()
                if local(element.tag) in tags:
                    number += 1
                    recorder.report.rows += 1
                    yield number, element
                    if above:
                        above[-1].remove(element)
        except (ElementTree.ParseError, LookupError) as error:
            raise malformed(error, files.where(name)) from error


def malformed(error: Exception, where: str) -> InputError:
    """What to say of XML that cannot be parsed, or that is in an encoding nobody knows."""
    line = error.position[0] if isinstance(error, ElementTree.ParseError) else 1
    hint = "The file may be cut off: download or copy it again."
    return InputError(f"malformed XML ({error}).", path=where, row=line, hint=hint)


def children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Direct children with a local name."""
    return (found for found in element if local(found.tag) == name)


def child(element: ElementTree.Element | None, *names: str) -> ElementTree.Element | None:
    """The first element down a path of local names."""
    for name in names:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def inside(element: ElementTree.Element | None, *names: str) -> list[ElementTree.Element]:
    """What stands in the element at the end of a path of local names; nothing when it is absent."""
    found = child(element, *names)
    return [] if found is None else list(found)


def value(element: ElementTree.Element | None, *names: str) -> str:
    """Text at the end of a path of local names, tidied; empty when absent."""
    found = child(element, *names)
    return "" if found is None else " ".join("".join(found.itertext()).split())
