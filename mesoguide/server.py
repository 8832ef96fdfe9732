"""One process: Rasa's app, the actions inside it, the pages and the health check."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import uuid
from functools import partial
from pathlib import Path
from typing import Any

from rasa.core import run
from rasa.core.utils import AvailableEndpoints
from rasa.model import get_latest_model
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from actions.turns import guide
from mesoguide import paths, rasa_inside
from mesoguide.action_server import ActionServer
from mesoguide.channels.guard import guard
from mesoguide.channels.once import once
from mesoguide.in_process import InProcessActions
from mesoguide.logs import start_logging
from mesoguide.never_silent import never_silent
from mesoguide.noting import Noting, keep_short
from mesoguide.privacy.redaction import redacted
from mesoguide.storage.redis_link import link
from mesoguide.storage.redis_order import InOrderEverywhere
from mesoguide.storage.retention import delete_what_is_old, keep_hours
from mesoguide.storage.unanswered import UnansweredTable, is_wanted, keep_days

logger = logging.getLogger(__name__)
API_SETTING = "MESOGUIDE_API_TOKEN"  # with it, Rasa's own HTTP API is open to who knows it
FIRST = "what does stage 4 mean"  # loads what the first message of a person needs
SHELL_TIMEOUT = 3600  # seconds; Rasa's shell gives up reading after 10


class ModelMissing(Exception):
    """There is no trained model."""


def show_training() -> None:
    """One line for each part that Rasa trains, and nothing of its debugging."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    configure_structlog(logging.WARNING)
    logging.getLogger("rasa.engine.training").setLevel(logging.INFO)


def serve(host: str, port: int) -> None:
    """Serve everything on one port until stopped. Raises ModelMissing."""
    _prepare()
    keep_hours()  # a setting that cannot be used is said before anything is served
    is_wanted(), keep_days()
    endpoints = _endpoints()
    channels = run.create_http_input_channels(None, str(paths.ROOT / "credentials.yml"))
    token = paths.token(API_SETTING)
    app = run.configure_app(
        channels, enable_api=token is not None, auth_token=token, port=port, endpoints=endpoints
    )
    guard(app)
    load = partial(run.load_agent_on_start, _model(), endpoints, None)
    app.register_listener(load, "before_server_start")
    app.register_listener(_make_ready, "before_server_start")
    app.register_listener(_begin_deleting, "after_server_start")
    app.register_listener(_end_deleting, "before_server_stop")
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
    start_logging()
    guide()  # the content is loaded, or refused, before anything is served
    rasa_inside.compile_the_schema()
    rasa_inside.remember_event_types()


def _model() -> str:
    model = get_latest_model(str(paths.models()))
    if model is None:
        raise ModelMissing("There is no trained model. Run: uv run mesoguide train")
    return str(model)


def _endpoints() -> AvailableEndpoints:
    """Rasa's endpoints.yml, with the actions, the database and the Redis of the settings."""
    endpoints = AvailableEndpoints.read_endpoints(str(paths.ROOT / "endpoints.yml"))
    elsewhere = paths.actions()
    endpoints.action = ActionServer(elsewhere) if elsewhere else InProcessActions()
    store = endpoints.tracker_store
    if store and store.kwargs.get("dialect") == "sqlite":
        if "://" in paths.database():
            store.url = paths.database()
        else:
            store.kwargs["db"] = paths.database()
    redis = link()
    if redis:
        endpoints.lock_store = InOrderEverywhere(redis)
    return endpoints


async def _make_ready(app: Sanic, _loop: Any) -> None:
    """The loaded agent, made to say its errors, and warm."""
    agent = app.ctx.agent
    rasa_inside.without_fail_safe(agent)
    if agent.is_ready():
        redis = link()
        if redis:
            agent.processor.handle_message = once(agent.processor.handle_message, redis)
        if is_wanted():
            table = UnansweredTable(keep_days())
            app.ctx.noting = Noting(agent.handle_message, agent.parse_message, table)
            agent.handle_message = app.ctx.noting
        agent.handle_message = never_silent(agent.handle_message)
        await agent.parse_message(FIRST)
        redacted(FIRST)
    else:  # /health says so too
        logger.error("The model cannot be read. Train it again: uv run mesoguide train")
        agent.handle_message = never_silent(_without_model)
    gc.freeze()  # what was loaded stays: it need not be looked through for rubbish
    gc.enable()


async def _begin_deleting(app: Sanic, _loop: Any) -> None:
    app.ctx.deleting = asyncio.gather(
        delete_what_is_old(app.ctx.agent.tracker_store),
        keep_short(UnansweredTable(keep_days())),  # also when no more are noted
    )


async def _end_deleting(app: Sanic, _loop: Any) -> None:
    app.ctx.deleting.cancel()
    noting = getattr(app.ctx, "noting", None)
    if noting:
        await noting.end()


async def _without_model(_: Any) -> None:
    raise ModelMissing


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
