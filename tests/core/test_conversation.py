"""How one turn depends on what was said before."""

from __future__ import annotations

import pytest

from mesoguide.core.alarms import AWARE_FOR
from mesoguide.core.conversation import Guide
from mesoguide.core.knowledge import Knowledge
from mesoguide.core.memory import Memory
from mesoguide.core.models import Subject
from mesoguide.core.questions import LONGEST
from mesoguide.core.reply import INTRO, Reply, render
from mesoguide.core.turn import Turn, mentions
from tests.core.talk import Talk, payloads
from tests.core.walk import FOLLOW_UPS

# --- the introduction


def test_the_first_answer_is_introduced_and_the_second_is_not(talk: Talk) -> None:
    assert talk.hears("surgery").intro
    assert not talk.hears("radiation").intro


def test_a_first_greeting_is_answered_with_the_introduction_alone(talk: Talk) -> None:
    reply = talk.hears("greet")
    assert reply.say == (*INTRO, "intro_ask")
    assert not reply.intro


def test_a_later_greeting_is_short(later: Talk) -> None:
    assert later.hears("greet").say == ("hello_again", "what_to_ask")


def test_the_number_to_call_comes_before_any_introduction(talk: Talk) -> None:
    assert not talk.hears("emergency").intro
    assert not talk.memory.introduced
    assert talk.hears("surgery").intro


def test_forgetting_does_not_bring_the_introduction_back(later: Talk) -> None:
    later.hears("delete_my_data")
    later.presses("affirm")
    assert not later.hears("surgery").intro


# --- for whom


def test_it_is_asked_once_for_whom_the_answers_are(talk: Talk) -> None:
    assert "ask_subject" not in talk.hears("surgery").say
    asked = talk.hears("radiation")
    assert asked.say[-1] == "ask_subject"
    assert payloads(asked)[:2] == [
        '/who_it_is_for{"person": "self"}',
        '/who_it_is_for{"person": "other"}',
    ]
    assert "ask_subject" not in talk.hears("chemotherapy").say


def test_it_is_not_asked_for_whom_when_it_was_said(talk: Talk) -> None:
    talk.hears("surgery", person="other")
    assert talk.memory.subject == "other"
    assert "ask_subject" not in talk.hears("radiation").say


@pytest.mark.parametrize("intent", ["prognosis", "personal_medical_advice", "thank"])
def test_it_is_not_asked_for_whom_beside_another_question(guide: Guide, intent: str) -> None:
    reply = Talk(guide, Memory(introduced=True)).hears(intent)
    assert "ask_subject" not in reply.say


def test_it_is_not_asked_for_whom_beside_survival_figures(guide: Guide) -> None:
    talk = Talk(guide, Memory(introduced=True, numbers=True))
    assert "ask_subject" not in talk.hears("prognosis").say


def test_it_is_not_asked_for_whom_below_the_list_of_questions(guide: Guide) -> None:
    talk = Talk(guide, Memory(introduced=True, questions=["ask_kind", "ask_goal"]))
    assert "ask_subject" not in talk.presses("questions_for_oncologist").say


@pytest.mark.parametrize("who", ["self", "other"])
def test_the_button_says_for_whom(talk: Talk, who: Subject) -> None:
    assert talk.presses("who_it_is_for", person=who).say[0] == "subject_thanks"
    assert talk.memory.subject == who


def test_only_a_direct_statement_changes_for_whom_it_is(later: Talk) -> None:
    later.hears("surgery", person="other")
    assert later.memory.subject == "self"
    later.hears("who_it_is_for", person="other")
    assert later.memory.subject == "other"


# --- survival figures


def test_after_a_yes_figures_are_not_asked_about_again(later: Talk) -> None:
    later.hears("prognosis")
    later.presses("affirm")
    assert "prog-m1" in later.hears("prognosis").say


def test_figures_stay_away_after_a_no(later: Talk) -> None:
    later.hears("prognosis")
    refused = later.presses("deny")
    assert refused.say == ("numbers_no", "prog-some-dont-want")
    assert later.memory.numbers is False
    assert later.hears("prognosis").say[-1] == "numbers_kept_back"


def test_a_no_can_be_taken_back_where_it_is_asked_again(later: Talk) -> None:
    later.hears("prognosis")
    later.presses("deny")
    later.hears("prognosis")
    assert "prog-m1" in later.presses("affirm").say


def test_a_no_in_the_question_itself_is_heeded_and_not_asked_about(later: Talk) -> None:
    reply = later.hears("prognosis", numbers="no")
    assert reply.say[-1] == "numbers_no"
    assert later.memory.numbers is False
    assert later.memory.offer is None


