/** How what was said looks. One element per entry; a long answer starts at its beginning. */

import { button, forReaders, icon, ICONS, node, outsideLink } from "./dom";
import { linked, webUrl } from "./links";
import type { Entry, Fact, Quote, Reply, Suggestion } from "./types";
import { WORDS } from "./words";

const GROUNDED = ["answer", "signpost", "decline"];
const STANDS_ALONE = ["safety", "fallback"]; // help lines are their own source

export interface Choices {
  suggest(suggestion: Suggestion): void;
  again(entry: Entry): void;
  rate(entry: Entry, rating: "up" | "down"): void;
}

export class Transcript {
  readonly element = node("div", "transcript");
  private readonly shown = new Map<Entry, HTMLElement>();

  constructor(private readonly choices: Choices) {
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", WORDS.transcript);
    this.element.tabIndex = 0; // scrolls by keyboard
  }

  /** Show an entry at the end, or anew where it stands. Only the latest reply has buttons. */
  show(entry: Entry): void {
    const before = this.shown.get(entry);
    const now = this.entryNode(entry);
    this.shown.set(entry, now);
    if (before) before.replaceWith(now);
    else this.element.append(now);
    this.dropOldButtons();
  }

  remove(entry: Entry): void {
    this.shown.get(entry)?.remove();
    this.shown.delete(entry);
  }

  /** To the end, unless that would hide how a long answer begins. */
  scrollTo(entry: Entry): void {
    const reply = this.shown.get(entry)?.querySelector<HTMLElement>(".guide");
    this.scrollToEnd();
    if (!reply) return;
    const top = reply.offsetTop - this.element.offsetTop;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
  }

  scrollToEnd(): void {
    this.element.scrollTop = this.element.scrollHeight;
  }

  private dropOldButtons(): void {
    const groups = [...this.element.querySelectorAll(".suggestions")];
    const last = this.element.lastElementChild;
    groups.filter((group) => !last?.contains(group)).forEach((group) => group.remove());
  }

  private entryNode(entry: Entry): HTMLElement {
    const turn = node("div", "turn");
    if (!entry.hidden) turn.append(node("div", "bubble person", forReaders(WORDS.you), entry.text));
    entry.replies.forEach((reply) => turn.append(this.replyNode(entry, reply)));
    if (entry.status === "failed") turn.append(this.failureNode(entry));
    return turn;
  }

  private failureNode(entry: Entry): HTMLElement {
    return node(
      "div",
      "notice",
      node("p", "", entry.hidden ? WORDS.unreached : WORDS.unanswered),
      node("p", "", ...linked(WORDS.emergency)),
      button(WORDS.again, () => this.choices.again(entry)),
    );
  }

  private replyNode(entry: Entry, reply: Reply): HTMLElement {
    const all = node("div", "guide");
    const intro = texts(reply.intro);
    if (intro.length) all.append(node("div", "bubble intro", ...paragraphs(intro.join("\n"))));
    const bubble = node("div", "bubble reply", forReaders(WORDS.guide));
    if (reply.type === "safety") {
      bubble.classList.add("safety");
      bubble.append(node("p", "safety-title", WORDS.safety));
    }
    bubble.append(...paragraphs(reply.text, sitesOf(list<Fact>(reply.facts))));
    bubble.append(...sources(reply));
    if (reply.reminder) bubble.append(node("p", "reminder", ...linked(reply.reminder)));
    all.append(bubble);
    if (GROUNDED.includes(reply.type)) all.append(this.ratingNode(entry));
    all.append(...this.suggestions(list<Suggestion>(reply.suggestions)));
    return all;
  }

  private ratingNode(entry: Entry): HTMLElement {
    const group = node("div", "rating");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", WORDS.rate);
    if (entry.rated) {
      group.append(node("span", "", WORDS.rated));
      return group;
    }
    group.append(
      button(icon(ICONS.up), () => this.choices.rate(entry, "up"), "thumb", WORDS.up),
      button(icon(ICONS.down), () => this.choices.rate(entry, "down"), "thumb", WORDS.down),
    );
    return group;
  }

  private suggestions(suggestions: Suggestion[]): HTMLElement[] {
    const usable = suggestions.filter((one) => one.title && one.payload);
    if (!usable.length) return [];
    const group = node("div", "suggestions");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", WORDS.askNext);
    group.append(...usable.map((one) => button(one.title, () => this.choices.suggest(one))));
    return [group];
  }
}

/** What a screen reader is told of a reply: all of its words, once. */
export function spoken(reply: Reply): string {
  const parts = [...texts(reply.intro), reply.text, reply.reminder ?? ""];
  const titles = list<Suggestion>(reply.suggestions).map((one) => one.title);
  if (titles.length) parts.push(`${WORDS.askNext}: ${titles.join("; ")}.`);
  return parts.filter(Boolean).join("\n");
}

const list = <Item>(value: Item[] | undefined | null): Item[] => (Array.isArray(value) ? value : []);

const texts = (value: string[] | undefined): string[] =>
  list(value).filter((one) => typeof one === "string" && one.trim());

function paragraphs(text: string, sites?: Map<string, string>): HTMLElement[] {
  const lines = text.split("\n").filter((line) => line.trim());
  return lines.map((line) => node("p", "", ...linked(line, sites)));
}

function sitesOf(facts: Fact[]): Map<string, string> {
  const urls = facts.map((fact) => webUrl(fact.url)).filter((url): url is URL => url !== null);
  return new Map(urls.map((url) => [url.hostname.replace(/^www\./, ""), url.href]));
}

function sources(reply: Reply): HTMLElement[] {
  const bySource = new Map<string, Fact[]>();
  for (const fact of list<Fact>(reply.facts)) {
    const key = JSON.stringify([fact.url, fact.title, fact.publisher, fact.dated]);
    bySource.set(key, [...(bySource.get(key) ?? []), fact]);
  }
  // Facts first: where a sentence of the article is out of date, the correction stands before it.
  const cards = [
    ...[...bySource.values()].map(sourceNode),
    ...list<Quote>(reply.quotes).map(quoteNode),
  ];
  if (!cards.length || STANDS_ALONE.includes(reply.type)) return [];
  return [node("details", "sources", node("summary", "", WORDS.sources), ...cards)];
}

function quoteNode(quote: Quote): HTMLElement {
  const from = node("p", "from", WORDS.article(quote.paragraph));
  return node("div", "source", node("blockquote", "", `“${quote.text}”`), from);
}

/** One source with everything that was taken from it. */
function sourceNode(facts: Fact[]): HTMLElement {
  const { title = "", publisher = "", url = "", dated = "" } = facts[0] ?? {};
  const link = webUrl(url) ? outsideLink(url, title, WORDS.newTab) : title;
  const from = node("p", "from", link, ` ${[publisher, dated].filter(Boolean).join(", ")}`);
  return node("div", "source", ...facts.map((fact) => node("p", "", fact.text)), from);
}
