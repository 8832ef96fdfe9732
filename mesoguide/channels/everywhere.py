"""Socket.IO on several servers: an answer reaches the widget, whichever server it is connected to.

python-socketio's own manager for Redis waits for up to a minute before it listens again when Redis
is back, and logs each answer that it could not pass on. This one is its base with our link. The
answer is given to the widgets of this server first, and needs no Redis for that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from socketio import AsyncManager
from socketio.async_pubsub_manager import AsyncPubSubManager

from mesoguide.storage.redis_link import REST, TROUBLE, Down, Link, link

CHANNEL = "mesoguide:answers"
logger = logging.getLogger(__name__)


class Everywhere(AsyncPubSubManager):
    """Who is connected here, and a way to those who are connected elsewhere."""

    name = "mesoguide"

    def __init__(self, redis: Link) -> None:
        super().__init__(channel=CHANNEL)
        self._redis = redis

    async def _publish(self, data: dict[str, Any]) -> None:
        message = self.json.dumps(data)
        with suppress(Down):  # the link has said so
            await self._redis.do(lambda: self._redis.client.publish(CHANNEL, message))

    async def _listen(self) -> AsyncIterator[bytes]:
        while True:
            try:
                async with self._redis.listening.pubsub() as heard:
                    await heard.subscribe(CHANNEL)
                    async for one in heard.listen():
                        if one["type"] == "message":
                            yield one["data"]
            except TROUBLE as error:
                kind = type(error).__name__
                logger.warning("answers of other servers are not heard (%s)", kind)
            await asyncio.sleep(REST)


def manager() -> AsyncManager:
    """Of the server's widgets. Raises BadSetting."""
    redis = link()
    return Everywhere(redis) if redis else AsyncManager()
