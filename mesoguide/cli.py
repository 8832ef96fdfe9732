"""The commands, each a small function: `mesoguide --help` lists them."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from mesoguide import __version__, paths
from mesoguide.channels.switches import state_of_channels
from mesoguide.core.check import check
from mesoguide.core.files import ContentError, Document, Problem
from mesoguide.core.knowledge import load
from mesoguide.core.scoring import BadFile, read_report, read_rows
from mesoguide.storage import operator

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TRANSFORMERS_VERBOSITY": "error",
}
EPOCHS = 100  # of Rasa's default pipeline


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 something is wrong, 2 wrong use."""
    options = _parser().parse_args(arguments)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:  # Rasa's imports undo filters, so warnings are silenced where shown
        warnings.showwarning = _no_warning
    os.chdir(paths.ROOT)
    sys.path.insert(0, str(paths.ROOT))
    try:
        return int(options.run(options))
    except ContentError as error:
        print(error, file=sys.stderr)
        print("Nothing was started: mend the lines above first.", file=sys.stderr)
        return 1
    except (BadFile, paths.BadSetting) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _no_warning(*_: object, **__: object) -> None:
    """Libraries warn their programmers of what they deprecate; the operator can do nothing."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mesoguide",
        description="A chat assistant for people with stage 4 mesothelioma: checked answers only.",
    )
    parser.add_argument("--version", action="version", version=f"mesoguide {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start everything on one port")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=int, default=5005, help="port (%(default)s)")
    serve.set_defaults(run=_serve)

    shell = commands.add_parser("shell", help="talk with the assistant in this terminal")
    shell.set_defaults(run=_shell)

    matrix = commands.add_parser(
        "matrix", help="bridge to Matrix, beside a running server (docs/channels/matrix.md)"
    )
    matrix.set_defaults(run=_matrix)

    operator.add_commands(commands)

    train = commands.add_parser("train", help="train the model")
    train.set_defaults(run=_train)

    checks = commands.add_parser("check", help="check the content and all that is tied to it")
    checks.set_defaults(run=_check)

    protocol = commands.add_parser("protocol", help="what is recognised as danger, to read")
    protocol.add_argument("--write", action="store_true", help="write it to docs/safety.md")
    protocol.set_defaults(run=_protocol)

    evaluate = commands.add_parser("evaluate", help="measure understanding on a TSV file")
    evaluate.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=paths.ROOT / "tests" / "heldout.tsv",
        help="columns expected, also_ok, text (default: tests/heldout.tsv)",
    )
    evaluate.add_argument(
        "--out",
        type=Path,
        default=paths.ROOT / "reports",
        help="folder for evaluation.json and the pictures (default: reports)",
    )
    evaluate.add_argument(
        "--against", type=Path, metavar="JSON", help="an earlier evaluation.json to compare with"
    )
    evaluate.add_argument(
        "--beside",
        type=int,
        nargs="?",
        const=EPOCHS,
        metavar="EPOCHS",
        help=f"also train Rasa's default pipeline on the same data, {EPOCHS} epochs unless told "
        "(two minutes each on two cores), and compare",
    )
    evaluate.set_defaults(run=_evaluate)

    calibrate = commands.add_parser(
        "calibrate", help="choose the threshold of config.yml on messages never trained on"
    )
    calibrate.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=paths.ROOT / "tests" / "calibration.tsv",
        help="columns expected, also_ok, text (default: tests/calibration.tsv)",
    )
    calibrate.add_argument(
        "--out",
        type=Path,
        default=paths.ROOT / "reports",
        help="folder for threshold.png (default: reports)",
    )
    calibrate.set_defaults(run=_calibrate)

    review = commands.add_parser("review", help="what to mend in the training examples")
    review.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=paths.ROOT / "data" / "nlu.yml",
        help="a Rasa NLU file (default: data/nlu.yml)",
    )
    review.add_argument(
        "--out",
        type=Path,
        default=paths.ROOT / "reports",
        help="folder for review.tsv and review.png (default: reports)",
    )
    review.set_defaults(run=_review)

    report = commands.add_parser(
        "report", help="a page of what people asked and was not understood, for editors"
    )
    report.add_argument(
        "--out",
        type=lambda name: Path(name).absolute(),  # before the command changes into the checkout
        default=paths.ROOT / "reports" / "questions.html",
        help="file of the page (default: reports/questions.html)",
    )
    report.add_argument(
        "--days",
        type=int,
        default=30,
        choices=range(1, 91),
        metavar="DAYS",
        help="how far back, 1 to 90 days (%(default)s)",
    )
    report.set_defaults(run=_report)
    return parser


def _serve(options: argparse.Namespace) -> int:
    gc.disable()  # a start makes much and drops little; the server enables it again
    _prepare()
    _step("Starting the server")
    from mesoguide import server

    server.serve(options.host, options.port)
    return 0


def _shell(_: argparse.Namespace) -> int:
    gc.disable()  # see _serve
    _prepare()
    _step("Starting the shell")
    from mesoguide import server

    server.shell()
    return 0


def _matrix(_: argparse.Namespace) -> int:
    from mesoguide.channels.matrix import bridge

    return bridge.run()


def _train(_: argparse.Namespace) -> int:
    _check_or_raise()
    _load_rasa()
    _encoder_or_exit()
    return _train_now()


def _check(_: argparse.Namespace) -> int:
    problems = _problems()
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} to mend.")
        return 1
    print("All content is in order.")
    complete = True
    for line, in_order in state_of_channels():
        print(line)
        complete = complete and in_order
    return 0 if complete else 1


def _protocol(options: argparse.Namespace) -> int:
    _check_or_raise()
    from mesoguide.safety.page import markdown

    text = markdown(load(paths.knowledge()))
    if options.write:
        (paths.ROOT / "docs" / "safety.md").write_text(text, encoding="utf-8")
        _step("Written: docs/safety.md")
    else:
        print(text, end="")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    file, out = options.file.resolve(), options.out.resolve()
    rows = read_rows(file)
    before = read_report(options.against.resolve()) if options.against else None
    _prepare(with_tensorflow=options.beside is not None)
    _step("Loading the model")
    from mesoguide.evaluation import evaluate

    evaluate(rows, out, before)
    if options.beside:
        from mesoguide.side_by_side import compare_with_default

        nlu = paths.ROOT / "data" / "nlu.yml"
        return compare_with_default(nlu, file, epochs=options.beside)
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    file, out = options.file.resolve(), options.out.resolve()
    rows = read_rows(file)
    _prepare()
    _step("Loading the model")
    from mesoguide.calibration import calibrate

    calibrate(rows, file, out)
    return 0


def _review(options: argparse.Namespace) -> int:
    from mesoguide.review import review_file

    return review_file(options.file.resolve(), options.out.resolve())


def _report(options: argparse.Namespace) -> int:
    from mesoguide.questions import report

    return report(options.out, options.days)


def _problems() -> list[Problem]:
    """All problems of the content, and of the signs of danger when the content is in order."""
    problems = check(paths.ROOT, paths.knowledge())
    if problems:
        return problems
    from mesoguide import content
    from mesoguide.safety.check import check_signs

    protocol = content.knowledge().protocol
    file = paths.knowledge() / "safety.yml"
    return list(check_signs(file, protocol, lambda _: content.gate()))


def _check_or_raise() -> None:
    problems = _problems()
    if problems:
        raise ContentError(problems)


def _config() -> dict[str, Any]:
    return dict(Document(paths.ROOT / "config.yml").data)


def _prepare(with_tensorflow: bool = False) -> None:
    """Content in order, Rasa loaded, the model current."""
    _check_or_raise()
    _load_rasa(with_tensorflow)
    _train_if_needed()


def _load_rasa(with_tensorflow: bool = False) -> None:
    """Say that what follows takes seconds, and see to it that they are few."""
    _step("Loading Rasa (the first time takes longer)")
    from mesoguide.rasa_inside import keep_tensorflow_out

    if not with_tensorflow:
        parts = [*_config()["pipeline"], *_config()["policies"]]
        keep_tensorflow_out(str(part["name"]) for part in parts)


def _encoder_or_exit() -> None:
    """Load the sentence encoder that config.yml names; it stays loaded for the model."""
    from mesoguide.nlu.encoder import EncoderFileError, SentenceEncoder

    name = f"{SentenceEncoder.__module__}.{SentenceEncoder.__name__}"
    for part in _config()["pipeline"]:
        if part["name"] == name:
            try:
                SentenceEncoder({**SentenceEncoder.get_default_config(), **part}, name)
            except EncoderFileError as error:
                print(error, file=sys.stderr)
                raise SystemExit(1) from None


def _train_if_needed() -> None:
    from mesoguide import server

    _encoder_or_exit()
    if not server.model_is_current() and _train_now() != 0:
        raise SystemExit(1)


def _train_now() -> int:
    _step("Training the model")
    started = time.monotonic()
    from rasa.model_training import train

    from mesoguide.server import show_training

    show_training()
    result = train(
        domain=str(paths.ROOT / "domain.yml"),
        config=str(paths.ROOT / "config.yml"),
        training_files=str(paths.ROOT / "data"),
        output=str(paths.models()),
        fixed_model_name="mesoguide",
    )
    if result.code != 0 or result.model is None:
        print("The training failed: see the lines above.", file=sys.stderr)
        return result.code or 1
    Path(result.model).touch()  # nothing to retrain leaves the old file: it is current now
    _step(f"Trained in {time.monotonic() - started:.0f} s: {result.model}")
    return 0


def _step(text: str) -> None:
    print(f"mesoguide: {text}", flush=True)
