// A tensor as a table with heat, or as statistics, histogram and sample where it is large.

import { h, on, put, s, scroll } from "./dom";
import { asNumber, exact, format, heat, isBad, isText, scaleOf, shapeOf } from "./model";
import type { Num, Tensor } from "./types";

export interface Options {
  small?: boolean; // no statistics
  onCell?: (row: number, column: number | null) => void; // a cell is pointed at or focused; null: no more
  mark?: string; // a name by which cells can be found
}

const HELP: [keyof NonNullable<Tensor["stats"]>, string, string][] = [
  ["min", "min", "the least element"], ["max", "max", "the greatest element"],
  ["mean", "mean", "the arithmetic mean of the elements"],
  ["std", "σ", "the standard deviation: root of the mean squared distance from the mean"],
  ["l2", "‖·‖", "the Euclidean norm: root of the sum of squares"],
  ["zeros", "zeros", "how many elements are zero"],
];

/** What only pages with a server have: a way to see parts of a large value. */
export const served: { part?: (t: Tensor, mark?: string) => HTMLElement } = {};

export function tensorView(t: Tensor, options: Options = {}): HTMLElement {
  const el = h("div.tensor");
  if (!options.small) put(el, h("p.type", `${shapeOf(t)} ${t.dtype}`, " ", badge(t)), statistics(t));
  else if (isBad(t)) put(el, badge(t));
  if (t.thumb?.startsWith("data:image/png;base64,")) put(el, h("img.thumb", { src: t.thumb, alt: "the values as an image" }));
  if (t.data) put(el, t.size ? full(t, t.data, options) : h("p", "no elements"));
  else {
    if (t.hist && !options.small) put(el, histogram(t.hist));
    if (t.sample) {
      const { rows, cols, data } = t.sample;
      put(el, h("p.note", "A sample of rows and columns:"),
        scroll("sample of values", matrix(data, cols.length, scaleOf(t), rows, cols, {})));
    }
    if (!options.small && t.kept !== undefined) put(el, served.part?.(t, options.mark));
  }
  return el;
}

export function badge(t: Tensor): HTMLElement | null {
  if (!isBad(t)) return null;
  const { nan, inf } = t.stats!;
  const parts = [nan ? `${nan} NaN` : "", inf ? `${inf} ∞` : ""].filter(Boolean);
  return h("strong.bad", parts.join(", "));
}

function statistics(t: Tensor): HTMLElement | null {
  if (!t.stats || t.size < 2) return null;
  const list = h("dl.stats");
  for (const [key, label, help] of HELP) {
    const value = t.stats[key];
    if (value === null || value === undefined || (key === "zeros" && !value)) continue;
    put(list, h("div", { title: `${help}: ${exact(value)}` },
      h("dt", h("abbr", { title: help, tabindex: 0 }, label)), h("dd", format(value))));
  }
  return list;
}

/** All elements: the last axis to the right, the one before it downwards, further axes as one table each. */
function full(t: Tensor, data: Num[], options: Options): HTMLElement {
  const columns = t.shape.length ? t.shape[t.shape.length - 1]! : 1;
  const rows = t.shape.length > 1 ? t.shape[t.shape.length - 2]! : 1;
  const each = Math.max(rows * columns, 1), scale = scaleOf(t);
  const el = h("div.tables");
  for (let start = 0; start < data.length; start += each) {
    const part = data.slice(start, start + each);
    const lead = t.shape.slice(0, -2);
    let rest = start / each;
    const at = lead.map((_, k) => {
      const below = lead.slice(k + 1).reduce((a, b) => a * b, 1), index = Math.floor(rest / below);
      rest %= below;
      return index;
    });
    if (lead.length) put(el, h("p.note", `[${at.join(", ")}, :, :]`));
    put(el, matrix(part, columns, scale, t.rows ?? range(rows), t.cols ?? range(columns), options));
  }
  return scroll("values", el);
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function matrix(
  data: Num[], columns: number, scale: number, rowNames: number[], names: number[], options: Options,
): HTMLTableElement {
  const single = data.length === 1;
  const table = h("table.matrix");
  if (!single) {
    put(table, h("thead", h("tr", h("td"), ...names.map((c) => h("th", { scope: "col" }, c)))));
  }
  const body = h("tbody");
  for (let r = 0; r * columns < data.length; r++) {
    const row = h("tr", !single && h("th", { scope: "row" }, rowNames[r] ?? r));
    for (let c = 0; c < columns; c++) {
      const v = data[r * columns + c]!;
      const text = isText(v);
      const { part, sign } = heat(asNumber(v), scale);
      const cell = h("td", { class: text ? "text" : `heat ${sign}`, title: exact(v), "data-cell": `${options.mark ?? ""} ${r} ${c}` }, format(v));
      if (!text) cell.style.setProperty("--part", `${Math.round(part * 60)}%`);
      const point = options.onCell;
      if (point) {
        cell.tabIndex = 0;
        for (const kind of ["pointerenter", "focus"] as const) on(cell, kind, () => point(r, c));
        for (const kind of ["pointerleave", "blur"] as const) on(cell, kind, () => point(r, null));
      }
      put(row, cell);
    }
    put(body, row);
  }
  put(table, body);
  return table;
}

function histogram({ lo, hi, counts }: { lo: number; hi: number; counts: number[] }): HTMLElement {
  const most = Math.max(...counts, 1), step = (hi - lo) / counts.length;
  const bars = counts.map((n, k) => s("rect", { x: k * 12, y: 60 - (56 * n) / most, width: 11, height: (56 * n) / most },
    s("title", `${format(lo + k * step)} to ${format(lo + (k + 1) * step)}: ${n}`)));
  return h("figure.hist",
    s("svg", { viewBox: `0 0 ${counts.length * 12} 60`, role: "img", label: `Histogram from ${format(lo)} to ${format(hi)}: ${counts.join(", ")}` }, ...bars),
    h("figcaption", h("span", format(lo)), h("span", format(hi))));
}
