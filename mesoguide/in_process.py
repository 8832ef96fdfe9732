"""Rasa's action endpoint without the second server: actions run inside this process.

What it replaces: `EndpointConfig.request`, the HTTP call that Rasa makes for each custom action.
Why: one process and one command; and a turn costs less (measured in benchmarks/).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

DEADLINE = 10.0  # seconds


class InProcessActions(EndpointConfig):
    """An action endpoint that runs the package `actions` through rasa_sdk's own executor."""

    def __init__(self) -> None:
        super().__init__(url="in-process://actions")
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Run the action named in `json` on a copy of it, as the action server would.

        Raises:
            asyncio.TimeoutError: when the action has not answered within DEADLINE seconds.
        """
        call = json.loads(json.dumps(kwargs["json"]))
        return await asyncio.wait_for(self._executor.run(call), timeout=DEADLINE)