def test_a_no_in_passing_is_heeded_beside_another_topic(later: Talk) -> None:
    assert later.hears("surgery", numbers="no").topic == "surgery"
    assert later.memory.numbers is False


def test_a_no_on_its_own_is_confirmed(later: Talk) -> None:
    later.memory.numbers = True
    assert later.hears("out_of_scope", numbers="no").say[0] == "numbers_no"
    assert later.memory.numbers is False


def test_after_a_no_the_wish_for_figures_is_granted(later: Talk) -> None:
    later.memory.numbers = False
    assert "prog-m1" in later.hears("out_of_scope", numbers="yes").say
    assert later.memory.numbers is True


@pytest.mark.parametrize("intent", ["prognosis", "out_of_scope"])
def test_after_a_no_a_changed_mind_is_heard(later: Talk, intent: str) -> None:
    later.memory.numbers = False
    assert "prog-m1" in later.hears(intent, numbers="changed").say


def test_a_changed_mind_about_something_else_changes_nothing(later: Talk) -> None:
    later.memory.numbers = False
    assert later.hears("surgery", numbers="changed").topic == "surgery"
    assert later.memory.numbers is False


def test_a_wish_for_figures_answers_the_open_question_on_its_topic(later: Talk) -> None:
    later.hears("surgery")
    while later.memory.offer is None:
        later.presses("more_detail")
    assert later.hears("affirm", numbers="yes").say[2:] == ("surgery-mars2",)


def test_wanting_figures_before_being_asked_is_still_asked(later: Talk) -> None:
    assert later.hears("prognosis", numbers="yes").say[-1] == "ask_numbers"


def test_another_topic_lets_the_question_about_figures_go(later: Talk) -> None:
    later.hears("prognosis")
    later.hears("thank")
    assert later.presses("affirm").topic == "affirm"
    assert later.memory.numbers is None


# --- yes, no, more, simpler, again


def test_more_says_what_was_not_said_until_nothing_is_left(later: Talk, guide: Guide) -> None:
    answer = guide.knowledge.answers["radiation"]
    said = list(later.hears("radiation").say)
    while (more := later.presses("more_detail").say) != ("no_more",):
        assert not set(more) & set(said)
        said += more
    assert set(said) == {*answer.say, *answer.more}


def test_more_is_offered_while_there_is_more(later: Talk) -> None:
    later.hears("radiation")
    assert payloads(later.presses("more_detail"))[0] == "/more_detail"
    for _ in range(5):
        last = later.presses("more_detail")
    assert "/more_detail" not in payloads(last)


def test_figures_among_more_come_with_their_limit_once(guide: Guide) -> None:
    talk = Talk(guide, Memory(introduced=True, subject="self", numbers=True))
    said = list(talk.hears("immunotherapy_effectiveness").say)
    while (more := talk.presses("more_detail").say) != ("no_more",):
        said += more
    assert said.count("prog-stats-limit") == 1
    assert said.index("prog-stats-limit") < said.index("cm743-median-os")


def test_yes_after_an_answer_means_more(later: Talk) -> None:
    later.hears("radiation")
    assert later.presses("affirm").say == ("rt-asco", "rt-pain")


def test_yes_to_nothing_asks_what_it_is_for(later: Talk) -> None:
    assert later.presses("affirm").say[0] == "yes_to_what"


def test_yes_after_small_talk_asks_what_it_is_for(later: Talk) -> None:
    later.hears("radiation")
    later.hears("thank")
    assert later.presses("affirm").say[0] == "yes_to_what"


def test_no_to_nothing_is_all_right(later: Talk) -> None:
    assert later.presses("deny").say[0] == "no_problem"


def test_more_of_nothing_asks_for_a_topic(later: Talk) -> None:
    assert later.presses("more_detail").say[0] == "more_of_what"


def test_again_of_nothing_says_so(later: Talk) -> None:
    assert later.presses("repeat").say[0] == "repeat_what"


def test_again_says_the_same_without_the_introduction(guide: Guide) -> None:
    talk = Talk(guide, Memory(subject="self"))
    first = talk.hears("surgery")
    again = talk.presses("repeat")
    assert (again.say, again.quote, again.suggestions) == (
        first.say,
        first.quote,
        first.suggestions,
    )
    assert first.intro
    assert not again.intro


def test_again_keeps_an_open_question_open(later: Talk) -> None:
    later.hears("prognosis")
    later.presses("repeat")
    assert "prog-m1" in later.presses("affirm").say


