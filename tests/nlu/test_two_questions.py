"""Messages that hold two questions, and messages that hold one, with the trained model."""

from __future__ import annotations

from mesoguide import paths
from mesoguide.core.reply import Reply
from mesoguide.core.scoring import OUT, read_rows
from tests.reading import Reader

TWO = paths.ROOT / "tests" / "two_questions.tsv"
ONE = paths.ROOT / "tests" / "calibration.tsv"
FEWEST_BOTH = 0.80
MOST_OFFERED = 0.10  # of the messages with one question
OFFERED = {"also_asked", "also_asked_below"}


def two_questions() -> list[list[str]]:
    header, *lines = TWO.read_text(encoding="utf-8").splitlines()
    assert header == "first\tsecond\ttext"
    return [line.split("\t") for line in lines]


def topics(reply: Reply) -> set[str | None]:
    """What is answered, and what a button beside the answer leads to."""
    return {reply.topic, *(button.payload.removeprefix("/") for button in reply.suggestions)}


def test_both_questions_of_a_message_are_answered_or_offered(reader: Reader) -> None:
    rows = two_questions()
    lost = [
        f"{first}, {second}: {text}"
        for first, second, text in rows
        if not {first, second} <= topics(reader.reply(text))
    ]
    assert len(rows) >= 60
    assert 1 - len(lost) / len(rows) >= FEWEST_BOTH, lost


def test_a_second_question_is_noticed_and_not_only_a_topic_that_comes_next(reader: Reader) -> None:
    offered = [OFFERED & set(reader.reply(text).say) for _, _, text in two_questions()]
    assert sum(map(bool, offered)) / len(offered) >= 0.5


def test_a_message_with_one_question_seldom_gets_a_second_offered(reader: Reader) -> None:
    rows = [row for row in read_rows(ONE) if row.expected != OUT]
    offered = [row.text for row in rows if OFFERED & set(reader.reply(row.text).say)]
    assert len(rows) >= 800
    assert len(offered) / len(rows) <= MOST_OFFERED, offered
