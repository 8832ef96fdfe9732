/** The way to the server: Socket.IO, a session that is joined anew after every reconnect. */

import { io, type Socket } from "socket.io-client";
import type { Answer, Entry } from "./types";

const ANSWER_MS = 30000;
const REQUEST_MS = 10000;

export interface Listener {
  /** The session is joined: what waits may be sent. */
  ready(): void;
  /** The connection is gone, or could not be made. */
  lost(): void;
  answer(answer: Answer): void;
}

export class Connection {
  private readonly socket: Socket;
  private joined = false;
  private explained = false;

  constructor(
    private readonly server: URL,
    private readonly session: () => string,
    private readonly listener: Listener,
  ) {
    this.socket = io(server.origin, {
      path: `${server.pathname}socket.io`,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 5000,
      autoConnect: false,
      forceNew: true,
    });
    this.socket.on("connect", () => this.join());
    this.socket.on("session_confirm", (session: unknown) => {
      if (session !== this.session()) return;
      this.joined = true;
      listener.ready();
    });
    this.socket.on("bot_uttered", (answer: unknown) => {
      if (answer && typeof answer === "object") listener.answer(answer as Answer);
    });
    this.socket.on("disconnect", () => this.lose());
    this.socket.on("connect_error", () => {
      this.explain();
      this.lose();
    });
  }

  get isReady(): boolean {
    return this.joined && this.socket.connected;
  }

  open(): void {
    this.socket.connect();
  }

  close(): void {
    this.socket.disconnect();
  }

  /** Join the session that is now the person's. */
  join(): void {
    this.joined = false;
    if (this.socket.connected) {
      this.socket.emit("session_request", { session_id: this.session() });
    }
  }

  /**
   * Send a message; resolves when the server has said all it says, or is known not to.
   * False when the connection was lost over it.
   */
  async send(entry: Entry, again: boolean): Promise<boolean> {
    const data = {
      session_id: this.session(),
      message_id: entry.id,
      message: entry.send,
      again,
      metadata: entry.about ? { about: entry.about } : {},
    };
    const acknowledged = await this.acknowledged("user_uttered", data, ANSWER_MS);
    return acknowledged || this.socket.connected;
  }

  /** Ask the server to delete the conversation; false when it did not say that it has. */
  async forget(): Promise<boolean> {
    if (!this.isReady) return false;
    const data = { session_id: this.session() };
    return this.acknowledged("delete_conversation", data, REQUEST_MS);
  }

  private async acknowledged(event: string, data: object, limit: number): Promise<boolean> {
    let leave: () => void = () => undefined;
    const gone = new Promise<false>((resolve) => {
      leave = () => resolve(false);
      this.socket.once("disconnect", leave);
    });
    const done = this.socket
      .timeout(limit)
      .emitWithAck(event, data)
      .then((ack: unknown) => ack === true)
      .catch(() => false);
    try {
      return await Promise.race([done, gone]);
    } finally {
      this.socket.off("disconnect", leave);
    }
  }

  private lose(): void {
    this.joined = false;
    this.listener.lost();
  }

  private explain(): void {
    if (this.explained) return;
    this.explained = true;
    const allow =
      this.server.origin === location.origin
        ? ""
        : ` If it runs, it has to allow this site: MESOGUIDE_ORIGINS=${location.origin}`;
    console.warn(`meso-guide: no connection to ${this.server.href}.${allow}`);
  }
}