def test_simpler_without_anything_said_asks_for_the_word(later: Talk) -> None:
    assert later.presses("simpler").say[0] == "simpler_what"


def test_simpler_explains_the_word_asked_about(later: Talk) -> None:
    reply = later.hears("simpler", text="what does pleural mean")
    assert reply.say == ("simpler_words", "word_pleural")


def test_simpler_explains_hard_words_of_the_last_reply(later: Talk) -> None:
    later.hears("approvals_and_guidelines")
    say = later.presses("simpler").say
    assert say[0] == "simpler_words"
    assert "word_fda" in say


def test_simpler_explains_a_few_words_at_once(later: Talk, knowledge: Knowledge) -> None:
    everything = " ".join(word.word for word in knowledge.glossary)
    assert len(later.hears("simpler", text=everything).say) == 5


def test_simpler_says_when_there_are_no_simpler_words(later: Talk) -> None:
    later.hears("goodbye")
    assert later.presses("simpler").say == ("simpler_none",)


def test_words_in_capitals_are_meant_in_capitals_only(later: Talk) -> None:
    assert "word_nice" in later.hears("simpler", text="what is NICE").say
    assert "word_nice" not in later.hears("simpler", text="how nice of you").say


# --- danger


@pytest.mark.parametrize("follow_up", [name for name in FOLLOW_UPS if name != "simpler"])
def test_an_alarm_stands_through_short_answers(later: Talk, follow_up: str) -> None:
    alarm = later.hears("emergency")
    reply = later.presses(follow_up)
    assert (reply.type, reply.topic, reply.say[0]) == ("safety", "emergency", alarm.say[0])


@pytest.mark.parametrize(
    "small_talk", ["thank", "greet", "goodbye", "nlu_fallback", "bot_identity"]
)
def test_after_an_alarm_small_talk_is_none(later: Talk, small_talk: str) -> None:
    later.hears("urgent_symptom")
    assert later.hears(small_talk, text="ok").topic == "urgent_symptom"


def test_an_alarm_is_not_forever(later: Talk) -> None:
    later.hears("emergency")
    topics = [later.hears("thank", text="ok").topic for _ in range(AWARE_FOR + 1)]
    assert topics == ["emergency"] * AWARE_FOR + ["thank"]


def test_an_alarm_ends_with_the_next_topic_which_it_leads(later: Talk) -> None:
    later.hears("emergency")
    answer = later.hears("surgery")
    assert answer.type == "answer"
    assert answer.lead == ("after_red", "numbers_emergency")
    assert later.presses("repeat").lead == ()
    assert later.presses("affirm").type == "answer"


@pytest.mark.parametrize("alarm", ["urgent_symptom", "emergency"])
def test_worse_after_an_alarm_is_red(later: Talk, alarm: str) -> None:
    later.hears(alarm)
    assert later.hears("nlu_fallback", text="it's getting worse").topic == "emergency"


def test_worse_after_an_alarm_is_red_also_when_it_alarms_by_itself(later: Talk) -> None:
    later.hears("urgent_symptom")
    again = later.hears("urgent_symptom", text="it's getting worse, he is hot and shaking")
    assert again.topic == "emergency"


def test_the_same_report_without_an_alarm_before_it_stays_amber(later: Talk) -> None:
    assert later.hears("urgent_symptom", text="it's getting worse").topic == "urgent_symptom"


def test_worse_after_a_crisis_stays_a_crisis(later: Talk) -> None:
    later.hears("crisis_self_harm")
    assert later.hears("nlu_fallback", text="it's getting worse").topic == "crisis_self_harm"


def test_help_that_is_there_ends_the_alarm(later: Talk) -> None:
    later.hears("emergency")
    reply = later.hears("thank", text="thanks, the ambulance is here")
    assert reply.say[0] == "after_helped"
    assert later.hears("thank").topic == "thank"


def test_a_crisis_does_not_end_with_a_call(later: Talk) -> None:
    later.hears("crisis_self_harm")
    assert later.hears("thank", text="i called them").type == "safety"
    assert later.hears("thank", text="ok").type == "safety"


def test_a_long_message_with_worse_in_it_is_a_question(later: Talk) -> None:
    later.hears("urgent_symptom")
    text = "does chemotherapy make it worse " + "or is it the other way round " * 5
    assert later.hears("chemotherapy", text=text).topic == "chemotherapy"


def test_the_question_beside_a_danger_is_offered(later: Talk) -> None:
    reply = later.hears("emergency", also=("greet", "surgery", "radiation"))
    assert [one.payload for one in reply.suggestions] == ["/surgery"]


