"""What a channel itself has to say, such as that a message is too long; never without a number."""

from __future__ import annotations

from typing import Any

from actions.turns import guide
from mesoguide.core.reply import Reply, render


def in_own_words(phrase: str) -> dict[str, Any]:
    """A reply, as data: one of the assistant's own phrases, with the emergency numbers."""
    reply = Reply("meta", None, (phrase, "intro_emergency"))
    return render(guide().knowledge, reply, None, buttons=False).data
