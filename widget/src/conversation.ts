/** What was said, what still has to go out, and how it survives reloads and lost connections. */

import { Connection } from "./connection";
import { isHeldElsewhere, newId, TabStorage } from "./storage";
import type { Answer, Entry, Reply } from "./types";

const KEPT_ENTRIES = 300;
export const GREETING = "/greet";

/** Who is told of changes. */
export interface View {
  /** Show the entry, or show it anew. */
  show(entry: Entry): void;
  /** A new reply to the entry has arrived. */
  replied(entry: Entry, reply: Reply): void;
  removed(entry: Entry): void;
  waiting(isWaiting: boolean): void;
  connected(isConnected: boolean): void;
}

export class Conversation {
  entries: Entry[] = [];
  private session = "";
  private flight: Entry | null = null;
  private leaving = false;
  private readonly connection: Connection;

  constructor(
    server: URL,
    private readonly storage: TabStorage,
    private readonly view: View,
  ) {
    this.connection = new Connection(server, () => this.session, {
      ready: () => {
        view.connected(true);
        // What died with a connection that only seemed to live goes out again, in its place.
        this.entries
          .filter((one) => one.status === "failed" && one.tried && !one.replies.length)
          .forEach((one) => this.wait(one));
        void this.flush();
      },
      lost: () => view.connected(false),
      answer: (answer) => this.take(answer),
    });
  }

  /** Go on where this tab was, or begin. Returns whether there was something to go on with. */
  async begin(): Promise<boolean> {
    const kept = this.storage.read("session");
    const before = readEntries(this.storage.read("entries"));
    if (kept && /^[0-9a-f]{32}$/.test(kept) && !(await isHeldElsewhere(kept))) {
      this.session = kept;
      this.entries = before;
      this.entries.forEach((entry) => this.view.show(entry));
    } else {
      this.renew();
    }
    return this.entries.length > 0;
  }

  /** Connect; greets when nothing was said yet. */
  open(): void {
    if (!this.entries.length) this.say("", GREETING);
    this.connection.open();
  }

  close(): void {
    this.connection.close();
  }

  /** Say something: shown as `text`, sent as `send`. Without text, only the replies are shown. */
  say(text: string, send = text, about?: string): void {
    // A greeting that never arrived is not missed once the person has spoken.
    this.entries
      .filter((one) => one.send === GREETING && !one.replies.length && one !== this.flight)
      .forEach((one) => this.drop(one));
    const entry: Entry = {
      id: newId(),
      text,
      send,
      hidden: text === "",
      status: "waiting",
      tried: false,
      replies: [],
      ...(about === undefined ? {} : { about }),
    };
    this.entries.push(entry);
    this.save();
    this.view.show(entry);
    void this.flush();
  }

  again(entry: Entry): void {
    this.wait(entry);
    void this.flush();
  }

  private wait(entry: Entry): void {
    entry.status = "waiting";
    this.save();
    this.view.show(entry);
  }

  rate(entry: Entry, rating: "up" | "down"): void {
    entry.rated = rating;
    this.save();
    this.say("", rating === "up" ? "/feedback_positive" : "/feedback_negative", entry.id);
  }

  /** Begin a new conversation on this page; the old one stays on the server. */
  startOver(): void {
    this.clear();
    this.connection.join(); // before anything is sent into the new session
    this.say("", GREETING);
  }

  /** Delete the conversation on the server and here; false, and it stays here, without its word. */
  async forget(): Promise<boolean> {
    this.leaving = true; // nothing more may be sent into a conversation that is being deleted
    const done = await this.connection.forget();
    this.leaving = false;
    if (done) {
      this.clear();
      this.connection.join();
    } else {
      void this.flush();
    }
    return done;
  }

  /** The questions that the server has gathered, the latest list. */
  get gathered(): string[] {
    const lists = this.entries.flatMap((entry) => entry.replies.map((reply) => reply.questions));
    return lists.filter((list) => list !== undefined).pop() ?? [];
  }

  private clear(): void {
    [...this.entries].forEach((entry) => this.drop(entry));
    this.flight = null;
    this.view.waiting(false);
    this.renew();
  }

  private renew(): void {
    this.session = newId();
    this.storage.write("session", this.session);
    void isHeldElsewhere(this.session); // holds it
    this.entries = [];
    this.save();
  }

  private drop(entry: Entry): void {
    this.entries = this.entries.filter((one) => one !== entry);
    this.save();
    this.view.removed(entry);
  }

  /** Send what waits, one at a time and in order. */
  private async flush(): Promise<void> {
    if (this.flight || this.leaving || !this.connection.isReady) return;
    const entry = this.entries.find((one) => one.status === "waiting");
    if (!entry) return;
    this.flight = entry;
    this.view.waiting(true);
    const again = entry.tried;
    entry.tried = true;
    this.save();
    const held = await this.connection.send(entry, again);
    if (this.flight !== entry) return; // started over meanwhile
    this.flight = null;
    this.view.waiting(false);
    if (!held) return; // it waits; the next connection takes it
    entry.status = entry.replies.length ? "answered" : "failed";
    this.save();
    // An answer is drawn already: whoever reads it, or opened its sources, is not disturbed.
    if (entry.status === "failed") this.view.show(entry);
    await this.flush();
  }

  private take(answer: Answer): void {
    const { reply_to: id, ...reply } = answer;
    const entry = this.entries.find((one) => one.id === id);
    // Texts for clients without data, and what was answered already, are passed over.
    if (!entry || !isReply(reply) || entry.replies.length) return;
    entry.replies.push(reply);
    if (entry.status === "failed") entry.status = "answered"; // late, but here
    this.save();
    this.view.replied(entry, reply);
  }

  private save(): void {
    this.storage.write("entries", JSON.stringify(this.entries.slice(-KEPT_ENTRIES)));
  }
}

const isReply = (reply: Partial<Reply> | null | undefined): reply is Reply =>
  typeof reply?.type === "string" && typeof reply.text === "string" && reply.text.trim() !== "";

function readEntries(kept: string | null): Entry[] {
  try {
    const entries: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: Partial<Entry> | null): entry is Entry {
  return (
    typeof entry?.id === "string" &&
    typeof entry.text === "string" &&
    typeof entry.send === "string" &&
    Array.isArray(entry.replies) &&
    entry.replies.every(isReply)
  );
}
