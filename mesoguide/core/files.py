"""Reading the content files, so that every mistake is reported with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a content file, and what to do about it."""

    file: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} {self.remedy}"


class ContentError(Exception):
    """Raised when content cannot be used. Holds every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Document:
    """One YAML file: its data, and the line on which any part of it stands."""

    def __init__(self, path: Path) -> None:
        """Read `path`. Raises ContentError if it is missing, not UTF-8, or not valid YAML."""
        self.path = path
        self.name = f"{path.parent.name}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ContentError([self.problem((), "The file is missing.", "Put it back.")]) from None
        except UnicodeDecodeError as error:
            what = f"The file is not UTF-8 text (byte {error.start})."
            raise ContentError([self.problem((), what, "Save it as UTF-8.")]) from None
        try:
            loader = Loader(text)
            try:
                self.root: Node | None = loader.get_single_node()
                self._refuse_repeated_keys(self.root)
                self.data: Any = loader.construct_document(self.root) if self.root else None
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            what = f"This is not valid YAML: {error.problem or error.context}."
            remedy = "Look at the indentation, quotes and colons there."
            raise ContentError([Problem(self.name, line, what, remedy)]) from None

    def problem(self, where: Sequence[str | int], what: str, remedy: str) -> Problem:
        """A problem at the place `where` (keys and list positions from the top)."""
        return Problem(self.name, self.line(where), what, remedy)

    def line(self, where: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of `where` that exists in the file."""
        node: Node | None = getattr(self, "root", None)
        if node is None:
            return 1
        line = node.start_mark.line + 1
        for step in where:
            found = self._child(node, step)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line + 1
        return line

    @staticmethod
    def _child(node: Node, step: str | int) -> tuple[Node, Node] | None:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    return key, value
        if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            return node.value[step], node.value[step]
        return None

    def _refuse_repeated_keys(self, node: Node | None) -> None:
        if isinstance(node, MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, ScalarNode) and key.value in seen:
                    what = f"'{key.value}' stands here a second time."
                    line = key.start_mark.line + 1
                    raise ContentError([Problem(self.name, line, what, "Keep one of the two.")])
                seen.add(key.value if isinstance(key, ScalarNode) else "")
                self._refuse_repeated_keys(value)
        elif isinstance(node, SequenceNode):
            for item in node.value:
                self._refuse_repeated_keys(item)
