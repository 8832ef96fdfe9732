"""A reply is a list of ids until the very end, so nothing can be said that is not in knowledge/."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from mesoguide.core.knowledge import CORRECTION, Knowledge
from mesoguide.core.models import Subject

ReplyType = Literal["answer", "signpost", "decline", "safety", "offer", "fallback", "meta"]
HELP_LINES = "help_lines"  # topic of the facts that are a telephone line
INTRO = (
    "intro_program",
    "intro_sources",
    "intro_advice",
    "intro_emergency",
    "intro_names",
)


@dataclass(frozen=True)
class Suggestion:
    """A button: what it says and what it sends."""

    title: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """What one turn sends, as ids.

    `reminder` says whether the oncologist line is due, `lead` what stands before everything else.
    """

    type: ReplyType
    topic: str | None
    say: tuple[str, ...]
    quote: tuple[str, ...] = ()
    reminder: bool = False
    intro: bool = False
    lead: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    def __post_init__(self) -> None:
        if not self.say:
            raise ValueError("A reply must say something.")

    def to_dict(self) -> dict[str, Any]:
        """For the memory: JSON types only."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reply:
        """The reply that `to_dict` wrote."""
        buttons = tuple(Suggestion(**item) for item in data["suggestions"])
        ids = {key: tuple(data.get(key, ())) for key in ("say", "quote", "lead")}
        return cls(**{**data, **ids, "suggestions": buttons})


def corrected(knowledge: Knowledge, reply: Reply) -> Reply:
    """The same reply with the correction first wherever an outdated sentence is quoted."""
    outdated = any(knowledge.claims[id_].needs_correction for id_ in reply.quote)
    if outdated and reply.say[0] != CORRECTION:
        others = (id_ for id_ in reply.say if id_ != CORRECTION)
        return replace(reply, say=(CORRECTION, *others))
    return reply


@dataclass(frozen=True)
class Rendered:
    """A reply in words: the data of reply.schema.json, and the same as plain text."""

    data: dict[str, Any]
    intro: str | None
    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)


def render(
    knowledge: Knowledge, reply: Reply, subject: Subject | None, *, buttons: bool
) -> Rendered:
    """Turn ids into words.

    Args:
        buttons: whether the channel shows buttons; if not, they are named in the text.

    Raises:
        KeyError: for an id that is not in knowledge/ (`load` has checked those of answers.yml).
    """
    reply = corrected(knowledge, reply)

    def words(*ids: str) -> list[str]:
        return [knowledge.text(id_, subject) for id_ in ids]

    data: dict[str, Any] = {
        "type": reply.type,
        "topic": reply.topic,
        "text": "\n".join(words(*reply.say)),
        "reminder": words("reminder")[0] if reply.reminder else None,
        "quotes": [_quote(knowledge, id_) for id_ in reply.quote],
        "facts": [_fact(knowledge, id_) for id_ in reply.say if id_ in knowledge.facts],
        "suggestions": [asdict(button) for button in reply.suggestions],
        "intro": words(*reply.lead, *(INTRO if reply.intro else ())),
    }
    lines = [data["text"], *_quote_lines(knowledge, data), *_source_lines(knowledge, data)]
    if data["reminder"]:
        lines.append(data["reminder"])
    if data["suggestions"] and not buttons and reply.type != "safety":
        titles = "; ".join(button["title"] for button in data["suggestions"])
        lines.append(f"{words('next_label')[0]} {titles}")
    return Rendered(
        data=data,
        intro="\n".join(data["intro"]) or None,
        text="\n".join(lines),
        buttons=data["suggestions"][:3] if buttons else [],
    )


def _quote(knowledge: Knowledge, id_: str) -> dict[str, Any]:
    claim = knowledge.claims[id_]
    return {"id": id_, "text": claim.text, "paragraph": claim.paragraph}


def _fact(knowledge: Knowledge, id_: str) -> dict[str, Any]:
    fact = knowledge.facts[id_]
    source = fact.source
    return {
        "id": id_,
        "text": fact.statement,
        "title": source.title,
        "publisher": source.publisher,
        "url": source.url,
        "dated": source.dated,
    }


def _quote_lines(knowledge: Knowledge, data: dict[str, Any]) -> list[str]:
    label = knowledge.text("quote_label")
    return [f"{label} “{quote['text']}”" for quote in data["quotes"]]


def _source_lines(knowledge: Knowledge, data: dict[str, Any]) -> list[str]:
    lines = [f"- {words}: {url}" for words, url in sources(knowledge, data)]
    return [knowledge.text("sources_label"), *lines] if lines else []


def sources(knowledge: Knowledge, data: dict[str, Any]) -> list[tuple[str, str]]:
    """The different sources to name under a reply: (who and when, address)."""
    if data["type"] in ("safety", "fallback"):  # help lines stand alone
        return []
    found = dict.fromkeys(
        (f"{fact['publisher']}, {fact['dated']}", fact["url"])
        for fact in data["facts"]
        if knowledge.facts[fact["id"]].topic != HELP_LINES  # a help line names itself
    )
    return list(found)
