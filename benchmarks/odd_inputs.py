"""What nobody would type, and what nobody's client should send: made by Hypothesis."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, reduce

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sides import ROOT

WEBHOOK = "/webhooks/rest/webhook"
JSON_TYPE = (b"Content-Type", b"application/json")
CONVERSATIONS = [f"somebody-{number}-of-those-who-fuzz" for number in range(24)]
INTENTS = ("affirm", "deny", "prognosis", "delete_data", "restart", "back", "session_start", "no")
COMMANDS = ("/", "//", "/restart", "/back", "EXTERNAL: x", "_restart", "action_listen", "/greet@1")
NOISE = (
    "\x00",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\ud83d",
    "z\u0301" * 40,
    "\r\n\r\n",
    "\t",
    "👩‍⚕️",
    "Ａ",
)
PATHS = ("/", "/health", "/safety", "/about", "/metrics", "/embed", "/mesoguide.js", WEBHOOK)
HEADERS = (
    "Origin", "X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Accept-Encoding",
    "If-None-Match", "Content-Type", "Cookie", "Accept", "X-Forwarded-Proto", "X-Scheme",
    "Content-Encoding", "Range", "Authorization", "X-Forwarded-Port", "X-Request-ID",
)  # fmt: skip
VALUES = (
    "null",
    "http://[",
    "http://[::1",
    "*",
    "%",
    "gzip;q=x",
    "bytes=-1",
    'for="',
    "https://a:b",
)


@dataclass(frozen=True)
class Odd:
    """One request as it is written on the wire.

    Attributes:
        kind: message, body or request; only what a client sends as it should is a message.
        text: what was typed.
    """

    kind: str
    method: str = "POST"
    path: bytes = WEBHOOK.encode()
    headers: tuple[tuple[bytes, bytes], ...] = (JSON_TYPE,)
    body: bytes = field(default=b"", repr=False)
    sender: str = ""
    text: str = ""

    def wire(self) -> bytes:
        lines = [self.method.encode() + b" " + self.path + b" HTTP/1.1", b"Host: 127.0.0.1"]
        lines += [name + b": " + value for name, value in self.headers]
        lines += [b"Content-Length: %d" % len(self.body), b"", b""]
        return b"\r\n".join(lines) + self.body


@cache
def typed() -> list[str]:
    """What people typed: training lines, held-out lines and danger."""
    lines = (ROOT / "data" / "nlu.yml").read_text(encoding="utf-8").splitlines()
    texts = [line.strip()[2:] for line in lines if line.startswith("      - ")]
    for file in (ROOT / "tests" / "heldout.tsv", ROOT / "data" / "danger.tsv"):
        with file.open(encoding="utf-8", newline="") as rows:
            texts += [row["text"] for row in csv.DictReader(rows, delimiter="\t")]
    return texts


def inputs(count: int, number: int) -> list[Odd]:
    """So many of them in a mixed order; the same ones for the same numbers."""
    few = count // 5
    kinds = ((messages(), count - 2 * few), (bodies(), few), (requests(), few))
    found = [one for kind, many in kinds if many for one in _made(kind, many, number)]
    random.Random(number).shuffle(found)
    return found


def _made(kind: st.SearchStrategy[Odd], count: int, number: int) -> list[Odd]:
    found: list[Odd] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(kind)
    def collect(one: Odd) -> None:
        found.append(one)

    collect()
    return found


def texts() -> st.SearchStrategy[str]:
    """What is said: any text, real lines cut up and mixed with noise, and Rasa's own commands."""
    anything = st.text(st.characters(), max_size=300)
    real = st.sampled_from(typed())
    piece = st.tuples(real, st.integers(0, 60), st.integers(1, 80)).map(
        lambda cut: cut[0][cut[1] : cut[1] + cut[2]]
    )
    noise = st.one_of(st.sampled_from(NOISE), st.text(st.characters(), max_size=5))
    mixed = st.lists(st.one_of(piece, piece, noise), min_size=1, max_size=8).map("".join)
    long = st.tuples(st.one_of(real, noise), st.integers(2, 900)).map(lambda one: one[0] * one[1])
    return st.one_of(anything, mixed, mixed, payloads(), long.map(lambda text: text[:2300]))


