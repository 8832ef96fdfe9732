"""Damage of every sort is reported with its place; nothing but a report comes out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesoguide.core.check import LABELLED
from tests.core.content import Content, report

ANSWERS = "knowledge/answers.yml"
ARTICLE = "knowledge/article.md"
CLAIMS = "knowledge/claims.yml"
FACTS = "knowledge/evidence.yml"
GLOSSARY = "knowledge/glossary.yml"
PHRASES = "knowledge/phrases.yml"
SAFETY = "knowledge/safety.yml"
WORDS = "knowledge/words.yml"
LOADED = (ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES, SAFETY)
TIED = ("domain.yml", "data/nlu.yml", "data/rules.yml", WORDS)
SIGN = "{name: x, intent: emergency, facts: [rf-999], words: [a], alarms: [a, b], calm: [c]}"


# --- files that cannot be read


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    assert {one.file for one in Content(tmp_path).load_problems()} == set(LOADED)


def test_an_article_that_is_not_utf8_is_named(content: Content) -> None:
    (content.root / ARTICLE).write_bytes(b"# caf\xe9\n\nText.\n")
    problem = report(content.load_problems(), "not UTF-8")
    assert (problem.file, problem.line, problem.remedy) == (ARTICLE, 1, "Save it as UTF-8.")


@pytest.mark.parametrize("file", LABELLED)
def test_labelled_messages_that_are_not_utf8_are_named(content: Content, file: str) -> None:
    (content.root / file).write_bytes(b"expected\talso_ok\ttext\nsurgery\t\tcaf\xe9\n")
    problem = report(content.check_problems(), "not UTF-8")
    assert (problem.file, problem.line) == (file, 1)


@pytest.mark.parametrize("file", LABELLED)
def test_an_empty_file_of_labelled_messages_is_reported(content: Content, file: str) -> None:
    (content.root / file).write_text("", encoding="utf-8")
    problem = report(content.check_problems(), "The first line is not the columns")
    assert (problem.file, problem.line) == (file, 1)


@pytest.mark.parametrize("file", LABELLED)
@pytest.mark.parametrize(
    ("header", "row", "columns"),
    [
        ("expected\talso_ok\ttext", "surgery\t\tcan they cut it\tnear", 3),
        ("expected\talso_ok\ttext", "surgery\tcan they cut it", 3),
        ("expected\talso_ok\ttext\tkind", "surgery\t\tcan they cut it", 4),
        ("expected\talso_ok\ttext\tkind", "surgery\t\tcan they cut it\t\t", 4),
        ("expected\talso_ok\ttext\tkind", "", 4),
    ],
)
def test_a_row_with_more_or_fewer_cells_than_columns_is_reported(
    content: Content, file: str, header: str, row: str, columns: int
) -> None:
    (content.root / file).write_text(f"{header}\n{row}\n", encoding="utf-8")
    problem = report(content.check_problems(), f"There are not {columns} columns.")
    assert (problem.file, problem.line) == (file, 2)
    assert problem.remedy == "Separate them with tabs."


@pytest.mark.parametrize("file", LABELLED)
def test_labelled_messages_may_have_a_kind_or_not(content: Content, file: str) -> None:
    for text in (
        "expected\talso_ok\ttext\nout_of_scope\t\tbest pizza\n",
        "expected\talso_ok\ttext\tkind\nout_of_scope\t\tbest pizza\tfar\ngoodbye\t\tbye\t\n",
    ):
        (content.root / file).write_text(text, encoding="utf-8")
        assert content.check_problems() == []


def test_a_tab_in_the_indentation_is_shown_with_its_line(content: Content) -> None:
    content.replace(PHRASES, "  welcome: ", "\twelcome: ")
    problem = report(content.load_problems(), "not valid YAML")
    assert (problem.file, problem.line) == (PHRASES, content.line(PHRASES, "\twelcome: "))
    assert "indentation" in problem.remedy


def test_a_control_character_is_a_problem_of_its_file(content: Content) -> None:
    content.replace(PHRASES, "You are welcome.", "You are\x07 welcome.")
    assert {one.file for one in content.load_problems()} == {PHRASES}


def test_a_date_that_does_not_exist_is_a_problem_of_its_file(content: Content) -> None:
    content.replace(FACTS, "checked: '2026-11-23'", "checked: 2026-13-45")
    assert {one.file for one in content.load_problems()} == {FACTS}


@pytest.mark.parametrize("text", ["just words\n", "- a\n- list\n", "5\n"])
@pytest.mark.parametrize("file", LOADED)
def test_a_file_of_another_shape_is_named(content: Content, file: str, text: str) -> None:
    (content.root / file).write_text(text, encoding="utf-8")
    problem = report(content.load_problems(), "There should be")
    assert (problem.file, problem.line) == (file, 1)
    assert "git" in problem.remedy


@pytest.mark.parametrize("text", ["", "just words\n", "- a\n- list\n"])
@pytest.mark.parametrize("file", TIED)
def test_a_tied_file_of_another_shape_is_reported(content: Content, file: str, text: str) -> None:
    (content.root / file).write_text(text, encoding="utf-8")
    assert content.check_problems()


@pytest.mark.parametrize("file", TIED)
def test_a_missing_tied_file_is_reported(content: Content, file: str) -> None:
    (content.root / file).unlink()
    problem = report(content.check_problems(), "The file is missing")
    assert problem.file.endswith(Path(file).name)
    assert (problem.line, problem.remedy) == (1, "Put it back.")


def test_damage_to_several_files_is_reported_at_once(content: Content) -> None:
    (content.root / GLOSSARY).unlink()
    (content.root / FACTS).unlink()
    content.replace(ANSWERS, "kind: answer", "kind: anser")
    assert {one.file for one in content.load_problems()} == {GLOSSARY, FACTS, ANSWERS}


# --- names


def test_a_repeated_key_deep_inside_an_entry_is_found(content: Content) -> None:
    content.replace(FACTS, "  source:\n    title:", "  source:\n    title: Twice\n    title:")
    problem = report(content.load_problems(), "'title' stands here a second time")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "title: Twice") + 1)
    assert problem.remedy == "Keep one of the two."


def test_a_key_that_is_a_list_is_a_problem_of_its_file(content: Content) -> None:
    line = content.append(ANSWERS, "? [a, b]\n: {kind: meta}\n")
    problem = report(content.load_problems(), "not valid YAML")
    assert (problem.file, problem.line) == (ANSWERS, line)


@pytest.mark.parametrize("key", ["yes", "No", "5", "2026-11-23", "null"])
def test_the_name_of_a_topic_is_text(content: Content, key: str) -> None:
    line = content.append(ANSWERS, f"{key}:\n  kind: meta\n  title: Odd\n  say: [welcome]\n")
    assert (ANSWERS, line) in [(one.file, one.line) for one in content.load_problems()]


@pytest.mark.parametrize("key", ["yes", "No", "5", "2026-11-23", "null"])
def test_the_name_of_a_phrase_is_text(content: Content, key: str) -> None:
    content.replace(PHRASES, "  welcome: ", f"  {key}: Odd.\n  welcome: ")
    line = content.line(PHRASES, "Odd.")
    assert (PHRASES, line) in [(one.file, one.line) for one in content.load_problems()]


def test_a_name_that_is_not_text_does_not_break_the_report(content: Content) -> None:
    content.replace(ANSWERS, "next: [types_of_mesothelioma, ", "next: [zzzzzzzz, ")
    content.append(ANSWERS, "yes:\n  kind: meta\n  title: Odd\n  say: [welcome]\n")
    assert {one.file for one in content.load_problems()} == {ANSWERS}


def test_a_phrase_with_the_name_of_a_claim_is_refused(content: Content) -> None:
    content.replace(PHRASES, "  welcome: ", "  C01: Clash.\n  welcome: ")
    problem = report(content.load_problems(), "The id 'C01' is taken")
    assert (problem.file, problem.line) == (PHRASES, content.line(PHRASES, "Clash."))


@pytest.mark.parametrize("paragraph", [0, 3, 99])
def test_a_claim_of_another_paragraph_is_refused(content: Content, paragraph: int) -> None:
    content.replace(CLAIMS, "paragraph: 1", f"paragraph: {paragraph}")
    problem = report(content.load_problems(), f"C01 is not word for word in paragraph {paragraph}")
    assert (problem.file, problem.line) == (CLAIMS, content.line(CLAIMS, "Checkpoint inhibitors"))


def test_an_entry_that_is_only_a_word_is_refused(content: Content) -> None:
    content.replace(FACTS, "facts:\n", "facts:\n- basic\n")
    line = content.line(FACTS, "- basic")
    assert (FACTS, line) in [(one.file, one.line) for one in content.load_problems()]


def test_an_entry_without_an_id_is_named_by_its_place(content: Content) -> None:
    content.replace(FACTS, "- id: basic-what\n  topic:", "- topic:")
    problem = report(content.load_problems(), "'id' in 0: field required")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "- topic:"))


# --- what may not be said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("more: [prog-factors, ", "more: [prog-m1, "),
        ("say: [prog-5yr-what]", "say: [prog-m1]"),
        ("question: ask_outlook", "question: prog-m1"),
    ],
)
def test_a_survival_figure_is_found_wherever_it_would_be_said(
    content: Content, old: str, new: str
) -> None:
    content.replace(ANSWERS, old, new)
    problem = report(content.load_problems(), "'prog-m1' is a survival figure")
    assert problem.file == ANSWERS


def test_the_meaning_of_a_hard_word_may_not_be_a_survival_figure(content: Content) -> None:
    content.replace(GLOSSARY, "says: word_pleural", "says: prog-m1")
    problem = report(content.load_problems(), "'prog-m1' is a survival figure")
    assert (problem.file, problem.line) == (GLOSSARY, content.line(GLOSSARY, "prog-m1"))


def test_an_outdated_quote_of_an_opening_needs_its_correction(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-benign]}", "say: [what-benign], quote: [C03]}")
    assert "main-correction" in report(content.load_problems(), "C03 is out of date").remedy


@pytest.mark.parametrize("quote", ["", ", quote: [C03]"])
def test_an_opening_that_says_nothing_is_refused(content: Content, quote: str) -> None:
    content.replace(ANSWERS, "say: [what-benign]}", f"say: []{quote}}}")
    problem = next(one for one in content.load_problems() if "say" in one.what)
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "say: []"))


def test_a_title_too_long_for_a_button_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "title: What mesothelioma is", f"title: {'long ' * 9}")
    problem = report(content.load_problems(), "'title' in what_is_mesothelioma")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "title: long "))


# --- words of danger, words with one meaning


@pytest.mark.parametrize(
    "sign",
    [
        SIGN.replace("words: [a]", "words: []"),
        SIGN.replace("intent: emergency, ", ""),
        SIGN.replace("alarms: [a, b], ", ""),
        SIGN.replace("[a, b]", "[a]"),
        SIGN.replace(", calm: [c]", ""),
        SIGN.replace("calm: [c]", "calm: [c], note: b"),
        SIGN.replace("words: [a]", "words: fever"),
        "only words",
        "null",
    ],
)
def test_an_incomplete_safety_sign_is_reported(content: Content, sign: str) -> None:
    content.replace(SAFETY, "signs:\n", f"signs:\n  - {sign}\n")
    problems = content.load_problems()
    line = content.line(SAFETY, f"  - {sign}")
    assert {(one.file, one.line) for one in problems} == {(SAFETY, line)}


@pytest.mark.parametrize(
    ("sign", "what"),
    [
        (SIGN.replace("facts: [rf-999], ", ""), "The sign 'x' has no reply."),
        (SIGN.replace("rf-999", "rf-998"), "There is no 'rf-998'."),
        (SIGN.replace("name: x", "name: chest pain"), "The sign 'chest pain' is here twice."),
    ],
)
def test_a_sign_without_a_reply_of_its_own_is_refused(
    content: Content, sign: str, what: str
) -> None:
    content.replace(SAFETY, "signs:\n", f"signs:\n  - {sign}\n")
    assert report(content.load_problems(), what).file == SAFETY


def test_a_safety_answer_that_is_missing_is_named(content: Content) -> None:
    content.replace(ANSWERS, "\nemergency:\n", "\nemergencies:\n")
    assert any("'emergency'" in one.what for one in content.load_problems())


def test_a_safety_sign_of_an_unknown_topic_is_shown_with_its_line(content: Content) -> None:
    content.replace(SAFETY, "intent: emergency", "intent: emergenci")
    (problem,) = content.load_problems()
    assert (problem.file, problem.line) == (SAFETY, content.line(SAFETY, "emergenci"))


def test_an_unquoted_yes_among_the_words_is_shown_with_its_line(content: Content) -> None:
    content.replace(WORDS, '  "yes":', "  yes:")
    problem = report(content.check_problems(), "The name 'yes' is not text")
    assert (problem.file, problem.line) == (WORDS, content.line(WORDS, "  yes:"))


@pytest.mark.parametrize("forms", ["[]", "[4]", "imfinzi", "5", "{a: b}", "true"])
def test_forms_that_are_not_a_list_of_words_are_reported(content: Content, forms: str) -> None:
    content.replace(WORDS, "durvalumab: [durvalumab, imfinzi]", f"durvalumab: {forms}")
    problem = report(content.check_problems(), "'durvalumab' of drug is not a list of words")
    assert (problem.file, problem.line) == (WORDS, content.line(WORDS, "  durvalumab: "))


def test_an_entity_without_values_is_no_problem(content: Content) -> None:
    content.append(WORDS, "empty:\n")
    assert content.check_problems() == []


def test_an_entity_that_is_a_list_is_reported(content: Content) -> None:
    line = content.append(WORDS, "colour: [red, blue]\n")
    problem = report(content.check_problems(), "colour")
    assert (problem.file, problem.line) == (WORDS, line)


def test_a_bare_word_among_the_examples_is_reported(content: Content) -> None:
    line = content.append("data/nlu.yml", "  - surgery\n")
    problem = report(content.check_problems(), "This is no entry")
    assert (problem.file, problem.line) == ("data/nlu.yml", line)


def test_rasas_synonyms_are_not_taken_for_examples(content: Content) -> None:
    block = "  - synonym: chemo\n    examples: |\n      - what is mesothelioma\n"
    content.append("data/nlu.yml", block)
    assert content.check_problems() == []


def test_an_opening_without_words_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "words: [multicystic]", "words: []")
    assert report(content.load_problems(), "asked").file == ANSWERS


def test_an_offer_of_numbers_that_are_not_there_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "kind: answer\n", "kind: answer\n  offer_numbers: true\n")
    assert report(content.load_problems(), "offers numbers and has none").file == ANSWERS
