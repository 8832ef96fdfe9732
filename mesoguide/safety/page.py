"""The protocol for everybody to read: docs/safety.md and the page at /safety, from the same parts.

Everything comes from knowledge/: signs, example messages, facts and phrases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from mesoguide.core.knowledge import Knowledge
from mesoguide.core.protocol import LEVELS

TITLE = "What this assistant does when somebody may be in danger"
ABOUT = (
    "This is a computer program. It is no triage: it looks for signs of danger in what is typed, "
    "and it will miss some. If you are worried about yourself or somebody else, do not wait for "
    "it to notice.",
    "When it notices a sign, the number to call stands before everything else. Two opinions are "
    "asked, and either is enough: a list of signs, which this page shows, and a classifier that "
    "has learnt from examples. In doubt it takes a message for a report.",
)
HEADINGS = {
    "emergency": "Red: call the emergency number now",
    "crisis_self_harm": "Crisis: thoughts of ending one's life",
    "crisis_other_person": "Crisis: fear for somebody else",
    "urgent_symptom": "Amber: call the cancer team now, day or night",
}
NOT_TAKEN = "What it does not take for a report"
NOT_TAKEN_ABOUT = (
    "Signs that are only asked about, denied, supposed, over, long past or told of somebody who "
    "died do not alarm by themselves, nor do figures of speech. For example:"
)
LIMITS = "What it does not do"
LIMITS_LIST = (
    "It does not see, measure or examine anybody.",
    "It does not know how serious a sign is for one person.",
    "It reads English only. A message in another language gets the emergency numbers.",
    "It calls nobody. No person reads along.",
    "It counts how often each sign alarmed or nearly did. It does not count or log what was typed.",
)


@dataclass(frozen=True)
class Part:
    """A heading, what stands under it, and a list: (what, examples)."""

    heading: str
    paragraphs: tuple[str, ...]
    items: tuple[tuple[str, str], ...]


def parts(knowledge: Knowledge) -> Iterator[Part]:
    """The protocol in parts."""
    for intent in LEVELS:
        signs = [sign for sign in knowledge.protocol.signs if sign.intent == intent]
        answer = knowledge.answers[intent]
        say = answer.say_in.get(knowledge.region) or answer.say
        said = "It says: " + " ".join(knowledge.text(id_) for id_ in say)
        items = tuple((sign.name.capitalize(), _quoted(sign.alarms)) for sign in signs)
        yield Part(HEADINGS[intent], (said,), items)
    calm = tuple((sign.name.capitalize(), _quoted(sign.calm)) for sign in knowledge.protocol.signs)
    yield Part(NOT_TAKEN, (NOT_TAKEN_ABOUT,), calm)
    yield Part(LIMITS, (), tuple((one, "") for one in LIMITS_LIST))


def _quoted(messages: Sequence[str]) -> str:
    return ", ".join(f"“{message}”" for message in messages)


def markdown(knowledge: Knowledge) -> str:
    """docs/safety.md."""
    lines = [f"# {TITLE}", "", "<!-- Written by: uv run mesoguide protocol --write -->"]
    lines += [line for paragraph in ABOUT for line in ("", paragraph)]
    for part in parts(knowledge):
        lines += ["", f"## {part.heading}"]
        lines += [line for paragraph in part.paragraphs for line in ("", paragraph)]
        lines.append("")
        lines += [f"- **{what}**: {more}" if more else f"- {what}" for what, more in part.items]
    lines += ["", "## How the list is read", "", *READING]
    return "\n".join(lines) + "\n"


READING = (
    "`knowledge/safety.yml` holds the signs. Each has a name, the intent that answers it, the",
    "facts of its reply, its words, and messages that must and must not alarm, which `mesoguide",
    "check` tries.",
    "",
    "- Words that stand side by side must do so in the message. Near spellings, apostrophes and",
    "  capitals do not matter.",
    "- A word in CAPITALS is an idea: any of the words listed for it under `ideas`, or a number in",
    "  the range given under `quantities`.",
    "- `..` stands for up to five words, `+` for near each other in either order, `swell*` for",
    "  every word that begins so.",
    "- `hints` are words too common to alarm alone. They do in a sentence about here and now, or",
    "  when the classifier is nearly sure; and they weigh in its opinion.",
    "- `context` holds what takes a sign back in its sentence, and what outweighs that.",
)


def html(knowledge: Knowledge) -> str:
    """The page at /safety: no script, and the style of the chat page."""
    body = [f"<h1>{escape(TITLE)}</h1>", '<p><a href="./">Back to the chat</a></p>']
    body += [f"<p>{escape(paragraph)}</p>" for paragraph in ABOUT]
    for part in parts(knowledge):
        body.append(f"<h2>{escape(part.heading)}</h2>")
        body += [f"<p>{escape(paragraph)}</p>" for paragraph in part.paragraphs]
        items = (
            f"<li><strong>{escape(what)}</strong>: {escape(more)}</li>" if more
            else f"<li>{escape(what)}</li>"
            for what, more in part.items
        )  # fmt: skip
        body.append(f"<ul>{''.join(items)}</ul>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(TITLE)}</title>"
        '<link rel="stylesheet" href="page.css"></head>'
        f'<body class="read"><main>{"".join(body)}</main></body></html>'
    )
