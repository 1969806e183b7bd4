// Elements made without markup: whatever comes from a document becomes a text node or an attribute's value.

export type Child = globalThis.Node | string | number | null | undefined | false | Child[];
type Props = Record<string, unknown>;

const SVG = "http://www.w3.org/2000/svg";

function make<T extends Element>(el: T, classes: string[], rest: (Props | Child)[]): T {
  const first = rest[0];
  const plain = first?.constructor === Object;
  const props = plain ? (rest.shift() as Props) : {};
  if (classes.length) el.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "label") el.setAttribute("aria-label", String(value));
    else if (key === "style") Object.assign((el as unknown as HTMLElement).style, value);
    else if (key.startsWith("on")) el.addEventListener(key.slice(2), value as EventListener);
    else el.setAttribute(key, value === true ? "" : String(value));
  }
  put(el, ...(rest as Child[]));
  return el;
}

export function on<K extends keyof HTMLElementEventMap>(
  el: EventTarget, kind: K, listener: (e: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions,
): void {
  el.addEventListener(kind, listener as EventListener, options);
}

/** Adds `children` to `el`; what is null, undefined or false is left out. */
export function put(el: ParentNode, ...children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) put(el, ...child);
    else if (child !== null && child !== undefined && child !== false) el.append(child as string);
  }
}

/** `put` in the place of what is there. */
export function fill(el: ParentNode, ...children: Child[]): void {
  el.replaceChildren();
  put(el, children);
}

/** Sets an attribute, or takes it away where `value` is undefined. */
export function mark(el: Element, name: string, value: unknown): void {
  if (value === undefined) el.removeAttribute(name);
  else el.setAttribute(name, String(value));
}

/** The finite ones of `values`. */
export const finite = (values: number[]): number[] => values.filter(Number.isFinite);

/** An element of HTML: `h("p.note", { id: 1 }, "text")`. Attributes may be left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`, ...rest: (Props | Child)[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  return make(document.createElement(name!) as HTMLElementTagNameMap[K], classes, rest);
}

/** The same for SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K | `${K}.${string}`, ...rest: (Props | Child)[]
): SVGElementTagNameMap[K] {
  const [name, ...classes] = tag.split(".");
  return make(document.createElementNS(SVG, name!) as SVGElementTagNameMap[K], classes, rest);
}

/** A part that scrolls by itself, also from the keyboard. */
export function scroll(label: string, ...children: Child[]): HTMLElement {
  return h("div.scroll", { tabindex: 0, role: "group", label }, ...children);
}

/** The first row of a table. */
export const headings = (names: string[]): HTMLElement =>
  h("thead", h("tr", names.map((name) => h("th", { scope: "col" }, name))));

const ICONS = {
  first: "M4 3v10M13 3 6 8l7 5z",
  back: "M12 3 4 8l8 5z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M5 3v10M11 3v10",
  next: "M4 3l8 5-8 5z",
  last: "M12 3v10M3 3l7 5-7 5z",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
} as const;

export type Icon = keyof typeof ICONS;

/** An icon drawn here: the symbols for it are missing from many fonts. */
export function icon(name: Icon): SVGSVGElement {
  return s("svg", { class: `icon ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("path", { d: ICONS[name] }));
}

export function button(label: string, on: () => void, props: Props = {}, ...children: Child[]): HTMLButtonElement {
  const named = children.length ? { label, title: label } : {};
  return h("button", { type: "button", onclick: on, ...named, ...props }, ...(children.length ? children : [label]));
}

const MATHML = "http://www.w3.org/1998/Math/MathML";
const TAG = /^(math|m(row|i|n|o|text|space|frac|sqrt|root|style|padded|su(b|p|bsup)|under|over|underover|table|tr|td))$/;
const ATTRIBUTES = new Set(
  ("display form mathvariant stretchy fence separator accent accentunder lspace rspace width linethickness columnalign " +
    "columnspacing rowspacing displaystyle scriptlevel movablelimits minsize maxsize").split(" "),
);
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex, dec, name) => {
    const code = hex ? parseInt(hex, 16) : dec ? parseInt(dec, 10) : -1;
    if (code >= 0) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    return ENTITIES[name] ?? all;
  });
}

/** MathML as elements. Only names of MathML's presentation elements pass; anything else gives undefined. */
export function mathml(text: string): Element | undefined {
  const root = document.createElementNS(MATHML, "mrow");
  const open: Element[] = [root];
  const token = /<(\/?)([a-z]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    at = token.lastIndex;
    const top = open[open.length - 1]!;
    const [, close, name, attributes, empty, words] = found;
    if (words !== undefined) {
      if (words.trim()) top.append(plain(words));
    } else if (close) {
      if (top.localName !== name || open.length === 1) return undefined;
      open.pop();
    } else {
      if (!TAG.test(name!)) return undefined;
      const el = document.createElementNS(MATHML, name!);
      for (const [, key, a, b] of (attributes ?? "").matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
        if (ATTRIBUTES.has(key!)) el.setAttribute(key!, plain(a ?? b ?? ""));
      }
      top.append(el);
      if (!empty) open.push(el);
    }
  }
  const math = root.firstElementChild;
  return at === text.length && open.length === 1 && math?.localName === "math" ? math : undefined;
}
