"""A mistake in the content is refused as a whole, with file, line and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesoguide.core.check import check
from mesoguide.core.files import ContentError
from mesoguide.core.knowledge import load
from tests.core.content import ROOT, Content, report

ANSWERS = "knowledge/answers.yml"
FACTS = "knowledge/evidence.yml"
PHRASES = "knowledge/phrases.yml"


def test_the_content_itself_is_in_order(content: Content) -> None:
    assert check(ROOT, ROOT / "knowledge") == []
    assert content.check_problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "remedy"),
    [
        (ANSWERS, "say: [stage4-def]", "say: [stage4-deff]", "'stage4-deff'", "'stage4-def'"),
        (ANSWERS, "quote: [C05]", "quote: [C55]", "'C55'", ""),
        (ANSWERS, "more: [stage4-sites,", "more: [zzz-qqq,", "'zzz-qqq'", "use an id that exists"),
        (ANSWERS, "next: [treatment_options, imm", "next: [treatment_option, imm", "", "_options'"),
        (ANSWERS, "question: ask_stage", "question: ask_stagee", "'ask_stagee'", "'ask_stage'"),
        (ANSWERS, "say: [prog-doctor,", "say: [prog-m1,", "'prog-m1' is a survival fig", "numbers"),
        (ANSWERS, "numbers: [surgery-mars2]", "numbers: [surg-ask]", "is a survival fig", "'more'"),
        (ANSWERS, "quote: [C05]", "quote: [C03]", "C03 is out of date", "'main-correction' first"),
        (ANSWERS, "quote: [C03]}", "quote: [C99]}", "'C99'", ""),
        (ANSWERS, "say: [surg-uncommon, surg-spread]", "say: [bye]", "says no fact", "fact"),
        (ANSWERS, "  question: ask_surgery\n", "", "no 'question'", "oncologist"),
        (ANSWERS, "  next: [surgery, clinical_trials, finding_a_specialist]\n", "", "'next'", ""),
        (ANSWERS, "next: [surgery, clin", "next: [radiation, surgery, clin", "than three", "three"),
        (ANSWERS, "title: Surgery", "titel: Surgery", "'titel' in surgery", "Correct"),
        (ANSWERS, "kind: answer", "kind: reply", "'kind' in what_is_mesothelioma", "Correct"),
        (FACTS, "  source:\n", "  origin:\n", "'source' in basic-what", "Correct"),
        (FACTS, "- id: basic-brakes", "- id: basic-what", "'basic-what' is here twice", "one of"),
        (FACTS, "- id: main-correction", "- id: main-corrected", "'main-correction' is", "back"),
        (FACTS, "url: https://www.cancer.org", "url: www.cancer.org", "'source.url'", "Correct"),
        ("knowledge/claims.yml", "Checkpoint inhibitors are a type", "Checkpoint drugs are a type",
         "C01 is not word for word in paragraph 1", "exactly"),
        (PHRASES, "  bye: Goodbye, and take care.", "  basic-what: Goodbye.", "is taken", "Rename"),
        (PHRASES, "    other: Please talk this over with their oncologist.\n", "", "other", "Corr"),
        ("knowledge/glossary.yml", "says: word_pleural", "says: word_plural", "'word_plural'", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_and_remedy(
    content: Content, file: str, old: str, new: str, what: str, remedy: str
) -> None:
    content.replace(file, old, new)
    problems = [one for one in content.load_problems() if what in str(one)]
    assert problems, [str(one) for one in content.load_problems()]
    assert problems[0].file == file
    assert problems[0].line > 1 or "is missing" in problems[0].what
    assert remedy in problems[0].remedy


def test_the_line_is_the_one_of_the_mistake(content: Content) -> None:
    content.replace(ANSWERS, "say: [stage4-def]", "say: [stage4-deff]")
    line = content.line(ANSWERS, "stage4-deff")
    assert report(content.load_problems(), "stage4-deff").line == line


def test_all_mistakes_are_named_at_once(content: Content) -> None:
    content.replace(ANSWERS, "say: [stage4-def]", "say: [stage4-deff]")
    content.replace(ANSWERS, "question: ask_surgery", "question: ask_surgeryy")
    assert len(content.load_problems()) == 2


@pytest.mark.parametrize("file", ["answers", "claims", "evidence", "phrases", "glossary"])
def test_broken_yaml_is_named(content: Content, file: str) -> None:
    name = f"knowledge/{file}.yml"
    line = content.append(name, "\n  : [broken\n")
    found = [one for one in content.load_problems() if one.file == name]
    assert "not valid YAML" in found[0].what
    assert found[0].line >= line - 1


@pytest.mark.parametrize(
    "file", ["answers.yml", "claims.yml", "evidence.yml", "phrases.yml", "glossary.yml"]
)
def test_a_missing_an_empty_and_an_unreadable_file_are_named(content: Content, file: str) -> None:
    path = content.root / "knowledge" / file
    path.write_bytes(b"# caf\xe9\n")
    assert "not UTF-8" in report(content.load_problems(), f"{file}:").what
    path.write_text("# nothing\n")
    assert "There should be" in report(content.load_problems(), f"{file}:").what
    path.unlink()
    assert "missing" in report(content.load_problems(), f"{file}:").what


def test_a_missing_article_is_named(content: Content) -> None:
    (content.root / "knowledge" / "article.md").unlink()
    assert "missing" in report(content.load_problems(), "article.md").what


def test_a_key_that_stands_twice_is_named(content: Content) -> None:
    line = content.append(ANSWERS, "surgery:\n  kind: answer\n")
    problem = report(content.load_problems(), "a second time")
    assert (problem.file, problem.line) == (ANSWERS, line)


@pytest.mark.parametrize(
    ("file", "old", "new", "reported", "what", "remedy"),
    [
        ("data/nlu.yml", "- intent: surgery\n", "- intent: sturgery\n", ANSWERS,
         "'surgery' has 0 examples", "Write at least"),
        ("domain.yml", "  - surgery\n", "", ANSWERS, "'surgery' is not in domain.yml", "Add"),
        ("domain.yml", "  - surgery\n", "  - surgery\n  - sturgery\n", None,
         "There is no 'sturgery'", "'surgery'"),
        ("data/rules.yml", "          - intent: surgery\n", "", ANSWERS, "in no rule", "Add it"),
        ("knowledge/safety.yml", "intent: emergency", "intent: surgery", "knowledge/safety.yml",
         "unexpected value", "Correct"),
        ("knowledge/safety.yml", "  - name: chest pain\n", "  - nam: chest pain\n",
         "knowledge/safety.yml", "'signs.1.name'", "Correct"),
        ("knowledge/safety.yml", "  asking:", "  askin:", "knowledge/safety.yml",
         "'context.asking'", "Correct"),
        ("knowledge/words.yml", '  "yes":', "  yes:", "knowledge/words.yml", "not text", "quote"),
        ("tests/heldout.tsv", "also_ok", "alsook", "tests/heldout.tsv", "not the columns", "tabs"),
        ("tests/heldout.tsv", "what_is_mesothelioma\t\t", "what_is_mesothelioma\t",
         "tests/heldout.tsv", "not 4 columns", "tabs"),
        ("tests/heldout.tsv", "what_is_mesothelioma\t\t", "what_is_meso\t\t",
         "tests/heldout.tsv", "no topic 'what_is_meso'", "Correct"),
        ("tests/heldout.tsv", "\tkind\n", "\tsort\n",
         "tests/heldout.tsv", "not the columns", "tabs"),
        ("tests/heldout.tsv", "\tkind\n", "\n", "tests/heldout.tsv", "not 3 columns", "tabs"),
        ("tests/calibration.tsv", "also_ok", "alsook",
         "tests/calibration.tsv", "not the columns", "tabs"),
        ("tests/calibration.tsv", "what_is_mesothelioma\t\t", "what_is_mesothelioma\t",
         "tests/calibration.tsv", "not 4 columns", "tabs"),
        ("tests/calibration.tsv", "what_is_mesothelioma\t\t", "what_is_mesothelioma\tsurgry\t",
         "tests/calibration.tsv", "no topic 'surgry'", "Correct"),
        ("data/danger.tsv", "kind\tabout", "kind\tabot", "data/danger.tsv",
         "not the columns", "tabs"),
        ("data/danger.tsv", "\nemergency\t", "\nemergency ", "data/danger.tsv",
         "not 3 columns", "tabs"),
        ("data/danger.tsv", "\nemergency\t", "\nemergenci\t", "data/danger.tsv",
         "no kind 'emergenci'", "calm or"),
    ],
)  # fmt: skip
def test_what_is_tied_to_the_content_is_checked_too(
    content: Content, file: str, old: str, new: str, reported: str | None, what: str, remedy: str
) -> None:
    content.replace(file, old, new)
    found = [one for one in content.check_problems() if what in one.what]
    assert found, [str(one) for one in content.check_problems()]
    assert reported is None or found[0].file == reported
    assert remedy in found[0].remedy


def test_one_example_of_two_topics_is_named(content: Content) -> None:
    content.append(
        "data/nlu.yml", "  - intent: surgery\n    examples: |\n      - What is chemo??\n"
    )
    content.append(
        "data/nlu.yml", "  - intent: chemotherapy\n    examples: |\n      - what is chemo\n"
    )
    assert report(content.check_problems(), "is an example of surgery and of chemotherapy")


def test_a_missing_file_beside_the_content_is_named(content: Content) -> None:
    tables = ("data/danger.tsv", "tests/heldout.tsv", "tests/calibration.tsv")
    files = ("domain.yml", "data/nlu.yml", *tables)
    for file in files:
        (content.root / file).unlink()
    missing = [one for one in content.check_problems() if "missing" in one.what]
    assert len(missing) == len(files)


def test_check_stops_at_content_that_cannot_be_loaded(content: Content) -> None:
    content.replace(ANSWERS, "say: [stage4-def]", "say: [stage4-deff]")
    assert len(content.check_problems()) == 1


def test_nothing_is_half_loaded(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    (tmp_path / "knowledge" / "phrases.yml").unlink()
    with pytest.raises(ContentError) as refused:
        load(tmp_path / "knowledge")
    assert "phrases.yml:1:" in str(refused.value)
