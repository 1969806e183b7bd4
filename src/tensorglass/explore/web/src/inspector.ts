// Everything about one node at the current moment: formula, value, gradient, what it sends, check, source, history.

import { codeView } from "./code";
import { button, h, mathml, on, put, s, scroll } from "./dom";
import { asNumber, difference, exact, format, shapeOf } from "./model";
import { quizForm } from "./quiz";
import type { State } from "./state";
import { tensorView } from "./tensor";
import type { Formula, Node, Num, Step, Tensor } from "./types";

const MOST_RUNS = 200;

export class Inspector {
  readonly #state: State;
  readonly el = h("section.inspector", { label: "Inspector" });
  #side: "forward" | "backward" = "forward";
  #open = new Set(["source"]);

  constructor(state: State) {
    this.#state = state;
    state.onChange((what) => what !== "picture" && this.#update());
    this.#update();
  }

  #update(): void {
    const state = this.#state;
    const id = state.shown;
    if (id === undefined) {
      this.el.replaceChildren(h("p", "Nothing was recorded."));
      return;
    }
    const node = state.model.node(id), step = state.step;
    const mine = step?.node === id ? step : undefined;
    const quiz = mine && state.hidden() ? quizForm(state, mine) : undefined;
    const parts = [this.#head(node), quiz, this.#formulas(node, mine?.phase === "reverse"),
      this.#values(node, mine, !!quiz), quiz ? undefined : this.#sends(node), this.#change(mine, !!quiz), this.#check(node),
      this.#failure(node), this.#source(node), this.#madeAt(node), this.#attributes(node), quiz ? undefined : this.#history(node)];
    const keep = this.#focused();
    this.el.replaceChildren(...parts.filter((part): part is HTMLElement => !!part));
    if (keep) this.el.querySelector<HTMLElement>(keep)?.focus();
  }

  /** A way to find the focused control again after everything was drawn anew. */
  #focused(): string | undefined {
    const active = (this.el.getRootNode() as ShadowRoot).activeElement;
    const key = this.el.contains(active) ? active?.getAttribute("data-key") : null;
    return key ? `[data-key="${CSS.escape(key)}"]` : undefined;
  }

  #link(id: string): HTMLElement {
    const { model } = this.#state;
    return button(model.label(id), () => this.#state.select(id), { class: "link", "data-key": `to ${id}` });
  }

