// Everything about one node at the current moment: formula, value, gradient, what it sends, check, source, history.

import { codeView } from "./code";
import { checked, differs } from "./compare";
import { button, fill, finite, h, icon, mathml, on, put, s, scroll, type Child } from "./dom";
import { asNumber, describe, exact, format, shapeOf } from "./model";
import { quizForm } from "./quiz";
import type { State } from "./state";
import { tensorView } from "./tensor";
import type { Code, Formula, Inner, Node, Num, Step, Tensor, Turns } from "./types";

const MOST_RUNS = 200;

export type Inspector = ReturnType<typeof inspector>;

export function inspector(state: State) {
  const { model } = state;
  const el = h("section.inspector", { label: "Inspector" });
  const open = new Set(["source"]);
  const codes = new Map<Code, HTMLElement>();
  const turn = new Map<string, number>(); // which turn of a loop is shown
  let side: "forward" | "backward" = "forward";
  state.onChange((what) => what !== "picture" && update());
  update();
  return { el, text };

  function update(): void {
    const id = state.shown;
    if (id === undefined) {
      fill(el, h("p", "Nothing was recorded."));
      return;
    }
    const node = model.node(id), { step } = state;
    const mine = step?.node === id ? step : undefined;
    const quiz = mine && state.hidden() ? quizForm(state, mine) : undefined;
    const keep = focused();
    fill(el, head(node), quiz, formulas(node, mine?.phase === "reverse"), values(node, mine, !!quiz),
      !quiz && [sends(node), inside(node)], change(mine, !!quiz), check(node), failure(node), source(node), madeAt(node),
      attributes(node), !quiz && history(node));
    if (keep) el.querySelector<HTMLElement>(keep)?.focus();
  }

  /** A way to find the focused control again after everything was drawn anew. */
  function focused(): string | undefined {
    const active = (el.getRootNode() as ShadowRoot).activeElement;
    const key = el.contains(active) ? active?.getAttribute("data-key") : null;
    return key ? `[data-key="${CSS.escape(key)}"]` : undefined;
  }

  function link(id: string): HTMLElement {
    return button(model.label(id), () => state.select(id), { class: "link", "data-key": `to ${id}` });
  }

  function head(node: Node): HTMLElement {
    const names = [node.type === node.name ? "" : node.type, node.kind === "op" ? "" : node.kind,
      `${shapeOf(node)}${node.dtype ? ` ${node.dtype}` : ""}`, node.id];
    const toggle = (key: string, words: string) => button(words, () => state.toggle(key), {
      "aria-pressed": `${state.breakpoints.has(key)}`, "data-key": key,
    });
    return h("header",
      h("h2", node.name), h("p.type", names.filter(Boolean).join(" · ")),
      h("p.actions", toggle(`node ${node.id}`, "Break here"), toggle(`type ${node.type}`, `Break at ${node.type}`),
        state.selected !== null && button("Back to the current step", () => state.select(null), { "data-key": "back" })));
  }

  function formulas(node: Node, reverse: boolean): HTMLElement | undefined {
    const found = model.doc.sources?.[node.src ?? ""], latex = found?.formula, rules = found?.vjp ?? [];
    if (!latex?.latex && !latex?.mathml && !rules.length) return undefined;
    return h("section", { label: "Formula" }, h("dl.formula",
      latex && [h("dt", "forward"), h("dd", { class: reverse ? "" : "on" }, formula(latex))],
      rules.length > 0 && [h("dt", "reverse"), h("dd", { class: reverse ? "on" : "" }, rules.map((f) => h("div", formula(f))))]));
  }

  function values(node: Node, mine: Step | undefined, hidden: boolean): HTMLElement {
    const { moment, mode, steps, at } = state;
    const section = h("section", { label: "Value and gradient", class: `values ${mode}` });
    const hide = (phase: string) => hidden && (phase === "reverse") === (mine?.phase === "reverse");
    const value = moment.values.get(node.id), gradient = moment.gradients.get(node.id);
    const line = h("div.spelt"), cells = value?.data && product(node, line);
    const show = (title: string, tensor: Tensor | null | undefined, phase: string, none: string, note?: string) => {
      const seen = tensor && !hide(phase);
      put(section, h("div.value",
        h("h3", { class: phase }, title, " ", seen && compared(node, mine?.phase === "update" ? "change" : title)), note && h("p.note", note),
        seen ? tensorView(tensor, { mark: phase, ...(phase === "forward" && cells) }) : h("p.note", tensor ? "hidden until you answer" : none)));
    };
    show("value", value, "forward", "not computed yet");
    if (gradient || steps.some((st) => st.phase === "reverse" && st.node === node.id)) {
      show("gradient", gradient?.tensor, "reverse", "not reached yet",
        gradient?.pending ? `${gradient.pending} of its consumers have not sent their share yet` : undefined);
    }
    if (cells) put(section, line);
    const outputs = steps.find((st) => st.node === node.id && st.phase === "forward" && st.i <= at)?.outputs;
    if (outputs && outputs.length > 1 && !hide("forward")) {
      put(section, fold("outputs", `all ${outputs.length} outputs`, () =>
        outputs.map((t, k) => h("div", h("h4", `output ${k}`), t ? tensorView(model.tensor(t)!) : "not recorded"))));
    }
    if (node.inputs.length) put(section, inputs(node));
    return section;
  }

  /** The inputs' values; beside a matrix product the row and the column that make an element are marked in them. */
  function inputs(node: Node): HTMLElement {
    const key = node.type.endsWith("MatMul") ? "inputs MatMul" : "inputs";
    if (key !== "inputs") open.add(key);
    return fold(key, `inputs (${node.inputs.length})`, () =>
      node.inputs.map((id, slot) => {
        const tensor = state.hidden() && state.step!.node === id ? undefined : state.moment.values.get(id);
        return h("div.input", h("h4", `${slot}: `, link(id)),
          tensor ? tensorView(tensor, { small: true, mark: `input${slot}` }) : h("p.note", "not computed yet"));
      }));
  }

  function product(node: Node, line: HTMLElement): { onCell: (r: number, c: number | null) => void } | undefined {
    const [a, b] = node.inputs.map((id) => state.moment.values.get(id));
    if (!node.type.endsWith("MatMul") || !a?.data || !b?.data) return undefined;
    const [m, n] = [a.shape.length, b.shape.length]; // vectors show as one row, also where they count as a column
    if (m < 1 || m > 2 || n < 1 || n > 2) return undefined;
    const [ta, tb] = [!!node.attrs?.transpose_a, n === 1 || !!node.attrs?.transpose_b];
    const inner = a.shape[ta ? 0 : m - 1]!;
    return {
      onCell: (row, column) => {
        el.querySelectorAll(".lit").forEach((cell) => cell.classList.remove("lit"));
        fill(line);
        if (column === null) return;
        const [r, c] = n < m ? [column, 0] : [row, column];
        const terms: string[] = [];
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const [ar, ac] = ta ? [k, r] : [r, k], [br, bc] = tb ? [c, k] : [k, c];
          for (const key of [`input0 ${ar} ${ac}`, `input1 ${br} ${bc}`]) {
            el.querySelector(`[data-cell="${key}"]`)?.classList.add("lit");
          }
          const x = a.data![ar * a.shape[m - 1]! + ac]!, y = b.data![br * b.shape[n - 1]! + bc]!;
          sum += asNumber(x) * asNumber(y);
          terms.push(`${format(x, 3)}·${format(y, 3)}`);
        }
        const place = [m > 1 && r, n > 1 && c].filter((i) => i !== false).join(", ");
        put(line, place && `[${place}] = `, `${terms.join(" + ")} = ${format(sum)}`);
      },
    };
  }

  /** Beside each value: how far it is from that of the trace to compare with. */
  function compared(node: Node, what: string): HTMLElement | undefined {
    const { comparison } = state;
    if (!comparison) return undefined;
    const found = comparison.runs[state.run]?.nodes[node.id];
    const far = found?.[what as "value"], far_ = asNumber(far ?? null);
    return h("small", { class: found && differs(found, what) ? "bad" : "" },
      comparison.only_here.includes(node.id) ? "not in the other trace" : far === null || far === undefined ? "not compared"
        : far_ === 0 ? "same in the other trace" : `differs by ${format(far)}${found!.part ? " (in the sample)" : ""}`);
  }

  function sends(node: Node): HTMLElement | undefined {
    const past = state.steps.slice(0, state.at + 1);
    const own = past.find((st) => st.phase === "reverse" && st.node === node.id)?.sends ?? [];
    const received = past.flatMap((st) => (st.sends ?? []).filter((send) => send.to === node.id).map((send) => ({ from: st.node, send })));
    if (!own.length && received.length < 2) return undefined;
    return h("section", { label: "Gradient sent", class: "sends" },
      own.map((send) => h("div.send",
        h("h3.reverse", "sends → ", link(send.to), ` as input ${send.slot} `,
          h("small", `[${send.pending ? `${send.pending} more to come` : "complete"}]`)),
        little(model.tensor(send.contribution)!))),
      received.length > 1 && fold("received", `received from ${received.length} consumers`, () => received.map(({ from, send }) =>
        h("div.send", h("h4", "from ", link(from), ` (input ${send.slot})`),
          little(model.tensor(send.contribution)!)))));
  }

  /** What an op that holds a graph of its own (a loop, a branch) computed in it, turn by turn. */
  function inside(node: Node): HTMLElement | undefined {
    const turns = state.moment.inner.get(node.id);
    return turns && h("section", { label: "Inside" }, h("h3", "inside"), turnsOf(turns, node.id));
  }

  function turnsOf({ count, kept }: Turns, key: string): HTMLElement {
    const all = h("div");
    const show = (k: number) => {
      turn.set(key, k);
      const [number, inner] = kept[k]!;
      const to = (name: "back" | "next", label: string, by: 1 | -1) => button(label, () => {
        show(k + by);
        (all.querySelector<HTMLButtonElement>(`[data-key="${name}"]:enabled`) ?? all.querySelector<HTMLElement>("button:enabled"))?.focus();
      }, { disabled: !kept[k + by], "data-key": name }, icon(name));
      fill(all, count > 1 && h("p.actions", to("back", "Turn before", -1), `turn ${number + 1} of ${count}`, to("next", "Next turn", 1)),
        inner.map((step, i) => innerStep(step, `${key} ${k} ${i}`)));
    };
    const end = kept.length - 1, failed = kept[end]![1].some((step) => step.failed);
    show(Math.min(turn.get(key) ?? (failed ? end : 0), end));
    return all;
  }

  function innerStep(step: Inner, key: string): HTMLElement {
    const tensor = model.tensor(step.value);
    if (step.failed) open.add(key);
    return fold(key, `${step.part}: ${step.name} ${step.failed ? "✗ failed" : `= ${describe(tensor)}`}`, () => [
      h("p.type", `${step.type}(${step.inputs?.join(", ") ?? ""})`),
      step.turns ? turnsOf(step.turns, key) : null, tensor ? little(tensor) : null]);
  }

  function change(mine: Step | undefined, hidden: boolean): HTMLElement | undefined {
    const before = model.tensor(mine?.before), after = model.tensor(mine?.after);
    if (mine?.phase !== "update" || !before || hidden) return undefined;
    let by: Tensor | undefined;
    if (after?.data && before.data) {
      const data = after.data.map((v, i) => asNumber(v) - asNumber(before.data![i]));
      const most = Math.max(...finite(data).map(Math.abs), 0);
      by = { ...after, stats: { ...after.stats!, min: -most, max: most }, data };
    }
    return h("section", { label: "Change" }, h("h3.update", `update: ${mine.rule ?? "assignment"}`),
      h("h4", "before"), little(before), by && [h("h4", "change"), little(by)]);
  }

  function check(node: Node): HTMLElement | undefined {
    const found = state.steps.find((st) => st.node === node.id && st.check)?.check;
    if (!found) return undefined;
    const [some, all] = found.numeric_entries ?? [0, 0];
    const part = (label: string, help: string, which: "numeric" | "tensorflow", after: Child) => {
      const good = checked(found, which);
      return good !== undefined && h("span", { title: help }, `${label} ${format(found[`${which}_max_abs`]!, 2)} `,
        good ? h("span.good", "✓ agrees ") : h("span.bad", "✗ differs "), after);
    };
    return h("section", { label: "Check", class: "check" }, h("h3", "check"), h("p",
      part("numeric", "largest difference from central differences", "numeric", some < all && `(${some} of ${all} entries) `),
      part("TensorFlow", "largest difference from TensorFlow", "tensorflow", ""), found.numeric_note));
  }

  function failure(node: Node): HTMLElement | undefined {
    const { error } = model.run(state.run);
    return error && (!error.node || error.node === node.id) ? h("section.failure", { label: "Error" },
      h("h3.bad", error.type ?? "error"), h("pre", error.message ?? "")) : undefined;
  }

  function source(node: Node): HTMLElement | undefined {
    const found = model.doc.sources?.[node.src ?? ""];
    if (!found?.forward && !found?.backward && !found?.note) return undefined;
    const shown = found[side] ? side : found.forward ? "forward" : "backward", code = found[shown];
    const tab = (which: "forward" | "backward") => found[which] && button(which, () => {
      side = which;
      update();
    }, { "aria-pressed": `${which === shown}`, "data-key": `side ${which}` });
    return fold("source", "source", () => {
      if (code && !codes.has(code)) codes.set(code, codeView(code));
      return [found.note && h("p.note", found.note), h("p.actions", tab("forward"), tab("backward")), code && codes.get(code)];
    });
  }

  function madeAt({ made_at: made }: Node): HTMLElement | undefined {
    return made ? h("section", { label: "Made at" }, h("h3", "made at ", h("small", `${made.file}:${made.line}`)),
      scroll("Line of the program", h("code", made.text))) : undefined;
  }

  function attributes(node: Node): HTMLElement | undefined {
    const entries = Object.entries(node.attrs ?? {});
    return entries.length ? fold("attributes", "attributes", () => [h("dl.attributes",
      entries.map(([key, value]) => [h("dt", key), h("dd", typeof value === "string" ? value : JSON.stringify(value))]))]) : undefined;
  }

  /** The node's last value in each run: itself where it is one number, else its norm. */
  function history(node: Node): HTMLElement | undefined {
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
      h("p", shown.map((v) => format(v)).join(" → ")), curve(found.map((v) => asNumber(v)), state.run));
  }

  function fold(key: string, title: string, content: () => Child[]): HTMLElement {
    const details = h("details.fold", { open: open.has(key) }, h("summary", { "data-key": key }, title));
    const filled = () => details.childElementCount === 1 && put(details, content());
    if (details.open) filled();
    on(details, "toggle", () => {
      if (details.open) open.add(key);
      else open.delete(key);
      filled();
    });
    return details;
  }

  /** What "copy values" copies: the shown node's value and gradient, digit by digit. */
  function text(): string {
    const { moment, shown } = state;
    if (shown === undefined) return "";
    const line = (what: string, t: Tensor | null | undefined) => t &&
      `${what} ${shapeOf(t)} ${t.dtype} ${t.data ? `[${t.data.map(exact).join(", ")}]` : JSON.stringify(t.stats ?? null)}`;
    return [model.label(shown), line("value", moment.values.get(shown)), line("gradient", moment.gradients.get(shown)?.tensor)]
      .filter(Boolean).join("\n");
  }
}

const little = (t: Tensor) => tensorView(t, { small: true });

function formula(f: Formula): HTMLElement {
  const math = f.mathml ? mathml(f.mathml) : undefined;
  return h("div.math", { title: f.latex ?? "", tabindex: 0, role: "group", label: "formula" }, math ?? h("code", f.latex ?? ""));
}

function curve(values: number[], current: number): HTMLElement | undefined {
  const known = finite(values);
  if (known.length < 2) return undefined;
  const low = Math.min(...known), high = Math.max(...known);
  const at = (v: number, k: number): [number, number] => [4 + (k * 192) / (values.length - 1), 36 - (32 * (v - low)) / (high - low || 1)];
  const points = values.flatMap((v, k) => (Number.isFinite(v) ? [at(v, k)] : []));
  const here = Number.isFinite(values[current]) ? at(values[current]!, current) : undefined;
  return h("figure.curve", s("svg", { viewBox: "0 0 200 40", role: "img", label: `from ${format(known[0]!)} to ${format(known[known.length - 1]!)}` },
    s("polyline", { points: points.join(" ") }), here && s("circle", { cx: here[0], cy: here[1], r: 3 })));
}
