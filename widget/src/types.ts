/** One reply of the assistant as data; the server's contract is reply.schema.json. */
export interface Reply {
  type: string;
  topic?: string | null;
  text: string;
  reminder?: string | null;
  intro?: string[];
  quotes?: Quote[];
  facts?: Fact[];
  suggestions?: Suggestion[];
  questions?: string[];
}

export interface Quote {
  id: string;
  text: string;
  paragraph: number;
}

export interface Fact {
  id: string;
  text: string;
  title: string;
  publisher: string;
  url: string;
  dated: string;
}

export interface Suggestion {
  title: string;
  payload: string;
}

/** What the server sends as `bot_uttered`: a reply, and the message that it answers. */
export interface Answer extends Reply {
  reply_to?: string;
}

export type Status = "waiting" | "answered" | "failed";

/**
 * A message of the person with the replies to it.
 *
 * `text` is what is shown, `send` what the server gets; a hidden message (the greeting, a thumb)
 * shows its replies only. `tried` is set once it has left this page, so that the server looks
 * whether it has answered it already.
 */
export interface Entry {
  id: string;
  text: string;
  send: string;
  hidden: boolean;
  status: Status;
  tried: boolean;
  replies: Reply[];
  rated?: "up" | "down";
  about?: string;
}
