"""A domain of another world, small enough to train on in a test: a bakery."""

from __future__ import annotations

from pathlib import Path

TAUGHT = {
    "opening_hours": ["when do you open", "are you open on sunday", "what are your hours",
                      "until when is the shop open", "do you close at noon"],
    "order_cake": ["i want to order a cake", "can you bake a birthday cake", "one cake for friday",
                   "book a wedding cake for us", "a cake for ten people please"],
    "price": ["how much is a loaf", "what does a roll cost", "price of the rye bread",
              "how much do i pay for a tart", "are the buns expensive"],
    "delivery": ["do you deliver", "bring the bread to my home", "is there delivery today",
                 "what is the delivery fee", "can somebody bring me rolls"],
}  # fmt: skip
ELSEWHERE = ["who won the match", "tell me a joke", "book a flight to rome", "play some music",
             "how tall is the tower"]  # fmt: skip
INSIDE = {
    "opening_hours": ["when do you open on sunday", "what are the hours of the shop"],
    "order_cake": ["i want a birthday cake", "order a cake for friday"],
    "price": ["how much is the rye bread", "what does a tart cost"],
    "delivery": ["do you deliver rolls", "can you bring it to my home"],
}
OUTSIDE = ["who wrote hamlet", "is it raining", "buy train tickets", "my laptop is broken",
           "what time is it in tokyo"]  # fmt: skip


def write_nlu(file: Path, out_of_scope: str | None = None) -> Path:
    """A Rasa NLU file; `out_of_scope`: the name under which the rest of the world is taught."""
    taught = TAUGHT | ({out_of_scope: ELSEWHERE} if out_of_scope else {})
    lines = ['version: "3.1"', "nlu:"]
    for intent, examples in taught.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {one}" for one in examples)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_tsv(file: Path, out_of_scope: str = "out_of_scope") -> Path:
    """Messages that write_nlu does not teach."""
    rows = [(intent, text) for intent, texts in INSIDE.items() for text in texts]
    rows += [(out_of_scope, text) for text in OUTSIDE]
    lines = ["expected\talso_ok\ttext", *(f"{intent}\t\t{text}" for intent, text in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file
