"""One process: Rasa's app, the actions inside it, the pages and the health check."""

from __future__ import annotations

import gc
import logging
import socket
import uuid
import warnings
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from rasa.core import run
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.utils import AvailableEndpoints
from rasa.model import get_latest_model
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from actions.turns import guide
from mesoguide import paths, rasa_inside
from mesoguide.action_server import ActionServer
from mesoguide.core.not_knowing import failure_reply
from mesoguide.core.reply import render
from mesoguide.in_process import InProcessActions

logger = logging.getLogger(__name__)
SHELL_TIMEOUT = 3600  # seconds; Rasa's shell gives up reading after 10


class ModelMissing(Exception):
    """There is no trained model."""


def quiet_logs() -> None:
    """Warnings and errors only: Rasa's lower levels print what people type."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    configure_logging_and_warnings(logging.WARNING, warn_only_once=True, filter_repeated_logs=True)
    configure_structlog(logging.WARNING)
    logging.getLogger("mesoguide.safety").setLevel(logging.INFO)  # signs and channels, no text
    warnings.simplefilter("ignore")  # some of Rasa's quote the message they warn of


def show_training() -> None:
    """One line for each part that Rasa trains, and nothing of its debugging."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    configure_structlog(logging.WARNING)
    logging.getLogger("rasa.engine.training").setLevel(logging.INFO)


def serve(host: str, port: int) -> None:
    """Serve everything on one port until stopped. Raises ModelMissing."""
    _prepare()
    endpoints = _endpoints()
    channels = run.create_http_input_channels(None, str(paths.ROOT / "credentials.yml"))
    app = run.configure_app(channels, enable_api=False, port=port, endpoints=endpoints)
    load = partial(run.load_agent_on_start, _model(), endpoints, None)
    app.register_listener(load, "before_server_start")
    app.register_listener(_make_ready, "before_server_start")
    app.register_listener(run.close_resources, "after_server_stop")

    async def say_address(_app: Sanic, _loop: Any) -> None:
        print(f"\nmesoguide answers at http://{host}:{port}/  (stop with Ctrl+C)\n", flush=True)

    app.register_listener(say_address, "after_server_start")
    app.run(host=host, port=port, workers=1, access_log=False, motd=False)


def shell() -> None:
    """Rasa's own shell, with the actions inside the process. Raises ModelMissing."""
    _prepare()
    run.serve_application(
        _model(),
        channel="cmdline",
        interface="127.0.0.1",
        port=_free_port(),
        enable_api=False,
        endpoints=_endpoints(),
        conversation_id=uuid.uuid4().hex,
        request_timeout=SHELL_TIMEOUT,
        server_listeners=[(_make_ready, "after_server_start")],
    )


def _prepare() -> None:
    quiet_logs()
    guide()  # the content is loaded, or refused, before anything is served
    rasa_inside.compile_the_schema()
    rasa_inside.remember_event_types()


def _model() -> str:
    model = get_latest_model(str(paths.models()))
    if model is None:
        raise ModelMissing("There is no trained model. Run: uv run mesoguide train")
    return str(model)


def _endpoints() -> AvailableEndpoints:
    """Rasa's endpoints.yml, with the actions and the database of the settings."""
    endpoints = AvailableEndpoints.read_endpoints(str(paths.ROOT / "endpoints.yml"))
    elsewhere = paths.actions()
    endpoints.action = ActionServer(elsewhere) if elsewhere else InProcessActions()
    store = endpoints.tracker_store
    if store and store.kwargs.get("dialect") == "sqlite":
        if "://" in paths.database():
            store.url = paths.database()
        else:
            store.kwargs["db"] = paths.database()
    return endpoints


async def _make_ready(app: Sanic, _loop: Any) -> None:
    """The loaded agent, made to say its errors, and warm."""
    agent = app.ctx.agent
    rasa_inside.without_fail_safe(agent)
    agent.handle_message = never_silent(agent.handle_message)
    if agent.is_ready():  # otherwise /health says so
        await agent.parse_message("what does stage 4 mean")
    gc.freeze()  # what was loaded stays: it need not be looked through for rubbish
    gc.enable()


def never_silent(
    handle: Callable[[UserMessage], Awaitable[Any]],
) -> Callable[[UserMessage], Awaitable[Any]]:
    """Rasa's message handler, with a sentence for the person when it fails.

    Stock Rasa logs the error and answers nothing. The log line has an id and no text.
    """

    async def handle_message(message: UserMessage) -> Any:
        try:
            return await handle(message)
        except Exception as error:
            logger.error("turn %s failed: %s", uuid.uuid4().hex[:8], type(error).__name__)
            await _say_failed(message.output_channel, message.sender_id)
            return None

    return handle_message


async def _say_failed(channel: OutputChannel | None, recipient: str) -> None:
    if channel is not None:
        rendered = render(guide().knowledge, failure_reply(), None, buttons=False)
        both = {"text": rendered.text, "custom": {"data": rendered.data}}
        await channel.send_response(recipient, both)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def inputs() -> list[Path]:
    """The files a model is trained from."""
    root = paths.ROOT
    return [
        root / "config.yml",
        root / "domain.yml",
        *sorted((root / "data").glob("*.yml")),
        *sorted((root / "data").glob("*.tsv")),
        *sorted((root / "mesoguide" / "nlu").glob("*.py")),
        *sorted((root / "mesoguide" / "safety").glob("*.py")),
    ]


def model_is_current() -> bool:
    """Whether the newest model is newer than all its inputs."""
    model = get_latest_model(str(paths.models()))
    if model is None:
        return False
    trained = Path(model).stat().st_mtime
    return all(file.stat().st_mtime <= trained for file in inputs())
