"""What Rasa sends to have an action run."""

from __future__ import annotations

from typing import Any


def action_call(action: str, intent: str, text: str = "hi") -> dict[str, Any]:
    """The call for `action` after a first message over REST that was understood as `intent`."""
    return {
        "next_action": action,
        "sender_id": "someone",
        "tracker": {
            "sender_id": "someone",
            "slots": {},
            "latest_message": {"text": text, "intent": {"name": intent}, "entities": []},
            "latest_input_channel": "rest",
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        },
        "domain": {},
        "version": "3.6.21",
    }
