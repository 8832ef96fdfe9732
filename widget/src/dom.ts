/** Nodes without HTML text: whatever a person or a server writes stays text. */

type Child = Node | string;

/** An element with a class (may be empty) and children. */
export function node<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = "",
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A button that is named by its text or, where it shows an icon, by `label`. */
export function button(
  content: Child,
  onPress: () => void,
  className = "",
  label = "",
): HTMLButtonElement {
  const element = node("button", className, content);
  element.type = "button";
  if (label) {
    element.setAttribute("aria-label", label);
    element.title = label;
  }
  element.addEventListener("click", onPress);
  return element;
}

/** Text for screen readers only. */
export const forReaders = (text: string): HTMLSpanElement => node("span", "for-readers", text);

/** A link to another site; the page it is on is not told to that site. */
export function outsideLink(url: string, words: string, newTab: string): HTMLAnchorElement {
  const link = node("a", "", words, forReaders(newTab));
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

const SVG = "http://www.w3.org/2000/svg";

/** An icon of one path in a box of 24 by 24; hidden from screen readers. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  chat: "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-7l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z",
  close: "M6 6l12 12M18 6L6 18",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  up: "M7 11v9H4v-9zM7 11l4-8c1.5 0 2.5 1 2.5 2.5V9H19a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.800 20H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-1.500 0-2.500-1-2.500-2.500V15H5a2 2 0 0 1-2-2.300l1.200-7A2 2 0 0 1 6.200 4H17",
} as const;
