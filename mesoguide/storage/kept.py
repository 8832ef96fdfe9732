"""What is kept of an event: as Rasa writes it, without what tells who somebody is.

Only what people say is looked through, and the slots, in which Rasa puts what came beside it; all
else is ours. The turn that is going on has the event as it is; the database and an event broker
get this.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import EntitiesAdded, Event, SlotSet, UserUttered

from mesoguide.privacy.redaction import redacted_within

PEOPLES = (UserUttered, EntitiesAdded)
# Of these keys, values that are no words of people: Rasa's own, and an id that is compared.
AS_THEY_ARE = frozenset({"event", "message_id", "extractor", "model_id", "assistant_id"})
MEMORY = "memory"  # the slot of mesoguide.core.memory.Memory: ids of ours, and none may change


def kept(event: Event) -> dict[str, Any]:
    """The event as data, to be stored."""
    data: dict[str, Any] = event.as_dict()
    if isinstance(event, SlotSet):
        return {**data, "value": kept_slot(event.key, event.value)}
    return redacted_within(data, AS_THEY_ARE) if isinstance(event, PEOPLES) else data


def kept_slot(name: str, value: Any) -> Any:
    """A slot's value, to be stored."""
    return value if name == MEMORY else redacted_within(value)
