"""Reading the content files, so that every mistake is reported with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

TEXT_TAG = "tag:yaml.org,2002:str"
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
        text = read_text(path)
        try:
            loader = Loader(text)
            try:
                self.root: Node | None = loader.get_single_node()
                self._refuse_odd_keys(self.root)
                self.data: Any = loader.construct_document(self.root) if self.root else None
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise self._broken(line, str(error.problem or error.context)) from None
        except yaml.reader.ReaderError as error:
            raise self._broken(text.count("\n", 0, error.position) + 1, error.reason) from None
        except ValueError as error:  # such as a date that does not exist
            raise self._broken(1, str(error)) from None

    def _broken(self, line: int, why: str) -> ContentError:
        remedy = "Look at the indentation, quotes and colons there."
        return ContentError([Problem(self.name, line, f"This is not valid YAML: {why}.", remedy)])

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

    def _refuse_odd_keys(self, node: Node | None) -> None:
        """Keys are text and stand once; YAML itself reads `yes:` as true and keeps the last."""
        if isinstance(node, MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, ScalarNode):
                    if key.value in seen:
                        what = f"'{key.value}' stands here a second time."
                        raise self._odd_key(key, what, "Keep one of the two.")
                    if key.tag != TEXT_TAG:
                        what = f"The name '{key.value}' is not text to YAML."
                        raise self._odd_key(key, what, 'Put it in "quotes".')
                    seen.add(key.value)
                self._refuse_odd_keys(value)
        elif isinstance(node, SequenceNode):
            for item in node.value:
                self._refuse_odd_keys(item)

    def _odd_key(self, key: ScalarNode, what: str, remedy: str) -> ContentError:
        return ContentError([Problem(self.name, key.start_mark.line + 1, what, remedy)])


def read_text(path: Path) -> str:
    """The text of a content file. Raises ContentError if it is missing or not UTF-8."""
    name = f"{path.parent.name}/{path.name}"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problem = Problem(name, 1, "The file is missing.", "Put it back.")
    except UnicodeDecodeError as error:
        what = f"The file is not UTF-8 text (byte {error.start})."
        problem = Problem(name, 1, what, "Save it as UTF-8.")
    raise ContentError([problem])
