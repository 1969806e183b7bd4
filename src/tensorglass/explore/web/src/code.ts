// Python source as elements: line numbers, and keywords, strings, comments and numbers told apart.

import { h, put, scroll } from "./dom";
import type { Code } from "./types";

const TOKEN = new RegExp(
  [
    "(?<c>#[^\\n]*)",
    "(?<s>[rbfRBF]{0,2}(?:\"\"\"[\\s\\S]*?\"\"\"|'''[\\s\\S]*?'''|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'))",
    "(?<k>\\b(?:and|as|assert|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|" +
      "lambda|None|nonlocal|not|or|pass|raise|return|True|False|try|while|with|yield)\\b)",
    "(?<d>@[\\w.]+)",
    "(?<n>\\b\\d[\\w.]*)",
  ].join("|"), "g");

export function codeView(code: Code): HTMLElement {
  const pre = h("pre");
  let at = 0;
  for (const found of code.text.matchAll(TOKEN)) {
    put(pre, code.text.slice(at, found.index));
    const kind = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    put(pre, h("span", { class: `t-${kind}` }, found[0]));
    at = found.index + found[0].length;
  }
  put(pre, code.text.slice(at).replace(/\n$/, ""));
  const count = code.text.replace(/\n$/, "").split("\n").length;
  const numbers = Array.from({ length: count }, (_, k) => code.line + k).join("\n");
  return h("figure.code",
    h("figcaption", `${code.file}:${code.line}`),
    scroll(`Source ${code.file}`,
      h("pre.lines", { "aria-hidden": "true" }, numbers), pre));
}