def test_a_sign_says_its_own_facts_and_only_under_its_own_alarm(later: Talk) -> None:
    assert "rf-bowel" in later.hears("urgent_symptom", sign="bowel").say
    assert "rf-bowel" not in later.hears("emergency", sign="bowel").say


def test_a_stored_alarm_of_another_time_is_forgotten(later: Talk) -> None:
    later.memory.alarm = "nosuch"
    assert later.hears("thank").topic == "thank"


def test_a_sign_that_is_no_alarm_adds_its_line_once(later: Talk) -> None:
    assert later.hears("radiation", watch="red").say[-1] == "se-call"
    assert later.hears("emotional_support", watch="crisis").say[-1] == "crisis_watch"
    assert "se-call" not in later.hears("thank", watch="red").say
    said = later.hears("side_effects", text="when do i call", watch="red").say
    assert said.count("se-call") == 1


def test_an_alarm_lets_an_open_question_go(later: Talk) -> None:
    later.hears("prognosis")
    later.hears("urgent_symptom")
    later.presses("affirm")
    assert later.memory.numbers is None


# --- the list for the oncologist


def test_topics_put_their_question_on_the_list_once(later: Talk) -> None:
    for intent in ("surgery", "radiation", "surgery"):
        later.hears(intent)
    reply = later.presses("questions_for_oncologist")
    assert reply.say == ("list_label", "ask_surgery", "ask_radiation", "visit-list")


def test_an_empty_list_says_so(later: Talk) -> None:
    reply = later.presses("questions_for_oncologist")
    assert reply.say == ("list_empty", "visit-ask", "visit-list")


def test_a_long_list_shows_its_latest_questions(later: Talk, knowledge: Knowledge) -> None:
    questions = [id_ for id_ in knowledge.phrases if id_.startswith("ask_")]
    later.memory.questions = questions
    reply = later.presses("questions_for_oncologist")
    assert reply.say[1:-1] == tuple(questions[-LONGEST:])


def test_what_to_ask_is_answered_while_the_list_is_short(later: Talk) -> None:
    assert later.hears("questions_for_oncologist").say == ("visit-ask",)


def test_what_to_ask_after_one_topic_is_still_answered_generally(later: Talk) -> None:
    later.hears("surgery")
    assert "list_label" not in later.hears("questions_for_oncologist").say


def test_what_to_ask_shows_the_list_once_it_has_grown(later: Talk) -> None:
    later.hears("surgery")
    later.hears("radiation")
    assert later.hears("questions_for_oncologist").say[0] == "list_label"


def test_the_list_is_shown_when_it_is_asked_for(later: Talk) -> None:
    later.hears("surgery")
    reply = later.hears("questions_for_oncologist", text="show me my list")
    assert reply.say == ("list_label", "ask_surgery", "visit-list")


def test_a_decline_gives_a_question_to_take_along(later: Talk) -> None:
    reply = later.hears("personal_medical_advice")
    assert reply.say[-2:] == ("take_question", "ask_decision")
    assert later.memory.questions == ["ask_decision"]


# --- forgetting


def test_forgetting_is_asked_first_and_done_after_a_yes(later: Talk) -> None:
    later.hears("surgery")
    asked = later.hears("delete_my_data")
    assert asked.say == ("delete_ask",)
    assert payloads(asked) == ["/affirm", "/deny"]
    assert later.memory.questions
    done = later.presses("affirm")
    assert done.say == ("delete_done", "delete_copies")
    assert later.memory == Memory(introduced=True, forgotten=True, last=done.to_dict())
    assert Memory.from_dict(later.memory.to_dict()).forgotten is False


@pytest.mark.parametrize("alarm", ["emergency", "urgent_symptom", "crisis_self_harm"])
def test_after_an_alarm_forgetting_is_asked_behind_the_number(later: Talk, alarm: str) -> None:
    numbers = later.hears(alarm).say[0]
    asked = later.hears("delete_my_data")
    assert asked.lead
    assert numbers in asked.lead or alarm == "urgent_symptom"
    assert asked.say == ("delete_ask",)
    assert later.presses("affirm").say == ("delete_done", "delete_copies")
    assert later.memory.forgotten


def test_after_an_alarm_a_no_to_forgetting_is_not_the_end_of_care(later: Talk) -> None:
    later.hears("crisis_self_harm")
    later.hears("delete_my_data")
    kept = later.presses("deny")
    assert kept.lead
    assert kept.say == ("delete_kept",)
    assert not later.memory.forgotten


