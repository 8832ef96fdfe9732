/** "My questions": the person's list for the oncologist, to copy, save and print. */

import { button, forReaders, node } from "./dom";
import printed from "./print.css";
import type { TabStorage } from "./storage";
import { WORDS } from "./words";

const LONGEST = 300; // characters of one question

interface Kept {
  added: string[];
  removed: string[];
}

export class Questions {
  readonly element = node("div", "panel questions");
  private readonly heading = node("h3", "", WORDS.questions);
  private readonly list = node("ol");
  private readonly empty = node("p", "empty", WORDS.questionsEmpty);
  private readonly input = node("input");
  private gathered: string[] = [];

  constructor(
    private readonly storage: TabStorage,
    private readonly say: (words: string) => void,
    back: () => void,
  ) {
    this.heading.tabIndex = -1;
    this.input.id = "new-question";
    this.input.maxLength = LONGEST;
    this.input.autocomplete = "off";
    const label = node("label", "", WORDS.questionNew);
    label.htmlFor = this.input.id;
    const add = node("button", "", WORDS.add);
    const form = node("form", "row", this.input, add);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add(this.input.value.trim());
    });
    const tools = node(
      "div",
      "tools",
      button(WORDS.copy, () => void this.copy()),
      button(WORDS.save, () => this.save()),
      button(WORDS.print, () => this.print()),
      button(WORDS.back, back),
    );
    this.element.append(
      this.heading,
      node("p", "", WORDS.questionsAbout),
      this.empty,
      this.list,
      label,
      form,
      tools,
    );
  }

  /** Show the list with what the server has gathered. */
  show(gathered: string[]): void {
    this.gathered = gathered;
    this.draw();
    this.heading.focus();
  }

  private get kept(): Kept {
    try {
      const kept = JSON.parse(this.storage.read("questions") ?? "{}") as Partial<Kept>;
      return { added: kept.added ?? [], removed: kept.removed ?? [] };
    } catch {
      return { added: [], removed: [] };
    }
  }

  private get all(): string[] {
    const { added, removed } = this.kept;
    return [...new Set([...this.gathered, ...added])].filter((one) => !removed.includes(one));
  }

  private keep(kept: Kept): void {
    this.storage.write("questions", JSON.stringify(kept));
    this.draw();
  }

  private add(question: string): void {
    if (question) {
      const { added, removed } = this.kept;
      const others = removed.filter((one) => one !== question);
      this.keep({ added: [...new Set([...added, question])], removed: others });
      this.input.value = "";
      this.say(question);
    }
    this.input.focus();
  }

  private remove(question: string): void {
    const { added, removed } = this.kept;
    const others = added.filter((one) => one !== question);
    this.keep({ added: others, removed: [...removed, question] });
    this.heading.focus();
  }

  private draw(): void {
    const items = this.all.map((question) => {
      const remove = button(
        node("span", "", WORDS.removeShort),
        () => this.remove(question),
        "quiet",
        WORDS.remove(question),
      );
      return node("li", "", node("span", "question", question), remove);
    });
    this.list.replaceChildren(...items);
    this.list.hidden = items.length === 0;
    this.empty.hidden = items.length > 0;
  }

  private get text(): string {
    const lines = this.all.map((question, place) => `${place + 1}. ${question}`);
    return [WORDS.questionsTitle, "", ...lines, ""].join("\n");
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text);
      this.say(WORDS.copied);
    } catch {
      this.say(WORDS.notCopied);
    }
  }

  private save(): void {
    const url = URL.createObjectURL(new Blob([this.text], { type: "text/plain;charset=utf-8" }));
    const link = node("a", "", forReaders(WORDS.save));
    link.href = url;
    link.download = WORDS.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  /** Print the list alone, on a page of its own inside a frame that nobody sees. */
  private print(): void {
    this.element.querySelector("iframe")?.remove();
    const frame = node("iframe", "for-readers");
    frame.title = WORDS.questionsTitle;
    frame.tabIndex = -1;
    frame.setAttribute("aria-hidden", "true");
    this.element.append(frame);
    const page = frame.contentDocument;
    const view = frame.contentWindow as (Window & typeof globalThis) | null;
    if (!page || !view) return;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(printed);
    page.adoptedStyleSheets = [sheet];
    page.title = WORDS.questionsTitle;
    page.documentElement.lang = "en";
    const items = this.all.map((question) => node("li", "", question));
    page.body.append(node("h1", "", WORDS.questionsTitle), node("ol", "", ...items));
    view.print();
  }
}
