// The document as a time line: what every node held, and how much of its gradient was there, at any moment.

import type { Doc, Layout, Node, Num, Phase, Run, Send, Step, Tensor, Turns } from "./types";

export interface Gradient { tensor: Tensor | null; pending: number }

/** The state of all nodes after some step of a run. */
export interface Moment {
  values: Map<string, Tensor>;
  gradients: Map<string, Gradient>;
  inner: Map<string, Turns>; // of the ops that hold a graph
}

export class Model {
  readonly byId = new Map<string, Node>();

  constructor(readonly doc: Doc) {
    for (const node of doc.nodes) this.byId.set(node.id, node);
  }

  run(k: number): Run {
    return this.doc.runs[k] ?? { steps: [] };
  }

  node(id: string): Node {
    return this.byId.get(id) ?? { id, name: id, kind: "op", type: "?", inputs: [] };
  }

  /** A node's name; the last component only where `short`. */
  label(id: string, short = false): string {
    const name = this.node(id).name;
    return short ? name.slice(name.lastIndexOf("/") + 1) : name;
  }

  layout(view: "forward" | "full"): Layout {
    return this.doc.layouts[view];
  }

  /** The tensor itself where `tensor` only points to it. */
  tensor(tensor: Tensor | null | undefined): Tensor | undefined {
    let found: unknown = tensor;
    for (let hops = 0; hops < 8; hops++) {
      const path = (found as Tensor | undefined)?.same_as;
      if (!path) break;
      found = path.replace(/^#\//, "").split("/")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], this.doc);
    }
    return (found as Tensor | null) ?? undefined;
  }

  /** All that is known after step `at` of run `k`. */
  moment(k: number, at: number): Moment {
    const values = new Map<string, Tensor>();
    const gradients = new Map<string, Gradient>();
    const inner = new Map<string, Turns>();
    const give = (send: Send) => {
      const total = this.tensor(send.total ?? (send.pending ? null : send.contribution)) ?? gradients.get(send.to)?.tensor ?? null;
      gradients.set(send.to, { tensor: total, pending: send.pending });
    };
    const run = this.run(k);
    for (const step of run.steps.slice(0, at + 1)) {
      const value = this.tensor(step.phase === "update" ? step.after : step.value);
      if (value) values.set(step.node, value);
      if (step.turns) inner.set(step.node, step.turns);
      if (step.phase !== "reverse") continue;
      const grad = this.tensor(step.grad);
      if (grad) gradients.set(step.node, { tensor: grad, pending: 0 });
      step.sends?.forEach(give);
    }
    for (const own of run.own ?? []) {
      if (own.after > at) continue;
      const value = this.tensor(own.value);
      if (value) values.set(own.node, value);
      if (own.turns) inner.set(own.node, own.turns);
    }
    return { values, gradients, inner };
  }

  /** Which of how many steps of its phase the step at `at` is. */
  place(k: number, at: number): { phase: Phase; number: number; of: number } {
    const steps = this.run(k).steps;
    const phase = steps[at]?.phase ?? "forward";
    const alike = steps.filter((s) => s.phase === phase);
    return { phase, number: steps.slice(0, at + 1).filter((s) => s.phase === phase).length, of: alike.length };
  }

  /** The phases of a run, in order: name, first step, number of steps. */
  phases(k: number): { phase: Phase; first: number; count: number }[] {
    const found: { phase: Phase; first: number; count: number }[] = [];
    this.run(k).steps.forEach((step, i) => {
      const last = found[found.length - 1];
      if (last?.phase === step.phase) last.count++;
      else found.push({ phase: step.phase, first: i, count: 1 });
    });
    return found;
  }

  /** One sentence that says what a step does; a `secret` one does not tell the result. */
  sentence(k: number, at: number, secret: boolean): string {
    const steps = this.run(k).steps;
    const step = steps[at];
    if (!step) return "This run recorded no steps.";
    const { phase, number, of } = this.place(k, at);
    const start = `${phase[0]!.toUpperCase()}${phase.slice(1)} ${number} of ${of}: `;
    const bad = !secret && isBad(this.tensor(step.value ?? step.grad ?? step.after)) ? " It has NaN or infinities." : "";
    return start + this.deed(step, secret) + "." + bad;
  }

  private deed(step: Step, secret: boolean): string {
    const name = this.label(step.node, true);
    const told = secret ? shapeOf : describe;
    if (step.phase === "forward") {
      const kind = this.node(step.node).kind;
      const verb = kind === "op" ? "computes" : kind === "placeholder" ? "is given as" : "holds";
      return `${name} ${verb} ${told(this.tensor(step.value))}`;
    }
    if (step.phase === "update") return `${name} changes by ${step.rule ?? "assignment"}`;
    const sends = step.sends ?? [];
    if (!sends.length) return `${name} keeps its gradient ${told(this.tensor(step.grad))}`;
    const parts = sends.map((s) => `${told(this.tensor(s.contribution))} to ${this.label(s.to, true)}`);
    return `${name} sends gradient ${parts.join(" and ")}`;
  }
}

/** What a node is there for. */
export const phaseOf = (node: Node): Phase => node.phase ?? "forward";

export function shapeOf(t: { shape?: (number | null)[] | null } | undefined): string {
  if (!t?.shape) return "unknown shape";
  return `(${t.shape.map((n) => n ?? "?").join(", ")}${t.shape.length === 1 ? "," : ""})`;
}

export function describe(t: Tensor | undefined): string {
  if (!t) return "nothing that was recorded";
  return t.size === 1 && t.data ? format(t.data[0]!) : `${shapeOf(t)} ${t.dtype}`;
}

export function isBad(t: Tensor | undefined | null): boolean {
  return !!t?.stats && (t.stats.nan > 0 || t.stats.inf > 0);
}

/** A number for people: four digits, a true minus sign, NaN and infinity by name. */
export function format(v: Num, digits = 4): string {
  if (v === "nan") return "NaN";
  if (v === "inf") return "∞";
  if (v === "-inf") return "−∞";
  if (typeof v !== "number") return v === null ? "–" : String(v);
  if (Object.is(v, -0)) return "−0";
  const size = Math.abs(v);
  let text: string;
  if (Number.isInteger(v) && size < 1e6) text = String(v);
  else if (size >= 1e5 || (size < 1e-3 && size > 0)) text = v.toExponential(Math.max(digits - 2, 0)).replace("e+", "e");
  else text = String(Number(v.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/** A number as the document has it, digit by digit. */
export function exact(v: Num): string {
  return Object.is(v, -0) ? "-0" : String(v);
}

/** Whether an element is text, and not a number that JSON has no sign for. */
export function isText(v: Num): boolean {
  return typeof v === "string" && !/^(nan|-?inf)$/.test(v);
}

export function asNumber(v: Num | undefined): number {
  if (typeof v === "number") return v;
  if (v === true) return 1;
  if (v === false) return 0;
  return v === "nan" ? NaN : v === "inf" ? Infinity : v === "-inf" ? -Infinity : NaN;
}

/** The largest magnitude of a tensor's finite elements. */
export function scaleOf(t: Tensor): number {
  const ends = [t.stats?.min, t.stats?.max].map((v) => Math.abs(asNumber(v ?? 0))).filter(Number.isFinite);
  return Math.max(...ends, 0);
}

/** Where a value stands on the scale blue, white, orange: a part of 1 and a sign. */
export function heat(v: number, scale: number): { part: number; sign: "pos" | "neg" | "bad" } {
  if (!Number.isFinite(v)) return { part: 1, sign: "bad" };
  return { part: scale > 0 ? Math.min(Math.abs(v) / scale, 1) : 0, sign: v < 0 ? "neg" : "pos" };
}
