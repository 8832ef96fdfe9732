"""The safety protocol: the shape of knowledge/safety.yml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mesoguide.core.models import NeedsText, Strict

Level = Literal["red", "amber", "crisis"]
BY_URGENCY: tuple[Level, ...] = ("red", "crisis", "amber")
EMERGENCY, URGENT = "emergency", "urgent_symptom"
OWN_CRISIS, OTHERS_CRISIS = "crisis_self_harm", "crisis_other_person"
LEVELS: dict[str, Level] = {
    EMERGENCY: "red",
    OWN_CRISIS: "crisis",
    OTHERS_CRISIS: "crisis",
    URGENT: "amber",
}  # of the safety intents, the most urgent first


class Quantity(Strict):
    """Which numbers an idea stands for."""

    ranges: list[tuple[float, float]] = Field(min_items=1)  # both ends belong to it
    exact: bool = False  # only with a decimal part
    unless: list[NeedsText] = Field(default_factory=list)  # words that may not stand by it


class Sign(Strict):
    """One sign of danger; see the head of safety.yml."""

    name: NeedsText
    intent: Literal["emergency", "urgent_symptom", "crisis_self_harm", "crisis_other_person"]
    facts: list[str] = Field(default_factory=list)  # said beside the number to call
    words: list[NeedsText] = Field(min_items=1)
    hints: list[NeedsText] = Field(default_factory=list)  # too common to alarm by themselves
    alarms: list[NeedsText] = Field(min_items=2)  # messages that must alarm with this sign
    calm: list[NeedsText] = Field(min_items=1)  # messages that must not

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def level(self) -> Level:
        """How urgent it is."""
        return LEVELS[self.intent]


class Context(Strict):
    """What takes a sign back, and what outweighs that; see the comments in safety.yml."""

    denied: list[NeedsText]
    denies_nothing: list[NeedsText]
    turns: list[NeedsText]
    asking: list[NeedsText]
    supposed: list[NeedsText]
    supposes_nothing: list[NeedsText]
    past: list[NeedsText]
    over: list[NeedsText]
    told: list[NeedsText]
    stable: list[NeedsText]
    now: list[NeedsText]
    harmless: list[NeedsText]


class AfterAnAlarm(Strict):
    """Words that mean something after an alarm and are small talk elsewhere."""

    worse: list[NeedsText] = Field(min_items=1)
    helped: list[NeedsText] = Field(min_items=1)


class Protocol(Strict):
    """All of knowledge/safety.yml."""

    ideas: dict[str, list[NeedsText]]
    quantities: dict[str, Quantity]
    spellings: dict[str, NeedsText]
    signs: list[Sign] = Field(min_items=1)
    context: Context
    after_an_alarm: AfterAnAlarm

    def sign(self, name: str | None) -> Sign | None:
        """The sign of that name, if there is one."""
        return next((sign for sign in self.signs if sign.name == name), None)
