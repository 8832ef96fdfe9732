/**
 * <meso-guide server title position open lang>: the chat as a custom element.
 *
 * server: where mesoguide runs (default: where this script came from). title: the heading.
 * position: bottom-right (default), bottom-left, or page (fills its place, no launcher).
 * open: the chat is open. lang: the language of the words around the chat (en).
 * Colours are CSS custom properties: see style.css.
 */

import { Conversation, GREETING, type View } from "./conversation";
import { button, icon, ICONS, node } from "./dom";
import { Questions } from "./questions";
import { TabStorage } from "./storage";
import styles from "./style.css";
import { spoken, Transcript } from "./transcript";
import type { Entry, Reply, Suggestion } from "./types";
import { WORDS } from "./words";

const LONGEST = 2000; // characters of one message; the server's limit
const SIZES = [100, 125, 150, 200]; // percent
const TYPING_MS = 300; // a fast answer needs no sign of waiting
const OFFLINE_MS = 1500; // nor does a short break of the connection
const NARROW = "(max-width: 480px), (max-height: 480px)";
const SCRIPT = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

class MesoGuide extends HTMLElement implements View {
  static readonly observedAttributes = ["title", "position", "open", "lang"];

  private readonly root = node("div", "root");
  private readonly heading = node("h2", "", WORDS.name);
  private readonly launcher = button(
    icon(ICONS.chat),
    () => (this.open = true),
    "launcher",
    WORDS.launcher,
  );
  private readonly dialog = node("dialog", "chat");
  private readonly menu = node("div", "menu");
  private readonly more = button(icon(ICONS.more), () => this.toggleMenu(), "icon", WORDS.menu);
  private readonly shut = button(icon(ICONS.close), () => (this.open = false), "icon", WORDS.close);
  private readonly offline = node("p", "offline");
  private readonly typing = node("p", "typing");
  private readonly input = node("textarea");
  private readonly composer = node("form", "composer");
  private readonly confirm = node("div", "panel confirm");
  private readonly polite = node("div", "for-readers");
  private readonly urgent = node("div", "for-readers");
  private readonly transcript = new Transcript({
    suggest: (suggestion) => this.suggest(suggestion),
    again: (entry) => {
      this.conversation.again(entry);
      this.input.focus();
    },
    rate: (entry, rating) => this.rate(entry, rating),
  });
  private readonly small = window.matchMedia(NARROW);
  private storage!: TabStorage;
  private conversation!: Conversation;
  private questions!: Questions;
  private begun!: Promise<boolean>;
  private started = false;
  private connecting = false;
  private typingTimer = 0;
  private offlineTimer = 0;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.root);
  }

  connectedCallback(): void {
    if (!this.started) this.start();
    else if (this.connecting) this.goOnline();
  }

  disconnectedCallback(): void {
    this.conversation?.close();
  }

  attributeChangedCallback(name: string): void {
    if (!this.started) return;
    if (name === "open") this.showOpen(true);
    else this.applyAttributes();
  }

  /** Whether the chat is open. */
  get open(): boolean {
    return this.hasAttribute("open") || this.isPage;
  }

  set open(open: boolean) {
    this.toggleAttribute("open", open);
  }

  private get isPage(): boolean {
    return this.getAttribute("position") === "page";
  }

  private get server(): URL {
    const own = SCRIPT ? new URL(".", SCRIPT).href : `${location.origin}/`;
    const server = new URL(this.getAttribute("server") ?? own, document.baseURI);
    if (!server.pathname.endsWith("/")) server.pathname += "/";
    return server;
  }

  // ---- building

  private start(): void {
    this.storage = new TabStorage(this.server.href);
    this.conversation = new Conversation(this.server, this.storage, this);
    this.questions = new Questions(
      this.storage,
      (words) => this.announce(words),
      () => this.showPanel(null),
    );
    this.build();
    this.begun = this.conversation.begin();
    this.applyAttributes();
    this.applySize(this.size);
    if (this.storage.read("open") === "yes") this.toggleAttribute("open", true);
    this.started = true; // from here on, a changed attribute is somebody's doing
    this.small.addEventListener("change", () => {
      if (this.isConnected) this.showOpen(false);
    });
    this.showOpen(false);
    void this.begun.then((goesOn) => {
      this.transcript.scrollToEnd();
      if (goesOn || this.open) this.connect();
    });
  }

  private build(): void {
    this.heading.id = "title";
    const danger = node("a", "", WORDS.danger);
    danger.href = new URL("safety", this.server).href;
    danger.target = "_blank";
    danger.rel = "noopener";
    const names = node("div", "names", this.heading, node("p", "", WORDS.subtitle));
    const list = button(WORDS.questions, () => this.showQuestions());
    this.more.setAttribute("aria-expanded", "false");
    this.menu.id = "menu";
    this.more.setAttribute("aria-controls", this.menu.id);
    this.menu.hidden = true;
    const smaller = button("A−", () => this.resize(-1), "", WORDS.smaller);
    const larger = button("A+", () => this.resize(1), "", WORDS.larger);
    const size = node("div", "sizes", node("span", "", WORDS.textSize), smaller, larger);
    this.menu.append(
      danger,
      size,
      button(WORDS.startOver, () => this.askStartOver()),
      button(WORDS.forget, () => this.askForget()),
    );
    const bar = node("div", "bar", names, list, this.more, this.shut);
    this.polite.setAttribute("role", "status");
    this.urgent.setAttribute("role", "alert");
    this.offline.setAttribute("role", "status");
    this.confirm.setAttribute("role", "alertdialog");
    this.confirm.setAttribute("aria-labelledby", "confirm-words");
    this.confirm.hidden = true;
    this.questions.element.hidden = true;
    this.typing.setAttribute("aria-hidden", "true");
    this.buildComposer();
    const inner = [
      bar,
      this.menu,
      this.offline,
      this.transcript.element,
      this.typing,
      this.composer,
      this.questions.element,
      this.confirm,
      this.polite,
      this.urgent,
    ];
    if (this.isPage) {
      this.root.append(node("section", "chat page", ...inner));
      this.shut.remove();
    } else {
      this.dialog.append(...inner);
      this.dialog.setAttribute("aria-labelledby", this.heading.id);
      this.dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        this.leave();
      });
      // A phone's way back can close a dialog without asking.
      this.dialog.addEventListener("close", () => {
        if (this.open && !this.dialog.open) this.open = false;
      });
      this.launcher.setAttribute("aria-haspopup", "dialog");
      this.root.append(this.launcher, this.dialog);
    }
    this.root.addEventListener("keydown", (event) => this.escape(event));
  }

  private buildComposer(): void {
    this.input.id = "message";
    this.input.rows = 1;
    this.input.maxLength = LONGEST;
    this.input.placeholder = WORDS.placeholder;
    this.input.enterKeyHint = "send";
    this.input.autocomplete = "off";
    const label = node("label", "", WORDS.message);
    label.htmlFor = this.input.id;
    const send = node("button", "send", WORDS.send);
    this.composer.append(label, node("div", "row", this.input, send));
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void this.submit();
    });
    this.input.addEventListener("input", () => this.fit());
  }

  private applyAttributes(): void {
    this.heading.textContent = this.title || WORDS.name;
    this.root.lang = this.lang || "en";
    this.root.title = ""; // or the heading would be a tooltip over everything
    this.root.classList.toggle("left", this.getAttribute("position") === "bottom-left");
    this.root.classList.toggle("fills", this.isPage);
    if (this.title) this.launcher.setAttribute("aria-label", `${WORDS.launcher}: ${this.title}`);
  }

  // ---- opening and closing

  /** Bring the dialog to the state of the attribute; a person's doing moves the focus. */
  private showOpen(byPerson: boolean): void {
    const { open } = this;
    if (this.isPage) return;
    this.storage.write("open", open ? "yes" : "no");
    this.launcher.setAttribute("aria-expanded", String(open));
    this.launcher.hidden = open;
    const hadFocus = this.shadowRoot?.activeElement ?? null;
    if (this.dialog.open) this.dialog.close();
    if (!open) {
      if (byPerson) this.launcher.focus();
      return;
    }
    this.connect();
    // On a small screen the chat covers the page, so nothing behind it may take the focus.
    if (this.small.matches) this.dialog.showModal();
    else this.dialog.setAttribute("open", "");
    if (byPerson) {
      this.showPanel(null);
      this.input.focus();
    } else if (hadFocus instanceof HTMLElement) {
      hadFocus.focus();
    }
    this.transcript.scrollToEnd();
  }

  private connect(): void {
    if (this.connecting) return;
    this.connecting = true;
    this.goOnline();
  }

  private goOnline(): void {
    void this.begun.then(() => {
      if (this.isConnected) this.conversation.open();
    });
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    this.leave();
  }

  /** One step back: from the menu, from a panel, from the chat. */
  private leave(): void {
    if (!this.menu.hidden) {
      this.toggleMenu();
      this.more.focus();
    } else if (!this.confirm.hidden || !this.questions.element.hidden) {
      this.showPanel(null);
    } else if (!this.isPage) {
      this.open = false;
    }
  }

  private toggleMenu(): void {
    this.menu.hidden = !this.menu.hidden;
    this.more.setAttribute("aria-expanded", String(!this.menu.hidden));
  }

  /** Show one panel in place of the conversation, or the conversation again. */
  private showPanel(panel: HTMLElement | null): void {
    if (!this.menu.hidden) this.toggleMenu();
    for (const one of [this.questions.element, this.confirm]) one.hidden = one !== panel;
    for (const one of [this.transcript.element, this.typing, this.composer]) {
      one.hidden = panel !== null;
    }
    if (!panel) {
      this.transcript.scrollToEnd();
      this.input.focus();
    }
  }

  private showQuestions(): void {
    this.showPanel(this.questions.element);
    this.questions.show(this.conversation.gathered);
  }

  // ---- what a person does

  private async submit(): Promise<void> {
    await this.begun; // what was said before comes first
    const text = this.input.value.trim();
    this.input.focus();
    if (!text) return;
    this.input.value = "";
    this.fit();
    // A slash would be a command to Rasa; what a person types is text.
    this.conversation.say(text, text.replace(/^\/+/, "").trim() || text.replace(/\//g, "?"));
    this.transcript.scrollToEnd();
  }

  private suggest(suggestion: Suggestion): void {
    this.conversation.say(suggestion.title, suggestion.payload);
    this.input.focus();
    this.transcript.scrollToEnd();
  }

  private rate(entry: Entry, rating: "up" | "down"): void {
    this.conversation.rate(entry, rating);
    this.transcript.show(entry);
    this.input.focus();
  }

  private askStartOver(): void {
    this.ask(WORDS.startOverAsk, WORDS.startOverYes, () => {
      this.conversation.startOver();
      this.storage.remove("questions");
      this.showPanel(null);
    });
  }

  private askForget(): void {
    this.ask(WORDS.forgetAsk, WORDS.forgetYes, async () => {
      const done = await this.conversation.forget();
      if (done) this.storage.remove("questions");
      this.showPanel(null);
      this.note(done ? WORDS.forgotten : WORDS.notForgotten);
    });
  }

  private ask(words: string, yes: string, onYes: () => unknown): void {
    const question = node("p", "", words);
    question.id = "confirm-words";
    const no = button(WORDS.cancel, () => this.showPanel(null));
    const sure = button(
      yes,
      () => {
        sure.disabled = no.disabled = true;
        onYes();
      },
      "danger",
    );
    this.confirm.replaceChildren(question, sure, no);
    this.showPanel(this.confirm);
    no.focus();
  }

  /** A line of the widget's own at the end of the conversation, seen and heard. */
  private note(words: string): void {
    this.transcript.element.append(node("p", "note", words));
    this.transcript.scrollToEnd();
    this.announce(words);
  }

  private get size(): number {
    const kept = Number(this.storage.read("size"));
    return SIZES.includes(kept) ? kept : 100;
  }

  private resize(step: number): void {
    const place = Math.min(Math.max(SIZES.indexOf(this.size) + step, 0), SIZES.length - 1);
    const size = SIZES[place] ?? 100;
    this.storage.write("size", String(size));
    this.applySize(size);
    this.announce(WORDS.sizeNow(size));
  }

  private applySize(size: number): void {
    this.root.style.setProperty("--size", String(size / 100));
  }

  private fit(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  private announce(words: string, region = this.polite): void {
    region.replaceChildren(node("p", "", words)); // a new node: the same words are said again
  }

  // ---- View: what the conversation tells

  show(entry: Entry): void {
    this.transcript.show(entry);
    if (entry.status === "failed") {
      this.announce(entry.hidden ? WORDS.unreached : WORDS.unanswered);
      this.transcript.scrollToEnd();
    }
  }

  replied(entry: Entry, reply: Reply): void {
    this.transcript.show(entry);
    this.transcript.scrollTo(entry);
    this.announce(spoken(reply), reply.type === "safety" ? this.urgent : this.polite);
  }

  removed(entry: Entry): void {
    this.transcript.remove(entry);
    if (entry.send !== GREETING) this.transcript.element.querySelector(".note")?.remove();
  }

  waiting(isWaiting: boolean): void {
    clearTimeout(this.typingTimer);
    this.typing.replaceChildren();
    if (!isWaiting) return;
    this.typingTimer = window.setTimeout(() => {
      this.typing.replaceChildren(node("i"), node("i"), node("i"), WORDS.typing);
    }, TYPING_MS);
  }

  connected(isConnected: boolean): void {
    if (isConnected) {
      clearTimeout(this.offlineTimer);
      this.offlineTimer = 0;
      if (this.offline.textContent) this.announce(WORDS.back_online);
      this.offline.textContent = "";
      return;
    }
    if (this.offlineTimer) return; // said already, or about to be
    this.offlineTimer = window.setTimeout(() => {
      this.offline.textContent = `${WORDS.offline} ${WORDS.emergency}`;
    }, OFFLINE_MS);
  }
}

if (!customElements.get("meso-guide")) customElements.define("meso-guide", MesoGuide);