def payloads() -> st.SearchStrategy[str]:
    """What begins like a button."""
    written = st.one_of(json_values().map(json.dumps), st.text(max_size=20))
    name = st.one_of(st.sampled_from(INTENTS), st.text(max_size=8))
    one = st.builds("/{}{}".format, name, written)
    return st.one_of(one, st.sampled_from(COMMANDS), st.builds("{}{}".format, one, one))


def json_values() -> st.SearchStrategy[object]:
    plain = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=20)
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
        ),
        max_leaves=8,
    )


def messages() -> st.SearchStrategy[Odd]:
    """Messages that a client sends as it should, whatever is said."""

    def build(sender: str, text: str, id_: str | None, metadata: object, ascii_: bool) -> Odd:
        said = {"sender": sender, "message": text, "message_id": id_, "metadata": metadata}
        said = {name: value for name, value in said.items() if value is not None}
        whole = json.dumps(said, ensure_ascii=ascii_ or not _can_be_written(said))
        return Odd("message", body=whole.encode(), sender=sender, text=text)

    printed = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=255)
    senders = st.one_of(st.sampled_from(CONVERSATIONS), printed)
    ids = st.one_of(st.none(), st.none(), st.sampled_from(["1", "1.5:$/=", "x" * 255]))
    metadata = st.one_of(
        st.none(), st.none(), st.dictionaries(st.text(max_size=8), json_values(), max_size=3)
    )
    return st.builds(build, senders.filter(str.isprintable), texts(), ids, metadata, st.booleans())


def nested() -> st.SearchStrategy[object]:
    """Lists in lists, as deep as can be read: going through them may not work."""
    return st.integers(1, 900).map(lambda deep: {"deep": reduce(_around, range(deep), 0)})


def _around(inner: object, _: int) -> object:
    return [inner]


def _can_be_written(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def bodies() -> st.SearchStrategy[Odd]:
    """Bodies of odd types, and such as are no JSON."""
    names = st.sampled_from(["sender", "message", "message_id", "input_channel", "metadata", "x"])
    objects = st.dictionaries(names, json_values(), max_size=6)
    near = st.builds(
        lambda extra, text: {"sender": CONVERSATIONS[0], "message": text, **extra},
        st.dictionaries(
            st.sampled_from(["message_id", "input_channel", "metadata"]), json_values()
        ),
        texts(),
    )
    deep = st.builds(
        lambda inner: {"sender": CONVERSATIONS[0], "message": "is it catching?", "metadata": inner},
        nested(),
    )
    written = st.one_of(objects, near, near, deep, json_values()).map(
        lambda one: json.dumps(one).encode()
    )
    cut = st.tuples(written, st.integers(0, 60)).map(lambda one: one[0][: one[1]])
    return st.one_of(written, written, cut, st.binary(max_size=200)).map(
        lambda body: Odd("body", body=body)
    )


def requests() -> st.SearchStrategy[Odd]:
    """Odd methods, addresses and headers, with a body that could be used."""
    body = json.dumps({"sender": CONVERSATIONS[1], "message": "is it catching?"}).encode()
    path = st.one_of(
        st.sampled_from(PATHS).map(str.encode),
        st.builds(bytes.__add__, st.sampled_from(PATHS).map(str.encode), _visible()),
        _visible().map(b"/".__add__),
    )
    value = st.one_of(st.sampled_from(VALUES).map(str.encode), _visible(), st.just(b""))
    header = st.tuples(st.sampled_from(HEADERS).map(str.encode), value)
    methods = st.sampled_from(["POST", "POST", "GET", "GET", "HEAD", "PUT", "OPTIONS", "DELETE"])
    build: Callable[..., Odd] = lambda method, path, headers: Odd(  # noqa: E731
        "request", method, path, tuple(headers), body if method == "POST" else b""
    )
    return st.builds(build, methods, path, st.lists(header, max_size=4))


def _visible() -> st.SearchStrategy[bytes]:
    """Bytes that may stand in a line of a request, also those above ASCII."""
    letters = [*range(0x21, 0x7F), *range(0x80, 0x100)]
    return st.lists(st.sampled_from(letters), max_size=30).map(bytes)
