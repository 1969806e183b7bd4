// Python source as elements: line numbers, and keywords, strings, comments and numbers told apart.

import { h, scroll } from "./dom";
import type { Code } from "./types";

export function codeView({ file, line, text, tokens = [] }: Code): HTMLElement {
  const pre = h("pre");
  let at = 0;
  // Triples: how much plain text comes first, how long the token is, and its kind.
  for (let k = 0; k < tokens.length; k += 3) {
    const start = at + (tokens[k] as number), end = start + (tokens[k + 1] as number);
    pre.append(text.slice(at, start), h("span", { class: `t-${tokens[k + 2]}` }, text.slice(start, end)));
    at = end;
  }
  pre.append(text.slice(at).trimEnd());
  const numbers = text.trimEnd().split("\n").map((_, k) => line + k).join("\n");
  return h("figure.code", h("figcaption", `${file}:${line}`),
    scroll(`Source ${file}`, h("pre.lines", { "aria-hidden": "true" }, numbers), pre));
}