def test_after_an_alarm_only_a_yes_to_the_question_forgets(later: Talk) -> None:
    later.hears("crisis_self_harm")
    later.hears("delete_my_data")
    assert later.hears("thank").type == "safety"
    assert later.presses("affirm").type == "safety"
    assert not later.memory.forgotten


def test_forgetting_is_not_done_after_a_no(later: Talk) -> None:
    later.hears("surgery")
    later.hears("delete_my_data")
    assert later.presses("deny").say == ("delete_kept",)
    assert later.memory.questions == ["ask_surgery"]


def test_forgetting_is_not_done_by_a_yes_to_something_else(later: Talk) -> None:
    later.hears("surgery")
    later.hears("delete_my_data")
    later.hears("radiation")
    later.presses("affirm")
    assert later.memory.questions == ["ask_surgery", "ask_radiation"]


# --- openings


def test_a_short_message_is_read_together_with_the_last_topic(later: Talk) -> None:
    later.hears("peritoneal_mesothelioma")
    assert later.hears("surgery", text="and an operation?").say == ("peri-surgery",)


def test_a_long_message_speaks_for_itself(later: Talk) -> None:
    later.hears("peritoneal_mesothelioma")
    text = "could somebody please tell me something about an operation"
    assert later.hears("surgery", text=text).say[0] == "surg-uncommon"


def test_an_outdated_sentence_is_not_quoted_under_an_opening_without_correction(
    later: Talk,
) -> None:
    assert later.hears("immunotherapy_effectiveness").quote == ("C03",)
    assert later.hears("immunotherapy_effectiveness", text="pembro").quote == ()


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("I smoked", "smok*", True),
        ("no smoke", "smok*", True),
        ("biopsies", "biopsy", False),
        ("two scans", "scan", True),
        ("the boxes", "box", True),
        ("scandal", "scan", False),
        ("PD-L1?", "pd-l1", True),
        ("I don’t want it", "don't", True),
        ("respect", "spec", False),
    ],
)
def test_words_are_found_whole_and_in_the_plural(text: str, word: str, found: bool) -> None:
    assert mentions(text, [word]) is found
    assert Turn("greet", text=text).mentions([word]) is found


# --- memory and replies


def test_memory_comes_back_as_it_was_stored(later: Talk) -> None:
    later.hears("prognosis")
    stored = later.memory.to_dict()
    assert Memory.from_dict(stored) == later.memory


@pytest.mark.parametrize("stored", [None, "x", 5, [], {"unknown": 1}])
def test_an_unusable_memory_starts_afresh(stored: object) -> None:
    assert Memory.from_dict(stored) == Memory()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("said", None),
        ("questions", "ask_kind"),
        ("misses", "many"),
        ("last", "x"),
        ("last", {}),
        ("topic", 5),
        ("subject", "cat"),
        ("numbers", "yes"),
    ],
)
def test_a_malformed_part_of_a_memory_starts_afresh(name: str, value: object) -> None:
    memory = Memory.from_dict({"introduced": True, name: value})
    assert getattr(memory, name) == getattr(Memory(), name)


def test_a_memory_does_not_change_what_it_was_read_from(guide: Guide) -> None:
    first = Talk(guide)
    first.hears("surgery")
    stored = first.memory.to_dict()
    before = str(stored)
    second = Talk(guide, Memory.from_dict(stored))
    second.presses("more_detail")
    second.hears("radiation")
    assert str(stored) == before


def test_a_reply_comes_back_as_it_was_stored(later: Talk) -> None:
    reply = later.hears("prognosis")
    assert Reply.from_dict(reply.to_dict()) == reply


def test_an_id_that_does_not_exist_is_an_error(knowledge: Knowledge) -> None:
    with pytest.raises(KeyError):
        render(knowledge, Reply("meta", None, ("nothing-like-it",)), None, buttons=True)


def test_the_correction_is_put_first_where_an_outdated_sentence_is_quoted(
    knowledge: Knowledge,
) -> None:
    reply = Reply("answer", None, ("welcome",), quote=("C09",))
    rendered = render(knowledge, reply, None, buttons=True)
    assert rendered.text.startswith(knowledge.text("main-correction"))


def test_a_correction_further_down_is_moved_to_the_front(knowledge: Knowledge) -> None:
    reply = Reply("answer", None, ("welcome", "main-correction"), quote=("C09",))
    lines = render(knowledge, reply, None, buttons=True).data["text"].split("\n")
    assert lines == [knowledge.text("main-correction"), knowledge.text("welcome")]
