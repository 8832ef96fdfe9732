"""A reply as the messages of one channel: the same parts in the same order everywhere.

The introduction, what is said, the article, the sources; then, always in the last message, the
line that sends the person to their oncologist and what can be asked next. What is too long for a
message is parted between paragraphs, lines or sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mesoguide.channels.markup import HTML, PLAIN, SLACK, WHATSAPP, Markup
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.reply import Suggestion, sources

SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"])")
COUNT = 8  # characters kept free for "(1/2) "
NUMBER = re.compile(r"\s*([1-9])\s*[.)]?\s*")


@dataclass(frozen=True)
class Way:
    """What a channel can carry.

    Attributes:
        name: under which Rasa knows the channel, in core/ways_in.py.
        longest: characters of one message, as sent.
        buttons: how many a message may have; 0: suggestions become a list with numbers.
        counted: whether parts say which they are, because the network may mix them up.
    """

    name: str
    longest: int
    markup: Markup = PLAIN
    buttons: int = 0
    counted: bool = False


TELEGRAM = Way("telegram", 4096, HTML, buttons=4)
WHATSAPP_BY_TWILIO = Way("whatsapp", 1600, WHATSAPP)
SMS = Way("sms", 1600, counted=True)
SLACK_BLOCKS = Way("slack", 3000, SLACK, buttons=4)  # of a section's text
MATRIX = Way("matrix", 16000, HTML)
WAYS = (TELEGRAM, WHATSAPP_BY_TWILIO, SMS, SLACK_BLOCKS, MATRIX)


@dataclass(frozen=True)
class Message:
    """One message: in the channel's markup, and the same in plain words."""

    text: str
    plain: str
    buttons: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class _Line:
    """What is kept together as long as it fits. `glue` stands before it unless it comes first."""

    plain: str
    marked: str
    write: Callable[[str], str]
    glue: str = "\n"

    def smaller(self) -> Iterator[_Line]:
        """Its sentences; of a sentence its words."""
        some = SENTENCE.split(self.plain)
        for place, one in enumerate(some if len(some) > 1 else self.plain.split(" ")):
            yield _Line(one, self.write(one), self.write, self.glue if place == 0 else " ")


_Paragraph = list[_Line]


def lay_out(knowledge: Knowledge, data: dict[str, Any], way: Way) -> list[Message]:
    """The messages that carry a reply.

    Args:
        data: a reply as in reply.schema.json, with `intro` as `core.reply.render` adds it.

    Returns:
        At least one message, none longer than the channel takes. Buttons are on the last.
    """
    buttons = _buttons(data)[: way.buttons]
    last = list(_last(knowledge, data, way))
    room = way.longest - (COUNT if way.counted else 0)
    parts: list[_Paragraph] = [[]]
    for paragraph in _paragraphs(knowledge, data, way):
        _add(parts, paragraph, room)
    _add(parts, last, room)
    if way.counted and len(parts) > 1:
        for place, part in enumerate(parts, start=1):
            count = f"({place}/{len(parts)})"
            part.insert(0, _Line(count, count, str))
    return [_message(part, buttons if part is parts[-1] else ()) for part in parts]


def plain_message(text: str, way: Way) -> list[Message]:
    """Words that are no reply of ours, such as those of another action of Rasa's."""
    parts: list[_Paragraph] = [[]]
    _add(parts, _paragraph(text.split("\n"), way.markup.words), way.longest)
    return [_message(part) for part in parts]


def choices(data: dict[str, Any]) -> tuple[Suggestion, ...]:
    """What a channel without buttons lists with numbers, in that order."""
    return () if data["type"] == "safety" else _buttons(data)


def chosen(text: str, payloads: Sequence[str]) -> str | None:
    """What the number stands for that was sent alone, in the list under the last reply."""
    found = NUMBER.fullmatch(text)
    number = int(found.group(1)) if found else 0
    return payloads[number - 1] if 0 < number <= len(payloads) else None


def _buttons(data: dict[str, Any]) -> tuple[Suggestion, ...]:
    return tuple(Suggestion(one["title"], one["payload"]) for one in data["suggestions"])


def _paragraphs(knowledge: Knowledge, data: dict[str, Any], way: Way) -> Iterator[_Paragraph]:
    """All that comes before the last lines."""
    words, bold = way.markup.words, _bold(way.markup)
    if data.get("intro"):
        yield _paragraph(data["intro"], words)
    said = _paragraph(data["text"].split("\n"), words)
    if data["type"] == "safety":  # the number to call, first and bold
        said[0] = _line(said[0].plain, bold, "\n\n")
    yield said
    label = knowledge.text("quote_label")
    for quote in data["quotes"]:
        yield _paragraph([f"{label} “{quote['text']}”"], words)
    named = sources(knowledge, data)
    if named:
        label = knowledge.text("sources_label")
        yield [_line(label, bold, "\n\n"), *(_source(one, way.markup) for one in named)]


def _last(knowledge: Knowledge, data: dict[str, Any], way: Way) -> _Paragraph:
    lines: _Paragraph = []
    if data["reminder"]:
        lines.append(_line(data["reminder"], _bold(way.markup), "\n\n"))
    listed = () if way.buttons else choices(data)
    if listed:
        lines.append(_line(knowledge.text("number_label"), way.markup.words, "\n\n"))
        for number, one in enumerate(listed, start=1):
            lines.append(_line(f"{number}. {one.title}", way.markup.words))
    return lines


def _bold(markup: Markup) -> Callable[[str], str]:
    return lambda text: markup.bold(markup.words(text))


def _paragraph(lines: list[str], write: Callable[[str], str]) -> _Paragraph:
    return [_line(one, write, "\n" if place else "\n\n") for place, one in enumerate(lines)]


def _line(text: str, write: Callable[[str], str], glue: str = "\n") -> _Line:
    return _Line(text, write(text), write, glue)


def _source(one: tuple[str, str], markup: Markup) -> _Line:
    words, url = one
    return _Line(f"- {words}: {url}", f"- {markup.link(url, words)}", markup.words)


def _add(parts: list[_Paragraph], lines: _Paragraph, room: int) -> None:
    """Put lines into the last part, or into a new one, or part them further."""
    if _size([*parts[-1], *lines]) <= room:
        parts[-1] += lines
    elif parts[-1] and _size(lines) <= room:
        parts.append([*lines])
    elif len(lines) > 1:
        for line in lines:
            _add(parts, [line], room)
    elif " " in lines[0].plain:
        for line in lines[0].smaller():
            _add(parts, [line], room)
    else:  # a word that is longer than a message
        for start in range(0, len(lines[0].plain), room):
            word = lines[0].plain[start : start + room]
            parts.append([_Line(word, word, str, "")])


def _size(lines: _Paragraph) -> int:
    """Characters, in markup or plain, whichever is more."""
    glue = sum(len(line.glue) for line in lines[1:])
    return glue + max(sum(len(one.marked) for one in lines), sum(len(one.plain) for one in lines))


def _message(part: _Paragraph, buttons: tuple[Suggestion, ...] = ()) -> Message:
    text = plain = ""
    for line in part:
        text += (line.glue if text else "") + line.marked
        plain += (line.glue if plain else "") + line.plain
    return Message(text, plain, buttons)