  #head(node: Node): HTMLElement {
    const state = this.#state;
    const names = [node.type === node.name ? "" : node.type, node.kind === "op" ? "" : node.kind,
      `${shapeOf(node)}${node.dtype ? ` ${node.dtype}` : ""}`, node.id];
    const here = `node ${node.id}`, type = `type ${node.type}`;
    const toggle = (key: string, text: string) => button(text, () => state.toggle(key), {
      "aria-pressed": String(state.breakpoints.has(key)), "data-key": key,
    });
    return h("header",
      h("h2", node.name), h("p.type", names.filter(Boolean).join(" · ")),
      h("p.actions", toggle(here, "Break here"), toggle(type, `Break at ${node.type}`),
        state.selected !== null && button("Back to the current step", () => state.select(null), { "data-key": "back" })));
  }

  #formulas(node: Node, reverse: boolean): HTMLElement | undefined {
    const source = this.#state.model.doc.sources?.[node.src ?? ""];
    const rules = source?.vjp ?? [];
    if (!source || (!source.formula?.latex && !source.formula?.mathml && !rules.length)) return undefined;
    const list = h("dl.formula");
    if (source.formula) put(list, h("dt", "forward"), h("dd", { class: reverse ? "" : "on" }, formula(source.formula)));
    if (rules.length) put(list, h("dt", "reverse"), h("dd", { class: reverse ? "on" : "" }, ...rules.map((f) => h("div", formula(f)))));
    return h("section", { label: "Formula" }, list);
  }

  #values(node: Node, mine: Step | undefined, hidden: boolean): HTMLElement {
    const { model, moment, mode } = this.#state;
    const el = h("section", { label: "Value and gradient", class: `values ${mode}` });
    const hide = (phase: string) => hidden && (phase === "reverse") === (mine?.phase === "reverse");
    const value = moment.values.get(node.id), gradient = moment.gradients.get(node.id);
    const show = (title: string, tensor: Tensor | null | undefined, phase: string, none: string, note?: string) => {
      const head = h("h3", { class: phase }, title);
      const line = h("div.spelt", { "aria-live": "off" });
      const cells = phase === "forward" && tensor?.data ? this.#product(node, line) : undefined;
      const body = hide(phase) ? h("p.note", "hidden until you answer")
        : tensor ? tensorView(tensor, { mark: phase, ...cells }) : h("p.note", none);
      put(el, h("div.value", head, note ? h("p.note", note) : null, body, line));
      if (tensor && !hide(phase)) this.#compared(node, tensor, phase, head);
    };
    show("value", value, "forward", node.phase && node.phase !== "forward" ? "a node of the reverse pass: see its forward node" : "not computed yet");
    const note = gradient?.pending ? `${gradient.pending} of its consumers have not sent their share yet` : undefined;
    if (gradient || this.#state.steps.some((st) => st.phase === "reverse" && st.node === node.id)) {
      show("gradient", gradient?.tensor, "reverse", "not reached yet", note);
    }
    const outputs = this.#state.steps.find((st) => st.node === node.id && st.phase === "forward" && st.i <= this.#state.at)?.outputs;
    if (outputs && outputs.length > 1 && !hide("forward")) {
      put(el, this.#fold("outputs", `all ${outputs.length} outputs`, () =>
        outputs.map((t, k) => h("div", h("h4", `output ${k}`), t ? tensorView(model.tensor(t)!) : "not recorded"))));
    }
    if (node.inputs.length) put(el, this.#inputs(node));
    return el;
  }

  /** The inputs' values; beside a matrix product the row and the column that make an element are marked in them. */
  #inputs(node: Node): HTMLElement {
    const { moment, steps, at } = this.#state;
    if (node.type === "MatMul") this.#open.add("inputs MatMul");
    return this.#fold(node.type === "MatMul" ? "inputs MatMul" : "inputs", `inputs (${node.inputs.length})`, () =>
      node.inputs.map((id, slot) => {
        const hide = this.#state.hidden() && steps[at]?.node === id;
        const tensor = moment.values.get(id);
        return h("div.input", h("h4", `${slot}: `, this.#link(id)),
          tensor && !hide ? tensorView(tensor, { small: true, mark: `input${slot}` }) : h("p.note", "not computed yet"));
      }));
  }

  #product(node: Node, line: HTMLElement): { onCell: (r: number, c: number | null) => void } | undefined {
    const [a, b] = node.inputs.map((id) => this.#state.moment.values.get(id));
    if (node.type !== "MatMul" || !a?.data || !b?.data || a.shape.length !== 2 || b.shape.length !== 2) return undefined;
    const [ta, tb] = [!!node.attrs?.transpose_a, !!node.attrs?.transpose_b];
    const inner = a.shape[ta ? 0 : 1]!;
    return {
      onCell: (r, c) => {
        this.el.querySelectorAll(".lit").forEach((cell) => cell.classList.remove("lit"));
        line.replaceChildren();
        if (c === null) return;
        const terms: string[] = [];
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const [ar, ac] = ta ? [k, r] : [r, k], [br, bc] = tb ? [c, k] : [k, c];
          for (const key of [`input0 ${ar} ${ac}`, `input1 ${br} ${bc}`]) {
            this.el.querySelector(`[data-cell="${key}"]`)?.classList.add("lit");
          }
          const x = a.data![ar * a.shape[1]! + ac]!, y = b.data![br * b.shape[1]! + bc]!;
          sum += asNumber(x) * asNumber(y);
          terms.push(`${format(x, 3)}·${format(y, 3)}`);
        }
        put(line, `[${r}, ${c}] = ${terms.join(" + ")} = ${format(sum)}`);
      },
    };
  }

  /** Beside each value: how far it is from that of the trace to compare with. */
  #compared(node: Node, tensor: Tensor, phase: string, head: HTMLElement): void {
    const other = this.#state.other;
    if (!other) return;
    const twin = other.doc.nodes.find((n) => n.name === node.name);
    const moment = twin && other.moment(this.#state.run, Infinity);
    const theirs = phase === "reverse" ? moment?.gradients.get(twin!.id)?.tensor : moment?.values.get(twin!.id);
    const far = difference(tensor, theirs ?? undefined);
    const text = !twin ? "not in the other trace" : far === undefined ? "not comparable" : far === 0 ? "same in the other trace" : `differs by ${format(far)}`;
    put(head, " ", h("small", { class: far ? "bad" : "" }, text));
  }

  #sends(node: Node): HTMLElement | undefined {
    const { model, steps, at } = this.#state;
    const step = steps.slice(0, at + 1).find((st) => st.phase === "reverse" && st.node === node.id);
    const received = steps.slice(0, at + 1).flatMap((st) =>
      (st.sends ?? []).filter((send) => send.to === node.id).map((send) => ({ from: st.node, send })));
    if (!step?.sends?.length && received.length < 2) return undefined;
    const el = h("section", { label: "Gradient sent", class: "sends" });
    for (const send of step?.sends ?? []) {
      const left = send.pending ? `${send.pending} more to come` : "complete";
      put(el, h("div.send",
        h("h3.reverse", "sends → ", this.#link(send.to), ` as input ${send.slot} `, h("small", `[${left}]`)),
        tensorView(model.tensor(send.contribution)!, { small: true })));
    }
    if (received.length > 1) {
      put(el, this.#fold("received", `received from ${received.length} consumers`, () => received.map(({ from, send }) =>
        h("div.send", h("h4", "from ", this.#link(from), ` (input ${send.slot})`),
          tensorView(model.tensor(send.contribution)!, { small: true })))));
    }
    return el;
  }

  #change(mine: Step | undefined, hidden: boolean): HTMLElement | undefined {
    const { model } = this.#state;
    const before = model.tensor(mine?.before), after = model.tensor(mine?.after);
    if (mine?.phase !== "update" || !before || hidden) return undefined;
    const el = h("section", { label: "Change" }, h("h3.update", `update: ${mine.rule ?? "assignment"}`),
      h("h4", "before"), tensorView(before, { small: true }));
    if (after?.data && before.data) {
      const data = after.data.map((v, i) => asNumber(v) - asNumber(before.data![i])), ends = data.filter(Number.isFinite);
      const most = Math.max(...ends.map(Math.abs), 0);
      const stats = { ...after.stats!, min: -most, max: most };
      put(el, h("h4", "change"), tensorView({ ...after, stats, data }, { small: true }));
    }
    return el;
  }

  #check(node: Node): HTMLElement | undefined {
    const check = this.#state.steps.find((st) => st.node === node.id && st.check)?.check;
    if (!check) return undefined;
    const part = (label: string, help: string, v: number | null | undefined) => v === null || v === undefined ? null :
      h("span", { title: help }, `${label} ${format(v, 2)} `, v <= 1e-4 ? h("span.good", "✓ agrees") : h("span.bad", "✗ differs"), " ");
    return h("section", { label: "Check", class: "check" }, h("h3", "check"), h("p",
      part("numeric", "largest difference from central differences", check.numeric_max_abs),
      part("TensorFlow", "largest difference from TensorFlow's gradient", check.tensorflow_max_abs)));
  }

  #failure(node: Node): HTMLElement | undefined {
    const { model, run } = this.#state;
    const error = model.run(run).error;
    if (!error || (error.node && error.node !== node.id)) return undefined;
    return h("section.failure", { label: "Error" },
      h("h3.bad", error.type ?? "error"), h("pre", error.message ?? ""));
  }

  #source(node: Node): HTMLElement | undefined {
    const source = this.#state.model.doc.sources?.[node.src ?? ""];
    if (!source?.forward && !source?.backward) return undefined;
    const side = source[this.#side] ? this.#side : source.forward ? "forward" : "backward";
    const tab = (which: "forward" | "backward") => source[which] && button(which, () => {
      this.#side = which;
      this.#update();
    }, { "aria-pressed": String(which === side), "data-key": `side ${which}` });
    return this.#fold("source", "source", () => [h("p.actions", tab("forward"), tab("backward")), codeView(source[side]!)]);
  }

  #madeAt(node: Node): HTMLElement | undefined {
    const made = node.made_at;
    if (!made) return undefined;
    return h("section", { label: "Made at" }, h("h3", "made at ", h("small", `${made.file}:${made.line}`)),
      scroll("Line of the program", h("code", made.text)));
  }

  #attributes(node: Node): HTMLElement | undefined {
    const entries = Object.entries(node.attrs ?? {});
    if (!entries.length) return undefined;
    return this.#fold("attributes", "attributes", () => [h("dl.attributes",
      ...entries.flatMap(([key, value]) => [h("dt", key), h("dd", typeof value === "string" ? value : JSON.stringify(value))]))]);
  }

  /** The node's last value in each run: itself where it is one number, else its norm. */
  #history(node: Node): HTMLElement | undefined {
    const { model, run } = this.#state;
    const runs = model.doc.runs.slice(0, MOST_RUNS);
    if (runs.length < 2) return undefined;
    let scalar = true;
    const found = runs.map((r): Num => {
      let last: Tensor | undefined;
      for (const st of r.steps) {
        if (st.node === node.id && st.phase !== "reverse") last = model.tensor(st.value ?? st.after) ?? last;
      }
      if (last && last.size !== 1) scalar = false;
      return last ? (last.size === 1 ? last.data?.[0] : last.stats?.l2) ?? null : null;
    });
    if (found.every((v) => v === null)) return undefined;
    const shown = found.length > 8 ? [...found.slice(0, 3), "…", ...found.slice(-4)] : found;
    return h("section", { label: "History", class: "history" },
      h("h3", "history ", h("small", scalar ? "value" : "Euclidean norm", ` after each of ${runs.length} runs`)),
      h("p", shown.map((v) => format(v)).join(" → ")), curve(found.map((v) => asNumber(v)), run));
  }

  #fold(key: string, title: string, content: () => (HTMLElement | string)[]): HTMLElement {
    const details = h("details.fold", { open: this.#open.has(key) }, h("summary", { "data-key": key }, title));
    const fill = () => details.childElementCount === 1 && put(details, ...content());
    if (this.#open.has(key)) fill();
    on(details, "toggle", () => {
      if (details.open) this.#open.add(key);
      else this.#open.delete(key);
      fill();
    });
    return details;
  }

  /** What "copy values" copies: the shown node's value and gradient, digit by digit. */
  text(): string {
    const { model, moment, shown } = this.#state;
    if (shown === undefined) return "";
    const text = (t: Tensor | null | undefined) => t?.data ? `[${t.data.map(exact).join(", ")}]` : JSON.stringify(t?.stats ?? null);
    const value = moment.values.get(shown), gradient = moment.gradients.get(shown)?.tensor;
    return [model.label(shown), value && `value ${shapeOf(value)} ${value.dtype} ${text(value)}`,
      gradient && `gradient ${shapeOf(gradient)} ${gradient.dtype} ${text(gradient)}`].filter(Boolean).join("\n");
  }
}

function formula(f: Formula): HTMLElement {
  const math = f.mathml ? mathml(f.mathml) : undefined;
  const el = h("div.math", { title: f.latex ?? "", tabindex: 0, role: "group", label: "formula" });
  if (math) el.append(math);
  else put(el, h("code", f.latex ?? ""));
  return el;
}

function curve(values: number[], current: number): HTMLElement | undefined {
  const known = values.filter(Number.isFinite);
  if (known.length < 2) return undefined;
  const low = Math.min(...known), high = Math.max(...known);
  const at = (v: number, k: number): [number, number] => [4 + (k * 192) / (values.length - 1), 36 - (32 * (v - low)) / (high - low || 1)];
  const points = values.flatMap((v, k) => (Number.isFinite(v) ? [at(v, k)] : []));
  const here = Number.isFinite(values[current]) ? at(values[current]!, current) : undefined;
  return h("figure.curve", s("svg", { viewBox: "0 0 200 40", role: "img", label: `from ${format(known[0]!)} to ${format(known[known.length - 1]!)}` },
    s("polyline", { points: points.map((p) => p.join()).join(" ") }), here && s("circle", { cx: here[0], cy: here[1], r: 3 })));
}
