"use strict";

/*
 * The plain chat page: it sends what the person writes or presses, and shows what the server says.
 * It has no words of its own about the illness. Text becomes DOM nodes and nothing else.
 */
(() => {
  const NAME = "Mesoguide";
  const ENDPOINT = "webhooks/rest/webhook"; // relative, so the page also works behind a path prefix
  const GREETING = "/greet";
  const TIMEOUT_MS = 30000;
  const TYPING_DELAY_MS = 300; // a fast answer needs no sign of waiting
  const KEPT_ENTRIES = 200;
  const EMERGENCY = "In an emergency, call 911 (US), 999 (UK) or 112 (Europe and Turkey).";

  const $ = (id) => document.getElementById(id);
  const header = $("header");
  const transcript = $("transcript");
  const typing = $("typing");
  const composer = $("composer");
  const input = $("message");

  // ---- storage: for this tab only; may be forbidden, then memory has to do

  const memory = new Map();

  function read(key) {
    try {
      return sessionStorage.getItem(key) ?? memory.get(key) ?? null;
    } catch {
      return memory.get(key) ?? null;
    }
  }

  function write(key, value) {
    memory.set(key, value);
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Kept in memory above.
    }
  }

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0")
    ).join("");

  function readSender() {
    const kept = read("mesoguide.sender");
    return /^[0-9a-f]{32}$/.test(kept) ? kept : newId();
  }

  const isEntry = ({ send, replies }) =>
    isText(send) || (list(replies).length > 0 && replies.every((reply) => isText(reply?.text)));

  function readEntries() {
    try {
      return list(JSON.parse(read("mesoguide.transcript"))).filter(isEntry);
    } catch {
      return [];
    }
  }

  const save = () => write("mesoguide.transcript", JSON.stringify(entries.slice(-KEPT_ENTRIES)));

  // ---- nodes

  function node(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function button(title, onPress) {
    const element = node("button", "", title);
    element.type = "button";
    element.addEventListener("click", onPress);
    return element;
  }

  function outsideLink(url, ...children) {
    const link = node("a", "", ...children, node("span", "for-readers", " (opens in a new tab)"));
    link.href = url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }

  function parseWebUrl(url) {
    try {
      const parsed = new URL(url);
      return /^https?:$/.test(parsed.protocol) ? parsed : null;
    } catch {
      return null;
    }
  }

  // ---- telephone numbers and named sites in running text

  // Long numbers are plain by their shape; short ones only where the line speaks of calling.
  const LONG_NUMBER = [
    /\+\d{1,3}(?:[ -]\d{2,4}){2,4}/, // +44 20 ...
    /(?:1-)?\d{3}-\d{3}-\d{4}/, // US
    /1-800-\d-[A-Z]{6}/, // US, in letters
    /0\d{2,4}(?: \d{2,4}){2,3}/, // UK
    /13 \d\d \d\d/, // Australia
    /116 ?\d{3}/, // European help lines
  ];
  const SHORT_NUMBER = /911|999|112|988|111|000/;
  const OF_CALLING = /\b(?:call|text|dial|ring|phone|emergency|nhs)\b/i;
  const SITE = /(?:[a-z0-9-]+\.)+(?:org|gov|com|uk)/;
  const FINDABLE = new RegExp(
    [...LONG_NUMBER, SITE, SHORT_NUMBER].map((pattern) => pattern.source).join("|"),
    "gi"
  );
  const KEYPAD = ["", "", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

  const dialled = (number) =>
    number
      .toUpperCase()
      .replace(/[A-Z]/g, (letter) => String(KEYPAD.findIndex((key) => key.includes(letter))))
      .replace(/(?!^\+)\D/g, "");

  function linkFor(found, line, sites) {
    if (/^(?:[a-z0-9-]+\.)+[a-z]+$/i.test(found)) {
      const url = sites.get(found.toLowerCase());
      return url ? outsideLink(url, found) : null;
    }
    if (/^\d{3}$/.test(found) && !OF_CALLING.test(line)) return null;
    const link = node("a", "", found);
    link.href = `tel:${dialled(found)}`;
    return link;
  }

  /** The line as text and links. Part of a longer number or word is never a link. */
  function linked(line, sites = new Map()) {
    const parts = [];
    let done = 0;
    for (const match of line.matchAll(FINDABLE)) {
      const [found] = match;
      const end = match.index + found.length;
      const isPart =
        /[\w.,+$£€-]$/.test(line.slice(0, match.index)) || /^(?:\w|[-.,:]\d)/.test(line.slice(end));
      const link = isPart ? null : linkFor(found, line, sites);
      if (!link) continue;
      parts.push(line.slice(done, match.index), link);
      done = end;
    }
    parts.push(line.slice(done));
    return parts.filter((part) => part !== "");
  }

  function paragraphs(text, sites) {
    const lines = text.split("\n").filter((line) => line.trim());
    return lines.map((line) => node("p", "", ...linked(line, sites)));
  }

  // ---- replies

  const list = (value) => (Array.isArray(value) ? value.filter((one) => one != null) : []);
  const isText = (value) => typeof value === "string" && value.trim() !== "";

  /** The replies in a response: its data where there is any, else its plain text. */
  function repliesIn(response) {
    const parts = list(response).filter((part) => part && typeof part === "object");
    const data = parts.map((part) => part.custom?.data).filter((reply) => isText(reply?.text));
    if (data.length) return data;
    return parts
      .filter((part) => isText(part.text))
      .map((part) => ({ type: "meta", text: part.text, suggestions: list(part.buttons) }));
  }

  function sitesOf(facts) {
    const urls = facts.map((fact) => parseWebUrl(fact.url)).filter(Boolean);
    return new Map(urls.map((url) => [url.hostname.replace(/^www\./, ""), url.href]));
  }

  function quoteNode(quote) {
    const from = node("p", "from", `The article, paragraph ${quote.paragraph}`);
    return node("div", "source quote", node("blockquote", "", `“${quote.text}”`), from);
  }

  /** One source with everything that was taken from it. */
  function sourceNode(facts) {
    const { title, publisher, url, dated } = facts[0];
    const link = parseWebUrl(url) ? outsideLink(url, title) : title;
    const from = node("p", "from", [publisher, dated].filter(isText).join(", "));
    return node("div", "source fact", ...facts.map((fact) => node("p", "", fact.text)), node("p", "from", link), from);
  }

  function detailsNode(reply) {
    const bySource = new Map();
    for (const fact of list(reply.facts)) {
      const key = JSON.stringify([fact.url, fact.title, fact.publisher, fact.dated]);
      bySource.set(key, [...(bySource.get(key) ?? []), fact]);
    }
    // Facts first: where a sentence of the article is out of date, the correction stands before it.
    const sources = [
      ...Array.from(bySource.values(), sourceNode),
      ...list(reply.quotes).map(quoteNode),
    ];
    const helpLinesStandAlone = reply.type === "safety" || reply.type === "fallback";
    if (!sources.length || helpLinesStandAlone) return [];
    return [node("details", "sources", node("summary", "", "Where this comes from"), ...sources)];
  }

  function replyNodes(reply) {
    const speaker = () => node("span", "for-readers", `${NAME}: `);
    const nodes = [];
    const intro = list(reply.intro).filter(isText);
    if (intro.length) {
      nodes.push(node("div", "bubble intro", speaker(), ...paragraphs(intro.join("\n"))));
    }
    const bubble = node(
      "div",
      "bubble reply",
      speaker(),
      ...paragraphs(reply.text, sitesOf(list(reply.facts))),
      ...detailsNode(reply)
    );
    if (isText(reply.reminder)) bubble.append(node("p", "reminder", ...linked(reply.reminder)));
    if (reply.type === "safety") bubble.classList.add("safety");
    nodes.push(bubble);
    return nodes;
  }

  function buttonsNode(replies) {
    const suggestions = replies
      .flatMap((reply) => list(reply.suggestions))
      .filter((one) => isText(one?.title) && isText(one?.payload));
    if (!suggestions.length) return [];
    const buttons = suggestions.map((one) => button(one.title, () => say(one.title, one.payload)));
    const group = node("div", "buttons", ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "You can ask next");
    return [group];
  }

  // ---- the transcript: entries are what is kept, nodes are how they look

  const nodes = new Map();

  function failureNodes(entry) {
    if (entry.status !== "failed") return [];
    const what = entry.hidden
      ? `${NAME} could not be reached.`
      : "This message was not answered. It is still here.";
    return [
      node(
        "div",
        "notice error",
        node("p", "", what),
        node("p", "", ...linked(EMERGENCY)),
        button("Send again", () => sendAgain(entry))
      ),
    ];
  }

  function entryNode(entry) {
    if (entry.from === "guide") {
      return node("div", "turn guide", ...entry.replies.flatMap(replyNodes), ...buttonsNode(entry.replies));
    }
    const bubble = node("div", "bubble", node("span", "for-readers", "You: "), entry.text);
    bubble.tabIndex = -1;
    return node("div", "turn person", ...(entry.hidden ? [] : [bubble]), ...failureNodes(entry));
  }

  function show(entry, before = null) {
    const shown = entryNode(entry);
    nodes.set(entry, shown);
    transcript.insertBefore(shown, before);
    return shown;
  }

  function add(entry) {
    entries.push(entry);
    save();
    return show(entry);
  }

  /** A reply stands under its own message, even when another was sent meanwhile. */
  function addAfter(asked, entry) {
    entries.splice(entries.indexOf(asked) + 1, 0, entry);
    save();
    return show(entry, nodes.get(asked).nextSibling);
  }

  function remove(entry) {
    entries = entries.filter((one) => one !== entry);
    nodes.get(entry)?.remove();
    nodes.delete(entry);
  }

  function setStatus(entry, status) {
    entry.status = status;
    save();
    nodes.get(entry).append(...failureNodes(entry)); // the bubble stays: it may have the focus
  }

  /** Only the latest reply can be answered by a button. */
  const dropButtons = () => transcript.querySelectorAll(".buttons").forEach((one) => one.remove());

  const scrollToEnd = () => window.scrollTo(0, document.documentElement.scrollHeight);

  /** To the end, unless that would hide how a long answer begins. */
  function scrollToStartOf(element) {
    scrollToEnd();
    const isSticky = getComputedStyle(header).position === "sticky";
    const top = isSticky ? header.getBoundingClientRect().bottom : 0;
    if (element.getBoundingClientRect().top < top) element.scrollIntoView({ block: "start" });
  }

  // ---- sending: one message at a time, so that replies come in order

  let queue = [];
  let flight = null;
  let typingTimer = 0;

  function setTyping(on) {
    clearTimeout(typingTimer);
    if (!on) return typing.replaceChildren();
    typingTimer = setTimeout(() => {
      const dots = [1, 2, 3].map(() => node("span"));
      typing.replaceChildren(...dots, "Looking for an answer");
      // Not where the person has scrolled up to read.
      if (typing.getBoundingClientRect().top < window.innerHeight) scrollToEnd();
    }, TYPING_DELAY_MS);
  }

  async function request(message, controller) {
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(ENDPOINT, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ sender, message }),
        signal: controller.signal,
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const replies = repliesIn(await response.json());
      if (!replies.length) throw new Error("empty reply");
      return replies;
    } finally {
      clearTimeout(timer);
    }
  }

  async function sendNext() {
    if (flight || !queue.length) return;
    const entry = queue.shift();
    const controller = new AbortController();
    flight = controller;
    setTyping(true);
    let replies = null;
    try {
      replies = await request(entry.send, controller);
    } catch {
      // Said to the person below.
    }
    if (flight !== controller) return; // started over meanwhile
    flight = null;
    setTyping(false);
    setStatus(entry, replies ? "answered" : "failed");
    if (replies) {
      dropButtons();
      scrollToStartOf(addAfter(entry, { from: "guide", replies }));
    } else {
      scrollToEnd();
    }
    sendNext();
  }

  function enqueue(entry) {
    queue.push(entry);
    sendNext();
  }

  function say(text, payload = text) {
    const byButton = transcript.contains(document.activeElement);
    dropButtons();
    // A greeting that failed is not missed once the person has spoken.
    entries.filter((entry) => entry.hidden && entry.status === "failed").forEach(remove);
    const entry = { from: "person", text, send: payload, status: "waiting" };
    const shown = add(entry);
    // The pressed button is gone; reading goes on from here, and no keyboard opens on a phone.
    if (byButton) shown.firstChild.focus({ preventScroll: true });
    scrollToEnd();
    enqueue(entry);
  }

  function sendAgain(entry) {
    remove(entry);
    const shown = add(Object.assign(entry, { status: "waiting" }));
    (shown.firstChild ?? transcript).focus({ preventScroll: true });
    dropButtons();
    scrollToEnd();
    enqueue(entry);
  }

  function greet() {
    const entry = { from: "person", text: "", send: GREETING, hidden: true, status: "waiting" };
    add(entry);
    enqueue(entry);
  }

  function startOver() {
    flight?.abort();
    flight = null;
    queue = [];
    entries = [];
    nodes.clear();
    transcript.replaceChildren();
    setTyping(false);
    sender = newId();
    write("mesoguide.sender", sender);
    save();
    greet();
  }

  // ---- writing

  function fitInput() {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  function submit() {
    const text = input.value.trim();
    if (!text) return input.focus();
    input.value = "";
    fitInput();
    say(text);
  }

  /** Nothing that is focused or scrolled to may end up under the two bars. */
  function reserveBars() {
    const root = document.documentElement.style;
    const isSticky = getComputedStyle(header).position === "sticky";
    root.scrollPaddingTop = `${(isSticky ? header.offsetHeight : 0) + 12}px`;
    root.scrollPaddingBottom = `${composer.offsetHeight + 12}px`;
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", fitInput);
  $("start-over").addEventListener("click", startOver);
  window.addEventListener("resize", reserveBars);
  if (window.ResizeObserver) {
    const observer = new ResizeObserver(reserveBars);
    observer.observe(header);
    observer.observe(composer);
  }

  // ---- begin, or go on where this tab was

  let sender = readSender();
  let entries = readEntries();
  write("mesoguide.sender", sender);
  reserveBars();
  // A greeting that got no reply is asked for anew; a message that got none is never dropped.
  entries = entries.filter((entry) => !entry.hidden || entry.status === "answered");
  for (const entry of entries) {
    if (entry.status === "waiting") entry.status = "failed";
    show(entry);
    if (entry !== entries[entries.length - 1]) dropButtons();
  }
  save();
  if (entries.length) {
    if ("scrollRestoration" in history) history.scrollRestoration = "manual";
    scrollToStartOf(transcript.lastElementChild);
  } else {
    greet();
  }
})();
