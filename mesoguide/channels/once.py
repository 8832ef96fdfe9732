"""A message that two servers get at the same time is heard once.

The channels look in the database whether a message was answered before. When somebody sends it
again to another server while the first is still answering, there is nothing to find yet. So each
turn, once it has its place in the order of the conversation, marks its message in Redis; whoever
finds the mark looks again, and says what was said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage

from mesoguide.channels.again import events_if_readable, said_after
from mesoguide.storage.redis_link import Down, Link, key

KEPT = 600  # seconds, longer than anybody tries to send a message again
Handle = Callable[[UserMessage], Awaitable[Any]]


def once(handle: Handle, redis: Link) -> Handle:
    """What Rasa does with a message inside its lock, but not twice."""

    async def handle_message(message: UserMessage) -> Any:
        if await _is_marked(redis, f"{message.sender_id} {message.message_id}"):
            before = said_after(message.message_id, await events_if_readable(message.sender_id))
            if before:
                for said in before:
                    parts = {"text": said.text, **(said.data or {})}
                    whole = {name: part for name, part in parts.items() if part}
                    await message.output_channel.send_response(message.sender_id, whole)
                return None
        return await handle(message)

    return handle_message


async def _is_marked(redis: Link, message: str) -> bool:
    """Whether this message was here before; it is marked now. Without Redis nobody knows."""
    mark = key("heard", message)
    try:
        return not await redis.do(lambda: redis.client.set(mark, 1, nx=True, ex=KEPT))
    except Down:
        return False
