// The trace as a table: everything the picture and the inspector show, row by row.

import { button, h, put, scroll } from "./dom";
import { format, shapeOf } from "./model";
import type { State } from "./state";
import { badge } from "./tensor";
import type { Step, Tensor } from "./types";

const PAGE = 300; // rows at a time

export class TableView {
  readonly #state: State;
  readonly el = h("section.table-view", { label: "Table of all steps", hidden: true });
  #built = -1;
  #rows: HTMLTableRowElement[] = [];

  constructor(state: State) {
    this.#state = state;
    state.onChange(() => this.#update());
  }

  show(on: boolean): void {
    this.el.hidden = !on;
    this.#update();
  }

  #update(): void {
    if (this.el.hidden) return;
    const state = this.#state;
    if (this.#built !== state.run) this.#build();
    this.#rows.forEach((row, i) => {
      if (i === state.at) row.setAttribute("aria-current", "step");
      else row.removeAttribute("aria-current");
    });
    // What is still to be guessed is not given away here.
    this.el.classList.toggle("hide", state.hidden());
  }

  #build(): void {
    const state = this.#state;
    const { model } = state;
    this.#built = state.run;
    this.#rows = [];
    const columns = ["step", "phase", "node", "type", "inputs", "result", "sends", "time", "made at"];
    const body = h("tbody");
    const more = h("p.actions");
    const steps = state.steps;
    const fill = () => {
      const next = steps.slice(this.#rows.length, this.#rows.length + PAGE);
      next.forEach((step) => {
        const row = this.#row(step, this.#rows.length);
        this.#rows.push(row);
        body.append(row);
      });
      more.replaceChildren();
      if (this.#rows.length < steps.length) put(more, button(`${steps.length - this.#rows.length} more steps`, () => fill()));
    };
    fill();
    const run = model.run(state.run);
    const facts = [run.wall_us && `${format(run.wall_us)} µs`, run.peak_bytes && `at most ${run.peak_bytes} bytes at once`,
      run.order?.algorithm && `order: ${run.order.algorithm}`, run.left_out && `${run.left_out} steps left out`];
    this.el.replaceChildren(
      scroll("Steps",
        h("table.steps",
          h("caption", `Run ${state.run + 1} of ${model.doc.runs.length}: ${steps.length} steps`, ...facts.filter(Boolean).map((f) => `, ${f}`)),
          h("thead", h("tr", ...columns.map((c) => h("th", { scope: "col" }, c)))), body)), more);
  }

  #row(step: Step, i: number): HTMLTableRowElement {
    const state = this.#state;
    const { model } = state;
    const node = model.node(step.node);
    const sends = (step.sends ?? []).map((send) =>
      h("div", `${model.label(send.to)} (input ${send.slot}${send.pending ? `, ${send.pending} more to come` : ""}): `, values(model.tensor(send.contribution))));
    const result = state.result(step);
    const check = step.check && [step.check.numeric_max_abs, step.check.tensorflow_max_abs].filter((v) => v !== null && v !== undefined)
      .map((v) => format(v!, 2)).join(", ");
    return h("tr",
      h("th", { scope: "row" }, button(String(i + 1), () => state.go(i), { label: `Go to step ${i + 1}` })),
      h(`td.${step.phase}`, {}, step.phase), h("td", node.name), h("td", step.phase === "update" ? step.rule ?? node.type : node.type),
      h("td", node.inputs.map((id) => model.label(id)).join(", ")),
      h("td.result",
        step.before ? h("div", "before ", values(model.tensor(step.before))) : null,
        values(result), check ? h("div", `check ${check}`) : null),
      h("td", ...sends), h("td", step.t_us === undefined ? "" : `${format(step.t_us, 3)} µs`),
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
