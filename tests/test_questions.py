"""How messages are put together, and what the page for editors says of them."""

from __future__ import annotations

import csv
import random
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import timedelta
from html import unescape

import numpy as np
import pytest

from mesoguide import alike, paths
from mesoguide.alike import groups
from mesoguide.nlu.encoder import load_encoder
from mesoguide.questions import SHOWN, Report, summary
from mesoguide.questions_page import html
from mesoguide.storage.unanswered import Unanswered, today

HAIR = ["will his hair fall out", "hair loss??", "does immunotherapy make your hair fall out"]
FLY = ["is it safe to fly with meso", "are we allowed to fly"]
SPORT = ["who won the match last night"]
OUTSIDE = ("out_of_scope", "greet")


def asked(texts: list[str], *nearest: str, days_ago: int = 0) -> list[Unanswered]:
    day = today() - timedelta(days=days_ago)
    return [Unanswered(day, "rest", nearest, text) for text in texts]


@pytest.fixture(scope="module")
def report() -> Report:
    found = [
        *asked(HAIR * 2, "side_effects"),
        *asked(FLY, "daily_life", "chemotherapy", days_ago=3),
        *asked(SPORT, *OUTSIDE, days_ago=29),
        *asked(["<script>alert(1)</script>"], "greet"),
    ]
    return summary(found, 30, load_encoder().encode_all)


def test_messages_that_ask_the_same_come_together_in_any_order() -> None:
    texts = [*HAIR, *HAIR[:1], *FLY, *SPORT]
    expected = [sorted([*HAIR, HAIR[0]]), sorted(FLY), SPORT]
    encode = load_encoder().encode_all
    found = groups(texts, encode)
    assert [sorted(group) for group in found] == expected
    for seed in range(5):
        random.Random(seed).shuffle(texts)
        assert groups(texts, encode) == found


def test_groups_of_known_questions_are_mostly_of_one_intent() -> None:
    file = paths.ROOT / "tests" / "calibration.tsv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    intent = {row["text"]: row["expected"] for row in rows if row["expected"] != "out_of_scope"}
    several = [one for one in groups(list(intent), load_encoder().encode_all) if len(one) > 1]
    together = sum(map(len, several))
    pure = sum(Counter(map(intent.__getitem__, one)).most_common(1)[0][1] for one in several)
    assert together >= 0.75 * len(intent)
    assert pure >= 0.65 * together


def test_one_message_and_none_are_groups_too() -> None:
    assert groups([], load_encoder().encode_all) == []
    assert groups(["hair loss??"], load_encoder().encode_all) == [["hair loss??"]]


def test_beyond_what_is_compared_each_goes_to_the_nearest_or_stays_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alike, "MOST", 2)
    places = {"a": (1.0, 0.0, 0.0), "b": (0.0, 1.0, 0.0), "c": (0.8, 0.6, 0.0), "d": (0, 0, 1)}

    def encode(texts: list[str]) -> alike.Vectors:
        return np.array([places[text] for text in texts], dtype=np.float32)

    assert groups(["a", "a", "a", "b", "b", "c", "d"], encode) == [
        ["a", "a", "a", "c"],
        ["b", "b"],
        ["d"],
    ]


def test_the_summary_counts_days_and_what_is_outside(report: Report) -> None:
    assert report.total == 10
    assert len(report.days) == 30
    assert [count for count in report.days.values() if count] == [1, 2, 7]
    assert report.outside == 1
    biggest = report.groups[0]
    assert biggest.size == 6
    assert sorted(biggest.examples) == sorted(HAIR)
    assert biggest.nearest == (("side_effects", 6),)


def test_the_page_is_one_well_formed_file_that_loads_nothing(report: Report) -> None:
    page = html(report)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for outside in ("http:", "https:", "src=", "href=", "url(", "@import"):
        assert outside not in page
    body = page[page.index("<body>") : page.index("</html>")]
    root = ElementTree.fromstring(body.strip())
    pictures = list(root.iter("svg"))
    assert len(pictures) == 2
    assert all(one.get("role") == "img" and one.get("aria-label") for one in pictures)
    assert len(list(root.iter("table"))) == len(pictures)
    assert [one.tag for one in root.iter() if one.tag in ("h1", "h2", "h3")][:2] == ["h1", "h2"]
    assert '<html lang="en">' in page


def test_the_page_says_what_to_do(report: Report) -> None:
    page = unescape(html(report))
    cards = {one.split("</h3>")[1]: one for one in page.split('<section class="group">')[1:]}

    def card(words: str) -> str:
        (found,) = [one for one in cards if words in one]
        return found

    assert "Side effects of immunotherapy (6)" in card(HAIR[0])
    assert "add lines like them to <code>side_effects</code>" in card(HAIR[0])
    assert "nothing, if it is not about mesothelioma" in card(SPORT[0])
    assert "no topic is near" in card("alert(1)"), "small talk is no topic"
    assert "<strong>1 of them (10%)</strong>" in page


def test_many_groups_are_cut_off_and_that_is_said() -> None:
    size = SHOWN + 5
    found = asked([f"text {number}" for number in range(size)], "daily_life")

    def apart(texts: list[str]) -> alike.Vectors:
        return np.eye(len(texts), dtype=np.float32)

    page = html(summary(found, 7, apart))
    assert page.count('<section class="group">') == SHOWN
    assert "5 smaller groups are left out." in page
