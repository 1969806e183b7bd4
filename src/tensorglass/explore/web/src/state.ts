// What the reader has chosen, and who wants to know when it changes.

import { checked } from "./compare";
import { Model, isBad, type Moment } from "./model";
import type { Comparison, Step, Tensor } from "./types";

export type Mode = "value" | "grad";

export class State {
  run = 0;
  at = 0;
  selected: string | null = null; // null: the node of the current step
  mode: Mode = "value";
  view: "forward" | "full" = "forward";
  direction: "tb" | "lr" = "tb";
  fold: Set<string> | null = null; // null: as the document has it
  breakpoints = new Set<string>(); // "node n3", "type MatMul", "bad"
  comparison: Comparison | null; // with another trace
  quiz = false;
  answered = new Set<string>(); // "run step" whose value was guessed or shown
  moment: Moment;
  readonly #listeners: ((what: Change) => void)[] = [];

  constructor(readonly model: Model) {
    this.moment = model.moment(0, 0);
    this.comparison = model.doc.comparison ?? null;
  }

  get steps(): Step[] {
    return this.model.run(this.run).steps;
  }

  get step(): Step | undefined {
    return this.steps[this.at];
  }

  /** The node that the inspector shows. */
  get shown(): string | undefined {
    return this.selected ?? this.step?.node;
  }

  /** Nodes whose gradient check, or whose comparison with another trace, does not agree. */
  get doubtful(): Set<string> {
    const differ = Object.entries(this.comparison?.runs[this.run]?.nodes ?? {}).filter(([, far]) => far.agrees === false);
    const wrong = this.steps.filter(({ check }) => check && (checked(check, "numeric") === false || checked(check, "tensorflow") === false));
    return new Set([...differ.map(([id]) => id), ...wrong.map((step) => step.node)]);
  }

  onChange(listener: (what: Change) => void): void {
    this.#listeners.push(listener);
  }

  tell(what: Change): void {
    for (const listener of this.#listeners) listener(what);
  }

  go(at: number, run = this.run): void {
    this.run = Math.min(Math.max(run, 0), Math.max(this.model.doc.runs.length - 1, 0));
    this.at = Math.min(Math.max(Math.round(at) || 0, 0), Math.max(this.steps.length - 1, 0));
    this.selected = null;
    this.moment = this.model.moment(this.run, this.at);
    this.tell("step");
  }

  /** To the first step of the next or the previous phase. */
  phase(by: 1 | -1): void {
    const firsts = this.model.phases(this.run).map((p) => p.first);
    if (by > 0) this.go(firsts.find((first) => first > this.at) ?? this.steps.length - 1);
    else this.go([...firsts].reverse().find((first) => first < this.at) ?? 0);
  }

  select(id: string | null): void {
    this.selected = id;
    this.tell("selected");
  }

  set<K extends "mode" | "view" | "direction" | "fold" | "quiz" | "comparison">(key: K, value: this[K]): void {
    (this as Pick<State, K>)[key] = value;
    this.tell(key === "mode" || key === "quiz" || key === "comparison" ? "mode" : "picture");
  }

  toggle(breakpoint: string): void {
    if (!this.breakpoints.delete(breakpoint)) this.breakpoints.add(breakpoint);
    this.tell("breakpoints");
  }

  /** Why to stop at the current step, if at all. */
  get stop(): string | undefined {
    const step = this.step;
    if (!step) return undefined;
    const node = this.model.node(step.node);
    if (this.breakpoints.has(`node ${node.id}`)) return `at ${node.name}`;
    if (this.breakpoints.has(`type ${node.type}`)) return `at op type ${node.type}`;
    return this.breakpoints.has("bad") && isBad(this.result(step)) ? "at NaN or infinity" : undefined;
  }

  /** What a step gives: a value, a gradient, or a variable's new value. */
  result(step: Step): Tensor | undefined {
    return this.model.tensor(step.value ?? step.grad ?? step.after);
  }

  /** Whether the result of `step` is still to be guessed. */
  hidden(step: Step | undefined = this.step): boolean {
    return this.quiz && !!step && step === this.step && !!this.result(step)?.data?.length &&
      !this.answered.has(`${this.run} ${this.at}`);
  }

  answer(): void {
    this.answered.add(`${this.run} ${this.at}`);
    this.tell("mode");
  }
}

export type Change = "step" | "selected" | "mode" | "picture" | "breakpoints";
