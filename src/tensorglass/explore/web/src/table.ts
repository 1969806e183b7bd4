// The trace as a table: everything the picture and the inspector show, row by row.

import { button, fill, h, headings, mark, put, scroll } from "./dom";
import { format, shapeOf } from "./model";
import type { State } from "./state";
import { badge } from "./tensor";
import type { Step, Tensor } from "./types";

const PAGE = 300; // rows at a time

export type TableView = ReturnType<typeof tableView>;

export function tableView(state: State) {
  const { model } = state;
  const el = h("section.table-view", { label: "Table of all steps", hidden: true });
  let built = -1;
  let rows: HTMLTableRowElement[] = [];
  state.onChange(update);
  return { el, show };

  function show(on: boolean): void {
    el.hidden = !on;
    update();
  }

  function update(): void {
    if (el.hidden) return;
    if (built !== state.run) build();
    rows.forEach((tr, i) => mark(tr, "aria-current", i === state.at ? "step" : undefined));
    // What is still to be guessed is not given away here.
    el.classList.toggle("hide", state.hidden());
  }

  function build(): void {
    const { run, steps } = state;
    const { wall_us, peak_bytes, order, left_out } = model.run(run);
    const body = h("tbody");
    const more = h("p.actions");
    const facts = [`Run ${run + 1} of ${model.doc.runs.length}: ${steps.length} steps`, wall_us && `${format(wall_us)} µs`,
      peak_bytes && `at most ${peak_bytes} bytes at once`, order?.algorithm && `order: ${order.algorithm}`,
      left_out && `${left_out} steps left out`];
    built = run;
    rows = [];
    const next = () => {
      const found = steps.slice(rows.length, rows.length + PAGE).map((step, k) => row(step, rows.length + k));
      rows.push(...found);
      put(body, found);
      fill(more, rows.length < steps.length && button(`${steps.length - rows.length} more steps`, next));
    };
    next();
    fill(el, scroll("Steps", h("table.steps", h("caption", facts.filter(Boolean).join(", ")),
      headings("step phase node type inputs result sends time made\u00a0at".split(" ")), body)), more);
  }

  function row(step: Step, i: number): HTMLTableRowElement {
    const node = model.node(step.node);
    const sends = step.sends?.map((send) =>
      h("div", `${model.label(send.to)} (input ${send.slot}${send.pending ? `, ${send.pending} more to come` : ""}): `, values(model.tensor(send.contribution))));
    const check = step.check && [step.check.numeric_max_abs, step.check.tensorflow_max_abs].filter((v) => v !== null && v !== undefined)
      .map((v) => format(v!, 2)).join(", ");
    return h("tr",
      h("th", { scope: "row" }, button(`${i + 1}`, () => state.go(i), { label: `Go to step ${i + 1}` })),
      h(`td.${step.phase}`, {}, step.phase), h("td", node.name), h("td", step.phase === "update" ? step.rule ?? node.type : node.type),
      h("td", node.inputs.map((id) => model.label(id)).join(", ")),
      h("td.result",
        step.before && h("div", "before ", values(model.tensor(step.before))),
        values(state.result(step)), check && h("div", `check ${check}`)),
      h("td", sends), h("td", step.t_us === undefined ? "" : `${format(step.t_us, 3)} µs`),
      h("td", node.made_at ? `${node.made_at.file}:${node.made_at.line}` : ""));
  }
}

function values(t: Tensor | undefined): HTMLElement {
  if (!t) return h("span", "–");
  const { min, max, mean } = t.stats ?? {};
  const text = t.data ? nested(t.data.map((v) => format(v)), t.shape)
    : t.stats ? `from ${format(min ?? null)} to ${format(max ?? null)}, mean ${format(mean ?? null)}` : "";
  return h("span", `${shapeOf(t)} ${t.dtype} `, badge(t), " ", text);
}

/** Values in brackets, as an array is printed. */
function nested(data: string[], shape: number[]): string {
  if (!shape.length) return data[0] ?? "";
  const [n, ...rest] = shape as [number, ...number[]];
  const each = n ? data.length / n : 0;
  const parts = Array.from({ length: n }, (_, i) => nested(data.slice(i * each, (i + 1) * each), rest));
  return `[${parts.join(", ")}]`;
}
