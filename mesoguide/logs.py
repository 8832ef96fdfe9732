"""What the operator reads: one line for each event, with the id of its turn, never what was typed.

MESOGUIDE_LOGS=json writes each line as a JSON object, for tools that collect logs.
"""

from __future__ import annotations

import logging
import os
import sys
import uuid
import warnings
from contextvars import ContextVar
from typing import Any

import structlog
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.log_utils import configure_structlog
from structlog.typing import EventDict

from mesoguide.errors import where
from mesoguide.paths import BadSetting

SETTING = "MESOGUIDE_LOGS"
NO_TURN = "-"
TURN: ContextVar[str] = ContextVar("turn", default=NO_TURN)
OURS = "mesoguide"  # its lines are shown from INFO on; those of libraries from WARNING on


def new_turn() -> str:
    """Begin a turn: lines logged from here on, in this task, carry its id."""
    id_ = uuid.uuid4().hex[:8]
    TURN.set(id_)
    return id_


def start_logging() -> None:
    """Lines of ours and warnings of others to standard error. Raises BadSetting."""
    configure_logging_and_warnings(
        logging.WARNING, warn_only_once=False, filter_repeated_logs=False
    )
    configure_structlog(logging.WARNING)
    structlog.configure(processors=[_event_alone])
    warnings.simplefilter("ignore")  # some of Rasa's quote the message they warn of
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter())
    handler.addFilter(_without_errors_of_others)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)


def _without_errors_of_others(record: logging.LogRecord) -> bool:
    """Keep every line; of the trace of an error only its kind and place."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.getMessage()} ({where(record.exc_info[1])})", ()
        record.exc_info = record.exc_text = None
    return True


def _event_alone(_logger: Any, _method: str, line: EventDict) -> str:
    """The name of Rasa's event: what it tells beside it may be what somebody typed."""
    error = sys.exc_info()[1] if line.get("exc_info") else None
    return f"{line['event']} ({where(error)})" if error else str(line["event"])


def _formatter() -> logging.Formatter:
    how = os.environ.get(SETTING, "text").strip().lower()
    if how not in ("text", "json"):
        raise BadSetting(f"{SETTING} is '{how}': use text or json.")
    last: list[Any] = [structlog.processors.JSONRenderer()] if how == "json" else [_as_text]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_turn,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _with_turn(_logger: Any, _method: str, line: EventDict) -> EventDict:
    if TURN.get() != NO_TURN:
        line["turn"] = TURN.get()
    return line


def _as_text(_logger: Any, _method: str, line: EventDict) -> str:
    turn = f" turn {line['turn']}:" if "turn" in line else ""
    return f"{line['timestamp']} {line['level'].upper()}{turn} {line['event']}"
