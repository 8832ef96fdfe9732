"""Whether the signs of the protocol do what their test messages say, for `mesoguide check`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from mesoguide.core.files import Document, Problem
from mesoguide.core.protocol import Protocol
from mesoguide.safety.gate import SafetyGate


def check_signs(
    file: Path, protocol: Protocol, make: Callable[[Protocol], SafetyGate] = SafetyGate
) -> Iterator[Problem]:
    """Every sign whose own messages the gate misses or wrongly takes for reports."""
    document = Document(file)
    try:
        gate = make(protocol)
    except KeyError as error:
        what = f"There is no idea {error.args[0]}."
        yield document.problem(("ideas",), what, "Add it under 'ideas', or correct its name.")
        return
    for position, sign in enumerate(protocol.signs):
        for number, text in enumerate(sign.alarms):
            found = gate.read(text)
            if sign in found.alarms:
                continue
            taken = [f"taken as: {one.why}" for one in found.near_misses if one.sign == sign]
            why = taken[0] if taken else "none of its words is there"
            what = f"'{sign.name}' does not alarm at '{text}' ({why})."
            do = "Add its words to the sign, or mend what takes it back."
            yield document.problem(("signs", position, "alarms", number), what, do)
        for number, text in enumerate(sign.calm):
            if sign in gate.read(text).alarms:
                what = f"'{sign.name}' alarms at '{text}', which is harmless."
                do = "Make its words narrower, or add to 'context'."
                yield document.problem(("signs", position, "calm", number), what, do)
