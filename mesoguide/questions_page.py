"""The page of `mesoguide report`: one file that asks nobody for anything and needs no script.

What people wrote goes through `escape` here and nowhere else, and the page's own policy would run
no script if one slipped in. Every picture has its figures in a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from html import escape

from mesoguide.questions import OUTSIDE, Group, Report

MOSTLY = 0.6  # share of a group from which its nearest topic says what the group is about
IN_PICTURE = 10  # groups
STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1d2733; --soft: #55616e; --line: #d5dbe1;
  --bar: #2b6a8f; --box: #f3f6f8; }
@media (prefers-color-scheme: dark) { :root { --back: #14191f; --text: #e7ecf1; --soft: #a9b4bf;
  --line: #3a4550; --bar: #7fbfe3; --box: #1e252d; } }
body { margin: 0; background: var(--back); color: var(--text);
  font: 1.05rem/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { margin-top: 2.2rem; font-size: 1.3rem; }
h3 { margin: 0 0 .3rem; font-size: 1.05rem; }
.soft { color: var(--soft); }
svg { display: block; width: 100%; height: auto; margin: .8rem 0; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); }
svg text { fill: var(--text); font: 20px system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; }
summary { cursor: pointer; padding: .4rem 0; }
.group { background: var(--box); border-radius: .5rem; padding: .8rem 1rem; margin: 1rem 0; }
.group p { margin: .4rem 0; } blockquote { margin: .3rem 0; padding-left: .8rem;
  border-left: .25rem solid var(--bar); overflow-wrap: anywhere; white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html(report: Report) -> str:
    """The whole page."""
    first, last = min(report.days), max(report.days)
    time = f"{_day(first)} to {_day(last)}"
    body = "\n".join(
        (
            "<h1>What people asked and was not understood</h1>",
            f'<p class="soft">{time}. Names, numbers and addresses were taken out by rules, '
            "which may miss some: keep this page private.</p>",
            _in_short(report),
            _by_day(report),
            _biggest(report),
            _each(report),
            _what_to_do(),
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>Not understood, {time}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _in_short(report: Report) -> str:
    share = report.outside / report.total
    channels = ", ".join(f"{escape(name)} {count}" for name, count in report.channels.items())
    return (
        "<h2>In short</h2><ul>"
        f"<li><strong>{_messages(report.total)}</strong> could not be answered "
        "(where people wrote: "
        f"{channels}).</li>"
        f"<li><strong>{report.outside} of them ({share:.0%})</strong> seem to be about something "
        "the assistant is not for.</li>"
        f"<li>The biggest group, messages that ask much the same, has {report.groups[0].size}."
        "</li></ul>"
        "<p>Not in here: how many messages were answered, which the counts of the running server "
        "have; and messages that were surely about something else.</p>"
    )


def _by_day(report: Report) -> str:
    most = max(report.days.values())
    wide, high = 600, 160
    step = wide / len(report.days)
    bars = "".join(
        f'<rect x="{at * step + step * 0.1:.1f}" y="{28 + high * (1 - count / most):.1f}" '
        f'width="{step * 0.8:.1f}" height="{high * count / most:.1f}"/>'
        for at, count in enumerate(report.days.values())
        if count
    )
    first, last = min(report.days), max(report.days)
    picture = _picture(
        f"Bars: messages that were not understood, each day from {_day(first)} to {_day(last)}; "
        f"at most {most} on one day.",
        (wide, high + 60),
        f'{bars}<line x1="0" x2="{wide}" y1="{high + 28}" y2="{high + 28}"/>'
        f'<text x="0" y="20">most: {most}</text>'
        f'<text x="0" y="{high + 53}">{_day(first)}</text>'
        f'<text x="{wide}" y="{high + 53}" text-anchor="end">{_day(last)}</text>',
    )
    rows = ((_day(day), count) for day, count in report.days.items() if count)
    table = _table("Days with such messages", ("Day", "Messages"), rows)
    figures = f"<details><summary>The figures as a table</summary>{table}</details>"
    return f"<h2>Each day</h2>{picture}{figures}"


def _biggest(report: Report) -> str:
    shown = report.groups[:IN_PICTURE]
    most = shown[0].size
    wide, row = 600, 36
    lines = "".join(
        f'<text x="0" y="{at * row + 25}">{at + 1}</text>'
        f'<rect x="40" y="{at * row + 6}" width="{480 * one.size / most:.1f}" height="{row - 12}"/>'
        f'<text x="{50 + 480 * one.size / most:.1f}" y="{at * row + 25}">{one.size}</text>'
        for at, one in enumerate(shown)
    )
    sizes = ", ".join(str(one.size) for one in shown)
    about = f"Bars: how many messages the biggest groups have, by their numbers below: {sizes}."
    picture = _picture(about, (wide, row * len(shown)), lines)
    rows = ((f"{at}. {one.examples[0]}", one.size) for at, one in enumerate(shown, 1))
    table = _table("The same in figures", ("Group, by an example", "Messages"), rows)
    return f"<h2>The biggest groups</h2>{picture}{table}"


def _each(report: Report) -> str:
    cards = "".join(_card(number, one, report) for number, one in enumerate(report.groups, 1))
    more = f"<p>{report.more} smaller groups are left out.</p>" if report.more else ""
    return f"<h2>What is in each group</h2>{cards}{more}"


def _card(number: int, group: Group, report: Report) -> str:
    lines = "".join(f"<blockquote>{escape(line)}</blockquote>" for line in group.examples)
    nearest = "; ".join(f"{_title(report, name)} ({count})" for name, count in group.nearest)
    return (
        f'<section class="group"><h3>{number}. {_messages(group.size)}</h3>{lines}'
        f"<p>Nearest: {nearest or 'nothing'}</p>"
        f"<p><strong>What to do:</strong> {_advice(group, report)}</p></section>"
    )


def _advice(group: Group, report: Report) -> str:
    name, count = group.nearest[0] if group.nearest else ("", 0)
    if count < MOSTLY * group.size or name not in (*report.topics, OUTSIDE):
        return (
            "no topic is near to most of them. If the question comes again and again, it may be a "
            "new topic."
        )
    if name == OUTSIDE:
        return "nothing, if it is not about mesothelioma. If it is, it may be a new topic."
    return (
        f"if these ask about “{_title(report, name)}”, add lines like them to "
        f"<code>{escape(name)}</code> in <code>data/nlu.yml</code>, in other words than theirs. "
        "If not, it may be a new topic."
    )


def _what_to_do() -> str:
    return (
        "<h2>How it is mended</h2><ol>"
        "<li>Begin with the biggest group. One message alone is seldom worth a change.</li>"
        "<li><strong>The topic is there, the words are new:</strong> add five to ten lines to "
        "its examples in <code>data/nlu.yml</code>. Write them yourself: copy no message as it "
        "is.</li>"
        "<li><strong>The topic is missing:</strong> it needs facts with sources and an entry in "
        "<code>knowledge/answers.yml</code>. The part “Change an answer” of the README says how. "
        "Ask somebody with medical knowledge to check it.</li>"
        "<li><strong>It is not for this assistant:</strong> leave it. To say that it does not "
        "know is right then.</li>"
        "<li>Then run <code>uv run mesoguide check</code> and <code>uv run mesoguide "
        "evaluate</code>: no other topic may have become worse.</li></ol>"
    )


def _title(report: Report, name: str) -> str:
    if name == OUTSIDE:
        return "not for this assistant"
    return escape(report.titles.get(name, name))


def _picture(about: str, size: tuple[int, int], inside: str) -> str:
    box = f"0 0 {size[0]} {size[1]}"
    return f'<svg viewBox="{box}" role="img" aria-label="{escape(about)}">{inside}</svg>'


def _table(caption: str, heads: tuple[str, str], rows: Iterable[tuple[str, int]]) -> str:
    lines = "".join(
        f'<tr><td>{escape(words)}</td><td class="number">{count}</td></tr>' for words, count in rows
    )
    return (
        f'<table><caption class="soft">{caption}</caption><thead><tr><th scope="col">{heads[0]}'
        f'</th><th scope="col" class="number">{heads[1]}</th></tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
