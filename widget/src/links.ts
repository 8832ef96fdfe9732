/** Telephone numbers and named sites in running text become links; nothing else does. */

import { node, outsideLink } from "./dom";
import { WORDS } from "./words";

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
  "gi",
);
const KEYPAD = ["", "", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

const dialled = (number: string): string =>
  number
    .toUpperCase()
    .replace(/[A-Z]/g, (letter) => String(KEYPAD.findIndex((key) => key.includes(letter))))
    .replace(/(?!^\+)\D/g, "");

/** A web address that may be linked to, or null. */
export function webUrl(url: string): URL | null {
  try {
    const parsed = new URL(url);
    return /^https?:$/.test(parsed.protocol) ? parsed : null;
  } catch {
    return null;
  }
}

function linkFor(found: string, line: string, sites: Map<string, string>): Node | null {
  if (/^(?:[a-z0-9-]+\.)+[a-z]+$/i.test(found)) {
    const url = sites.get(found.toLowerCase());
    return url ? outsideLink(url, found, WORDS.newTab) : null;
  }
  if (/^\d{3}$/.test(found) && !OF_CALLING.test(line)) return null;
  const link = node("a", "tel", found);
  link.href = `tel:${dialled(found)}`;
  return link;
}

/** The line as text and links. Part of a longer number or word is never a link. */
export function linked(line: string, sites = new Map<string, string>()): (Node | string)[] {
  const parts: (Node | string)[] = [];
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
