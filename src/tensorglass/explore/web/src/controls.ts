// Stepping: buttons, scrubber with the phases, play, runs, search, breakpoints, and the keys for all of it.

import { button, h, icon, on, put, type Icon } from "./dom";
import { format } from "./model";
import type { State } from "./state";

const FOUND = 12;

export class Controls {
  readonly #state: State;
  readonly #say: (text: string) => void;
  readonly el: HTMLElement;
  readonly search: HTMLElement;
  readonly #range = h("input", { type: "range", min: 0, step: 1, label: "Step" });
  readonly #bands = h("div.bands", { "aria-hidden": "true" });
  readonly #where = h("span.where");
  readonly #playing = button("Play (Space)", () => this.play(), { "aria-pressed": "false" }, icon("play"), h("span", "play"));
  readonly #speed = h("select", { label: "Speed" },
    ...[0.5, 1, 2, 4, 8].map((v) => h("option", { value: v, selected: v === 1 }, `${v}×`)));
  readonly #runs = h("select", { label: "Run" });
  readonly #stops = h("details.menu");
  readonly #input = h("input", { type: "search", placeholder: "Search nodes", label: "Search nodes (/)", autocomplete: "off" });
  readonly #found = h("ul.found", { label: "Nodes found", hidden: true });
  #timer = 0;

  constructor(state: State, say: (text: string) => void) {
    this.#state = state;
    this.#say = say;
    const tool = (name: Icon, label: string, on: () => void) => button(label, () => (this.pause(), on()), {}, icon(name));
    on(this.#range, "input", () => (this.pause(), state.go(Number(this.#range.value))));
    on(this.#runs, "change", () => (this.pause(), state.go(0, this.#runs.selectedIndex)));
    this.#runs.append(...state.model.doc.runs.map((run, k) => h("option", { value: k }, `run ${k + 1}${run.error ? " (failed)" : ""}`)));
    this.#runs.hidden = state.model.doc.runs.length < 2;
    on(this.#speed, "change", () => this.#timer && this.#start());
    this.el = h("section.controls", { label: "Steps" },
      h("div.buttons",
        tool("first", "First step (Home)", () => state.go(0)),
        tool("back", "One step back (←)", () => state.go(state.at - 1)),
        tool("next", "One step forward (→)", () => state.go(state.at + 1)),
        tool("last", "Last step (End)", () => state.go(Infinity)),
        this.#playing, this.#speed),
      h("div.scrub", this.#bands, this.#range), this.#where, this.#runs, this.#stops);
    on(this.#input, "input", () => this.#find());
    on(this.#input, "keydown", (e) => {
      if (e.key === "Enter") this.#found.querySelector("button")?.click();
      if (e.key === "ArrowDown") this.#found.querySelector("button")?.focus();
      if (e.key === "Escape") this.#clear();
    });
    this.search = h("div.search", { role: "search" }, this.#input, this.#found);
    state.onChange(() => this.#update());
    this.#update();
  }

  focusSearch(): void {
    this.#input.focus();
  }

  play(): void {
    if (this.#timer) this.pause();
    else this.#start();
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#face();
  }

  #start(): void {
    clearInterval(this.#timer);
    const state = this.#state;
    if (state.at >= state.steps.length - 1) state.go(0);
    this.#timer = setInterval(() => {
      if (!this.el.isConnected || state.at >= state.steps.length - 1 || state.hidden()) {
        this.pause();
        return;
      }
      state.go(state.at + 1);
      const why = state.stop;
      if (why) {
        this.pause();
        this.#say(`Stopped ${why}.`);
      }
    }, 800 / Number(this.#speed.value));
    this.#face();
  }

  #face(): void {
    const on = this.#timer !== 0;
    this.#playing.replaceChildren(icon(on ? "pause" : "play"), h("span", on ? "pause" : "play"));
    this.#playing.setAttribute("aria-label", on ? "pause (Space)" : "play (Space)");
    this.#playing.title = on ? "pause (Space)" : "play (Space)";
  }

  #update(): void {
    const state = this.#state;
    const { model, steps, run, at } = state;
    this.#range.max = String(Math.max(steps.length - 1, 0));
    this.#range.value = String(at);
    this.#range.setAttribute("aria-valuetext", model.sentence(run, at, state.hidden()));
    this.#bands.replaceChildren(...model.phases(run).map(({ phase, count }) => {
      const band = h("span", { class: phase }, `${phase} ${count}`);
      band.style.flexGrow = String(count);
      return band;
    }));
    this.#where.textContent = steps.length ? `${at + 1}/${steps.length} ${model.label(state.step!.node, true)}` : "no steps";
    this.#runs.selectedIndex = run;
    const open = this.#stops.open;
    const list = [...state.breakpoints];
    this.#stops.replaceChildren(h("summary", `breakpoints ${list.length || ""}`),
      h("div.sheet",
        h("label", h("input", { type: "checkbox", checked: state.breakpoints.has("bad"), onchange: () => state.toggle("bad") }), " first NaN or infinity"),
        ...list.filter((b) => b !== "bad").map((b) => {
          const [kind, key] = [b.slice(0, b.indexOf(" ")), b.slice(b.indexOf(" ") + 1)];
          const text = kind === "node" ? model.label(key) : `op type ${key}`;
          return button(`Remove ${text}`, () => state.toggle(b), {});
        }),
        button("Run to the next", () => this.#toBreakpoint())));
    this.#stops.open = open;
  }

  #toBreakpoint(): void {
    const state = this.#state;
    this.pause();
    const from = state.at;
    for (let at = from + 1; at < state.steps.length; at++) {
      state.at = at;
      if (state.stop) {
        const why = state.stop;
        state.go(at);
        this.#say(`Stopped ${why}.`);
        return;
      }
    }
    state.go(from);
    this.#say("No breakpoint ahead in this run.");
  }

  #find(): void {
    const { model } = this.#state;
    const text = this.#input.value.trim().toLowerCase();
    const all = text ? model.doc.nodes.filter((n) => `${n.name} ${n.type}`.toLowerCase().includes(text)) : [];
    this.#found.hidden = !text;
    this.#found.replaceChildren(...all.slice(0, FOUND).map((n) => h("li", button(`${n.name} (${n.type})`, () => {
      if ((n.phase ?? "forward") !== "forward" && this.#state.view === "forward") this.#state.set("view", "full");
      this.#state.select(n.id);
      this.#clear();
    }))));
    if (text && !all.length) put(this.#found, h("li", "no node of that name or type"));
    if (all.length > FOUND) put(this.#found, h("li", `and ${format(all.length - FOUND)} more`));
  }

  #clear(): void {
    this.#input.value = "";
    this.#find();
  }
}

export const KEYS: [string, string][] = [
  ["← →", "one step back or forward"], ["Shift ← →", "previous or next phase"], ["Home, End", "first or last step"],
  ["Space", "play or pause"], ["Tab, Enter", "go through the nodes in execution order; inspect one"],
  ["g", "values or gradients"], ["f", "fit the whole graph"], ["+ −", "zoom (or Ctrl and wheel)"], ["/", "search"], ["t", "table view"],
  ["b", "breakpoint at the shown node"], ["Esc", "back to the current step"], ["?", "this help"],
];
