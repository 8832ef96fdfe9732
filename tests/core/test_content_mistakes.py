"""Each mistake in the content is refused with its file, its line and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesoguide.core.knowledge import load
from tests.core.content import ROOT, Content, report

ANSWERS = "knowledge/answers.yml"
CLAIMS = "knowledge/claims.yml"
FACTS = "knowledge/evidence.yml"
GLOSSARY = "knowledge/glossary.yml"
PHRASES = "knowledge/phrases.yml"
SAFETY = "knowledge/safety.yml"
WORDS = "knowledge/words.yml"
HELDOUT = "tests/heldout.tsv"
TOPIC = """extra_topic:
  kind: {kind}
  title: {title}
  say: [{say}]
"""


def topic(kind: str = "answer", title: str = "Extra", say: str = "what-lining") -> str:
    return TOPIC.format(kind=kind, title=title, say=say)


# --- nothing is wrong


def test_the_content_of_the_product_is_in_order() -> None:
    assert load(ROOT / "knowledge").answers


def test_an_undamaged_copy_has_no_problem(content: Content) -> None:
    assert content.check_problems() == []


# --- files that cannot be read


@pytest.mark.parametrize("file", [ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES])
def test_a_missing_file_is_named(content: Content, file: str) -> None:
    (content.root / file).unlink()
    problem = report(content.load_problems(), "is missing")
    assert (problem.file, problem.line) == (file, 1)
    assert problem.remedy == "Put it back."


def test_a_missing_article_is_named(content: Content) -> None:
    (content.root / "knowledge/article.md").unlink()
    problem = report(content.load_problems(), "is missing")
    assert (problem.file, problem.line) == ("knowledge/article.md", 1)
    assert problem.remedy == "Put it back."


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    files = {one.file for one in Content(tmp_path).load_problems()}
    assert files == {ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES}


@pytest.mark.parametrize("file", [ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES])
def test_a_file_that_is_not_utf8_is_named(content: Content, file: str) -> None:
    (content.root / file).write_bytes(b"a: caf\xe9\n")
    problem = report(content.load_problems(), "not UTF-8")
    assert (problem.file, problem.line) == (file, 1)
    assert problem.remedy == "Save it as UTF-8."


def test_an_article_that_is_not_utf8_is_named(content: Content) -> None:
    (content.root / "knowledge/article.md").write_bytes(b"# caf\xe9\n\nText.\n")
    problem = report(content.load_problems(), "not UTF-8")
    assert (problem.file, problem.line) == ("knowledge/article.md", 1)
    assert problem.remedy == "Save it as UTF-8."


@pytest.mark.parametrize("file", [ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES])
def test_broken_yaml_is_shown_with_its_line(content: Content, file: str) -> None:
    line = content.append(file, "? [unclosed\n")
    problem = report(content.load_problems(), "not valid YAML")
    assert problem.file == file
    assert problem.line in (line, line + 1)
    assert "indentation" in problem.remedy


def test_a_tab_in_the_indentation_is_shown_with_its_line(content: Content) -> None:
    content.replace(PHRASES, "  welcome: ", "\twelcome: ")
    problem = report(content.load_problems(), "not valid YAML")
    assert (problem.file, problem.line) == (PHRASES, content.line(PHRASES, "\twelcome: "))


def test_a_control_character_is_a_problem_of_its_file(content: Content) -> None:
    content.replace(PHRASES, "You are welcome.", "You are\x07 welcome.")
    problem = report(content.load_problems(), "not valid YAML")
    assert problem.file == PHRASES


def test_a_date_that_does_not_exist_is_a_problem_of_its_file(content: Content) -> None:
    content.replace(FACTS, "checked: '2026-11-23'", "checked: 2026-13-45")
    assert {one.file for one in content.load_problems()} == {FACTS}


@pytest.mark.parametrize("text", ["", "# only a remark\n", "just words\n", "- a\n- list\n", "5\n"])
@pytest.mark.parametrize("file", [ANSWERS, CLAIMS, FACTS, GLOSSARY, PHRASES])
def test_a_file_of_another_shape_is_named(content: Content, file: str, text: str) -> None:
    (content.root / file).write_text(text, encoding="utf-8")
    problem = report(content.load_problems(), "There should be")
    assert (problem.file, problem.line) == (file, 1)
    assert "git" in problem.remedy


def test_every_problem_is_reported_at_once(content: Content) -> None:
    (content.root / GLOSSARY).unlink()
    (content.root / FACTS).unlink()
    content.replace(ANSWERS, "kind: answer", "kind: anser")
    assert {one.file for one in content.load_problems()} == {GLOSSARY, FACTS, ANSWERS}


# --- keys and ids


def test_a_repeated_key_is_shown_where_it_stands_again(content: Content) -> None:
    line = content.append(ANSWERS, topic() + "greet:\n  kind: meta\n")
    problem = report(content.load_problems(), "'greet' stands here a second time")
    assert (problem.file, problem.line) == (ANSWERS, line + 4)
    assert problem.remedy == "Keep one of the two."


def test_a_repeated_key_deep_inside_an_entry_is_found(content: Content) -> None:
    content.replace(FACTS, "  source:\n    title:", "  source:\n    title: Twice\n    title:")
    problem = report(content.load_problems(), "'title' stands here a second time")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "title: Twice") + 1)


def test_a_key_that_is_a_list_is_a_problem_of_its_file(content: Content) -> None:
    line = content.append(ANSWERS, "? [a, b]\n: {kind: meta}\n")
    problem = report(content.load_problems(), "not valid YAML")
    assert (problem.file, problem.line) == (ANSWERS, line)


def test_a_doubled_fact_is_shown_where_it_stands_again(content: Content) -> None:
    content.replace(FACTS, "- id: basic-brakes", "- id: basic-what")
    ids = [line for line in content.read(FACTS).splitlines() if line == "- id: basic-what"]
    assert len(ids) == 2
    problem = report(content.load_problems(), "'basic-what' is here twice")
    second = content.read(FACTS).splitlines()
    first = second.index("- id: basic-what")
    assert (problem.file, problem.line) == (FACTS, second.index("- id: basic-what", first + 1) + 1)
    assert problem.remedy == "Keep one of them."


def test_a_doubled_claim_is_refused(content: Content) -> None:
    content.replace(CLAIMS, "- id: C02", "- id: C01")
    assert report(content.load_problems(), "'C01' is here twice").file == CLAIMS


def test_an_unknown_fact_in_an_answer_gets_the_nearest_name(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-lining, type-rare]", "say: [what-linning, type-rare]")
    problem = report(content.load_problems(), "There is no 'what-linning'")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "what-linning"))
    assert problem.remedy == "Did you mean 'what-lining'?"


def test_an_unknown_id_unlike_all_others_is_refused_as_well(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-lining, type-rare]", "say: [qqqqqqq, type-rare]")
    problem = report(content.load_problems(), "There is no 'qqqqqqq'")
    assert problem.line == content.line(ANSWERS, "qqqqqqq")
    assert problem.remedy == "Add it, or use an id that exists."


@pytest.mark.parametrize(
    ("old", "new", "unknown"),
    [
        ("quote: [C04]", "quote: [C44]", "C44"),
        ("more: [type-sites, ", "more: [type-sitess, ", "type-sitess"),
        ("numbers: [prog-m1, ", "numbers: [prog-m9, ", "prog-m9"),
        ("next: [types_of_mesothelioma, ", "next: [kinds_of_mesothelioma, ", "kinds_of"),
        ("question: ask_kind", "question: ask_kin", "ask_kin'"),
        ("say: [what-not-catching]", "say: [what-not-catchin]", "what-not-catchin'"),
        ("say: [what-not-lung]}", "say: [what-not-lung], quote: [C99]}", "C99"),
    ],
)
def test_an_unknown_id_is_found_wherever_it_stands(
    content: Content, old: str, new: str, unknown: str
) -> None:
    content.replace(ANSWERS, old, new)
    problem = report(content.load_problems(), f"There is no '{unknown}")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, new))
    assert problem.remedy


def test_a_phrase_with_the_name_of_a_fact_is_refused(content: Content) -> None:
    content.replace(PHRASES, "  welcome: ", "  what-lining: Clash.\n  welcome: ")
    problem = report(content.load_problems(), "The id 'what-lining' is taken")
    assert (problem.file, problem.line) == (PHRASES, content.line(PHRASES, "Clash."))
    assert problem.remedy == "Rename it."


def test_a_phrase_with_the_name_of_a_claim_is_refused(content: Content) -> None:
    content.replace(PHRASES, "  welcome: ", "  C01: Clash.\n  welcome: ")
    assert report(content.load_problems(), "The id 'C01' is taken").file == PHRASES


def test_a_phrase_without_one_of_its_wordings_is_refused(content: Content) -> None:
    content.replace(PHRASES, "    other: Please talk this over with their oncologist.\n", "")
    problem = report(content.load_problems(), "field required")
    assert (problem.file, problem.line) == (PHRASES, content.line(PHRASES, "  reminder:"))


@pytest.mark.parametrize("name", ["main-correction", "prog-stats-limit"])
def test_a_fact_that_others_lean_on_may_not_go(content: Content, name: str) -> None:
    content.replace(FACTS, f"- id: {name}\n", f"- id: {name}-old\n")
    problem = report(content.load_problems(), f"The fact '{name}' is missing")
    assert (problem.file, problem.remedy) == (FACTS, "Put it back.")


def test_a_hard_word_without_a_meaning_is_refused(content: Content) -> None:
    content.replace(GLOSSARY, "says: word_pleural", "says: word_plural")
    problem = report(content.load_problems(), "There is no 'word_plural'")
    assert (problem.file, problem.line) == (GLOSSARY, content.line(GLOSSARY, "word_plural"))
    assert problem.remedy == "Did you mean 'word_pleural'?"


@pytest.mark.parametrize("key", ["yes", "No", "5", "2026-11-23", "null"])
@pytest.mark.parametrize("file", [ANSWERS, PHRASES])
def test_a_name_that_is_not_text_is_refused_not_met_halfway(
    content: Content, file: str, key: str
) -> None:
    content.replace(ANSWERS, "say: [what-lining, type-rare]", "say: [qqqqqqq, type-rare]")
    content.replace(ANSWERS, "next: [types_of_mesothelioma, ", "next: [zzzzzzzz, ")
    if file == ANSWERS:
        content.append(ANSWERS, topic(kind="meta").replace("extra_topic", key))
    else:
        content.replace(PHRASES, "  welcome: ", f"  {key}: Odd.\n  welcome: ")
    content.load_problems()


# --- facts and claims


def test_a_quote_that_is_not_verbatim_is_refused(content: Content) -> None:
    content.replace(CLAIMS, "a rare and aggressive cancer", "a rare and fast cancer")
    problem = report(content.load_problems(), "C04 is not word for word in paragraph 2")
    assert (problem.file, problem.line) == (CLAIMS, content.line(CLAIMS, "rare and fast"))
    assert "Copy the sentence" in problem.remedy


@pytest.mark.parametrize("paragraph", [0, 3, 99])
def test_a_claim_of_another_paragraph_is_refused(content: Content, paragraph: int) -> None:
    content.replace(CLAIMS, "paragraph: 1", f"paragraph: {paragraph}")
    problem = report(content.load_problems(), f"C01 is not word for word in paragraph {paragraph}")
    assert problem.file == CLAIMS


def test_a_fact_without_a_source_is_refused(content: Content) -> None:
    text = content.read(FACTS)
    start = text.index("  source:")
    end = text.index("  checked:")
    (content.root / FACTS).write_text(text[:start] + text[end:], encoding="utf-8")
    problem = report(content.load_problems(), "'source' in basic-what: field required")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "- id: basic-what"))
    assert problem.remedy == "Correct that entry."


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("    url: https://www.cancer.org", "    url: www.cancer.org", "source.url"),
        ("    publisher: American Cancer Society", "    publisher: ''", "source.publisher"),
        ("  use: open\n", "  use: always\n", "use"),
        ("  grade: A\n", "  grade: D\n", "grade"),
        ("  checked: '2026-11-23'\n", "  checked: ''\n", "checked"),
        ("  topic: how_they_work\n", "  topik: how_they_work\n", "topik"),
    ],
)
def test_a_wrong_field_of_a_fact_is_shown_with_its_line(
    content: Content, old: str, new: str, label: str
) -> None:
    content.replace(FACTS, old, new)
    problem = report(content.load_problems(), f"'{label}' in basic-what")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, new.strip("\n")))


def test_an_entry_without_an_id_is_named_by_its_place(content: Content) -> None:
    content.replace(FACTS, "- id: basic-what\n  topic:", "- topic:")
    problem = report(content.load_problems(), "'id' in 0: field required")
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "- topic:"))


def test_an_entry_that_is_only_a_word_is_refused(content: Content) -> None:
    content.replace(FACTS, "facts:\n", "facts:\n- basic\n")
    problem = next(one for one in content.load_problems() if one.line != 1)
    assert (problem.file, problem.line) == (FACTS, content.line(FACTS, "- basic"))


# --- answers


def test_a_survival_figure_may_not_be_said_without_a_yes(content: Content) -> None:
    content.replace(ANSWERS, "say: [prog-doctor, ", "say: [prog-m1, ")
    problem = report(content.load_problems(), "'prog-m1' is a survival figure")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "prognosis:"))
    assert problem.remedy == "Move it to 'numbers', which waits for a yes."


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


def test_only_survival_figures_wait_for_a_yes(content: Content) -> None:
    content.replace(ANSWERS, "numbers: [prog-m1, ", "numbers: [prog-factors, ")
    problem = report(content.load_problems(), "'prog-factors' is not a survival figure")
    line = content.line(ANSWERS, "numbers: [prog-factors, ")
    assert (problem.file, problem.line, problem.remedy) == (ANSWERS, line, "Move it to 'more'.")


def test_an_outdated_quote_needs_its_correction(content: Content) -> None:
    content.replace(ANSWERS, "  quote: [C04]", "  quote: [C09]")
    problem = report(content.load_problems(), "C09 is out of date")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "quote: [C09]"))
    assert "main-correction" in problem.remedy


def test_an_outdated_quote_of_an_opening_needs_its_correction(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-benign]}", "say: [what-benign], quote: [C03]}")
    assert "main-correction" in report(content.load_problems(), "C03 is out of date").remedy


def test_a_correction_that_does_not_come_first_is_no_correction(content: Content) -> None:
    content.replace(ANSWERS, "say: [tx-goals]}", "say: [tx-goals, main-correction]}")
    assert report(content.load_problems(), "C10 is out of date").file == ANSWERS


def test_an_opening_that_says_nothing_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-benign]}", "say: [], quote: [C03]}")
    problems = [one for one in content.load_problems() if "say" in one.what]
    assert {one.file for one in problems} == {ANSWERS}


def test_an_answer_that_says_nothing_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-lining, type-rare]", "say: []")
    problem = report(content.load_problems(), "'say' in what_is_mesothelioma")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "  say: []"))


def test_an_answer_without_a_fact_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "say: [what-lining, type-rare]", "say: [welcome]")
    problem = report(content.load_problems(), "what_is_mesothelioma: It says no fact")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "say: [welcome]"))
    assert problem.remedy == "Add the id of a fact to 'say'."


def test_an_answer_needs_a_question_for_the_oncologist(content: Content) -> None:
    content.replace(ANSWERS, "  question: ask_kind\n", "")
    problem = report(content.load_problems(), "what_is_mesothelioma: It has no 'question'")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "what_is_mesothelioma:"))
    assert problem.remedy == "Add one for the oncologist."


def test_an_answer_needs_topics_to_go_on_with(content: Content) -> None:
    content.replace(
        ANSWERS, "  next: [types_of_mesothelioma, stage_4_meaning, treatment_options]\n", ""
    )
    problem = report(content.load_problems(), "what_is_mesothelioma: It offers nothing 'next'")
    assert problem.remedy == "Name one to three topics."


def test_more_than_three_topics_next_are_too_many(content: Content) -> None:
    content.replace(ANSWERS, "next: [types_of_mesothelioma, ", "next: [greet, thank, surgery, ")
    problem = report(content.load_problems(), "It offers more than three topics")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "next: [greet, thank"))
    assert problem.remedy == "Keep three."


def test_a_title_too_long_for_a_button_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "title: What mesothelioma is", f"title: {'long ' * 9}")
    problem = report(content.load_problems(), "'title' in what_is_mesothelioma")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "title: long "))


def test_an_unknown_key_of_an_answer_is_refused(content: Content) -> None:
    content.replace(ANSWERS, "  quote: [C04]", "  quotes: [C04]")
    problem = report(content.load_problems(), "'quotes' in what_is_mesothelioma")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "quotes: [C04]"))


# --- what is tied to the content


def test_check_reports_what_cannot_be_loaded(content: Content) -> None:
    (content.root / PHRASES).unlink()
    assert [one.file for one in content.check_problems()] == [PHRASES]


def test_a_topic_without_examples_is_reported(content: Content) -> None:
    content.replace("data/nlu.yml", "- intent: second_opinion\n", "- intent: surgery\n")
    problem = report(content.check_problems(), "'second_opinion' has 0 examples")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "second_opinion:"))
    assert problem.remedy.startswith("Write at least 20")


def test_an_example_of_two_topics_is_reported(content: Content) -> None:
    content.append("data/nlu.yml", "  - intent: surgery\n    examples: |\n      - wots mesotheleoma?\n")
    problem = report(content.check_problems(), "'wots mesotheleoma?' is an example of what_is")
    last = content.read("data/nlu.yml").count("\n") - 2
    assert (problem.file, problem.line) == ("data/nlu.yml", last)
    assert problem.remedy == "Keep one of them."


def test_a_topic_that_is_not_in_the_domain_is_reported(content: Content) -> None:
    content.replace("domain.yml", "  - surgery\n", "")
    problem = report(content.check_problems(), "'surgery' is not in domain.yml")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "surgery:"))
    assert problem.remedy == "Add 'surgery' under 'intents' there."


def test_an_intent_without_a_topic_is_reported(content: Content) -> None:
    content.replace("domain.yml", "  - surgery\n", "  - surgery\n  - surgeri\n")
    problem = report(content.check_problems(), "There is no 'surgeri'")
    assert (problem.line, problem.remedy) == (
        content.line("domain.yml", "surgeri"),
        "Did you mean 'surgery'?",
    )


def test_a_topic_without_a_rule_is_reported(content: Content) -> None:
    content.replace("data/rules.yml", "          - intent: surgery\n", "")
    problem = report(content.check_problems(), "'surgery' is in no rule")
    assert (problem.file, problem.line) == (ANSWERS, content.line(ANSWERS, "surgery:"))
    assert problem.remedy


@pytest.mark.parametrize("file", ["domain.yml", "data/nlu.yml", "data/rules.yml", SAFETY, WORDS])
def test_a_missing_tied_file_is_reported(content: Content, file: str) -> None:
    (content.root / file).unlink()
    problem = report(content.check_problems(), "The file is missing")
    assert problem.file.endswith(Path(file).name)
    assert (problem.line, problem.remedy) == (1, "Put it back.")


@pytest.mark.parametrize("text", ["", "just words\n", "- a\n- list\n"])
@pytest.mark.parametrize("file", ["domain.yml", "data/nlu.yml", "data/rules.yml", SAFETY, WORDS])
def test_a_tied_file_of_another_shape_is_reported(content: Content, file: str, text: str) -> None:
    (content.root / file).write_text(text, encoding="utf-8")
    assert content.check_problems()


def test_a_safety_sign_of_an_unknown_topic_is_reported(content: Content) -> None:
    content.replace(SAFETY, "intent: emergency", "intent: emergenci")
    problem = report(content.check_problems(), "'emergenci' is not a safety topic")
    assert (problem.file, problem.line) == (SAFETY, content.line(SAFETY, "emergenci"))
    assert problem.remedy == "Use the name of one."


def test_a_safety_sign_of_an_ordinary_topic_is_reported(content: Content) -> None:
    content.replace(SAFETY, "intent: emergency", "intent: surgery")
    assert report(content.check_problems(), "'surgery' is not a safety topic")


@pytest.mark.parametrize(
    "sign",
    [
        "{name: x, intent: emergency, words: []}",
        "{name: x, words: [a]}",
        "{name: x, intent: emergency, words: [a], note: b}",
        "only words",
        "null",
    ],
)
def test_an_incomplete_safety_sign_is_reported(content: Content, sign: str) -> None:
    content.replace(SAFETY, "signs:\n", f"signs:\n  - {sign}\n")
    problem = report(content.check_problems(), "A sign is not complete")
    assert (problem.file, problem.line) == (SAFETY, content.line(SAFETY, f"  - {sign}"))
    assert problem.remedy == "Give it a name, an intent and words."


@pytest.mark.parametrize("key", ["signs", "asking", "now", "negated", "harmless"])
def test_a_missing_part_of_the_safety_words_is_reported(content: Content, key: str) -> None:
    content.replace(SAFETY, f"\n{key}:", f"\n{key}_old:")
    problem = report(content.check_problems(), f"There is nothing under '{key}'")
    assert (problem.file, problem.remedy) == (SAFETY, "Compare with git.")


def test_an_unquoted_yes_among_the_words_is_reported(content: Content) -> None:
    content.replace(WORDS, '  "yes":', "  yes:")
    problem = report(content.check_problems(), "of numbers is not a list of words")
    assert (problem.file, problem.line) == (WORDS, content.line(WORDS, "  yes:"))
    assert '"quotes"' in problem.remedy


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


# --- the messages kept for measuring


def test_a_missing_heldout_file_is_reported(content: Content) -> None:
    (content.root / HELDOUT).unlink()
    problem = report(content.check_problems(), "The file is missing")
    assert (problem.file, problem.line, problem.remedy) == (HELDOUT, 1, "Put it back.")


@pytest.mark.parametrize("text", ["", "expected\ttext\nsurgery\tcut\n", "expected,also_ok,text\n"])
def test_heldout_messages_with_wrong_columns_are_reported(content: Content, text: str) -> None:
    (content.root / HELDOUT).write_text(text, encoding="utf-8")
    problem = report(content.check_problems(), "The first line is not the columns")
    assert (problem.file, problem.line) == (HELDOUT, 1)
    assert problem.remedy == "Write expected, also_ok, text with tabs."


def test_a_heldout_line_with_a_column_too_few_is_reported(content: Content) -> None:
    line = content.append(HELDOUT, "surgery\tcan it be cut out\n")
    problem = report(content.check_problems(), "There are not three columns")
    assert (problem.file, problem.line) == (HELDOUT, line)
    assert problem.remedy == "Separate them with tabs."


@pytest.mark.parametrize("cells", ["surgerie\t\tcut", "surgery\tsurgerie\tcut"])
def test_a_heldout_line_of_an_unknown_topic_is_reported(content: Content, cells: str) -> None:
    line = content.append(HELDOUT, f"{cells}\n")
    problem = report(content.check_problems(), "There is no topic 'surgerie'")
    assert (problem.file, problem.line) == (HELDOUT, line)
    assert problem.remedy == "Correct the name."


def test_heldout_messages_that_are_not_utf8_are_reported(content: Content) -> None:
    (content.root / HELDOUT).write_bytes(b"expected\talso_ok\ttext\nsurgery\t\tcaf\xe9\n")
    problem = report(content.check_problems(), "not UTF-8")
    assert (problem.file, problem.line) == (HELDOUT, 1)
