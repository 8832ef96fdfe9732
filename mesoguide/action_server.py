"""Actions in a server of their own, where MESOGUIDE_ACTIONS names one.

What it replaces: `EndpointConfig.request`, which waits five minutes, and after which Rasa says
nothing at all. Here the action runs in this process when the server does not answer in time or
answers with an error: whoever is in danger must get the number to call.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from rasa.utils.endpoints import EndpointConfig

from mesoguide.in_process import DEADLINE, InProcessActions
from mesoguide.rasa_inside import answer_validator

logger = logging.getLogger(__name__)


class ActionServer(EndpointConfig):
    """Rasa's endpoint for an action server, with this process behind it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._own = InProcessActions()

    async def request(self, *arguments: Any, **call: Any) -> Any:
        """The server's answer, or this process's own."""
        try:
            answer = await asyncio.wait_for(super().request(*arguments, **call), DEADLINE)
            if (
                isinstance(answer, dict)
                and answer.get("responses")
                and answer_validator().is_valid(answer)
            ):
                return answer
            problem = "that is no answer"
        except Exception as error:  # whatever it is, the person is answered
            problem = type(error).__name__
        logger.error("The action server at %s failed (%s): run here.", self.url, problem)
        return await self._own.request(*arguments, **call)
