// Stepping: buttons, scrubber with the phases, play, runs, search, breakpoints, and the keys for all of it.

import { button, fill, h, icon, mark, on, type Icon } from "./dom";
import { phaseOf } from "./model";
import type { State } from "./state";

const FOUND = 12;

export type Controls = ReturnType<typeof controls>;

export function controls(state: State, say: (text: string) => void) {
  const { model } = state;
  const range = h("input", { type: "range", min: 0, step: 1, label: "Step" });
  const bands = h("div.bands", { "aria-hidden": "true" });
  const where = h("span.where");
  const playing = button("Play (Space)", play, { "aria-pressed": "false" }, icon("play"), h("span", "play"));
  const speed = h("select", { label: "Speed" }, [0.5, 1, 2, 4, 8].map((v) => h("option", { value: v, selected: v === 1 }, `${v}×`)));
  const runs = h("select", { label: "Run" },
    model.doc.runs.map((run, k) => h("option", { value: k }, `run ${k + 1}${run.error ? " (failed)" : ""}`)));
  const stops = h("details.menu");
  const input = h("input", { type: "search", placeholder: "Search nodes", label: "Search nodes (/)", autocomplete: "off" });
  const found = h("ul.found", { label: "Nodes found", hidden: true });
  let timer = 0;
  const tool = (name: Icon, label: string, to: () => void) => button(label, () => (pause(), to()), {}, icon(name));
  on(range, "input", () => (pause(), state.go(Number(range.value))));
  on(runs, "change", () => (pause(), state.go(0, runs.selectedIndex)));
  runs.hidden = model.doc.runs.length < 2;
  on(speed, "change", () => timer && start());
  on(input, "input", find);
  on(input, "keydown", (e) => {
    if (e.key === "Enter") found.querySelector("button")?.click();
    if (e.key === "ArrowDown") found.querySelector("button")?.focus();
    if (e.key === "Escape") clear();
  });
  const el = h("section.controls", { label: "Steps" },
    h("div.buttons",
      tool("first", "First step (Home)", () => state.go(0)),
      tool("back", "One step back (←)", () => state.go(state.at - 1)),
      tool("next", "One step forward (→)", () => state.go(state.at + 1)),
      tool("last", "Last step (End)", () => state.go(Infinity)),
      playing, speed),
    h("div.scrub", bands, range), where, runs, stops);
  on(stops, "toggle", () => void stops.classList.toggle("first", stops.offsetLeft < 110)); // its sheet opens to the right
  const search = h("div.search", { role: "search" }, input, found);
  state.onChange(update);
  update();
  return { el, search, focusSearch: () => input.focus(), play, pause };

  function play(): void {
    if (timer) pause();
    else start();
  }

  function pause(): void {
    clearInterval(timer);
    timer = 0;
    face();
  }

  function start(): void {
    clearInterval(timer);
    if (state.at >= state.steps.length - 1) state.go(0);
    timer = setInterval(() => {
      if (!el.isConnected || state.at >= state.steps.length - 1 || state.hidden()) {
        pause();
        return;
      }
      state.go(state.at + 1);
      const why = state.stop;
      if (why) {
        pause();
        say(`Stopped ${why}.`);
      }
    }, 800 / Number(speed.value));
    face();
  }

  function face(): void {
    const next = timer ? "pause" : "play";
    fill(playing, icon(next), h("span", next));
    mark(playing, "aria-label", (playing.title = `${next} (Space)`));
  }

  function update(): void {
    const { steps, run, at, breakpoints } = state;
    range.max = String(Math.max(steps.length - 1, 0));
    range.value = String(at);
    mark(range, "aria-valuetext", model.sentence(run, at, state.hidden()));
    fill(bands, model.phases(run).map(({ phase, count }) => h("span", { class: phase, style: { flexGrow: count } }, count * 30 > steps.length && `${phase} ${count}`)));
    where.textContent = steps.length ? `${at + 1}/${steps.length} ${model.label(state.step!.node, true)}` : "no steps";
    runs.selectedIndex = run;
    fill(stops, h("summary", `breakpoints ${breakpoints.size || ""}`),
      h("div.sheet",
        h("label", h("input", { type: "checkbox", checked: breakpoints.has("bad"), onchange: () => state.toggle("bad") }), " first NaN or infinity"),
        [...breakpoints].filter((b) => b !== "bad").map((b) => {
          const [, kind, key] = /^(\w+) (.*)$/s.exec(b)!;
          return button(`Remove ${kind === "node" ? model.label(key!) : `op type ${key}`}`, () => state.toggle(b));
        }),
        button("Run to the next", toBreakpoint)));
  }

  function toBreakpoint(): void {
    pause();
    const from = state.at;
    while (++state.at < state.steps.length) {
      const why = state.stop;
      if (why) {
        state.go(state.at);
        say(`Stopped ${why}.`);
        return;
      }
    }
    state.go(from);
    say("No breakpoint ahead in this run.");
  }

  function find(): void {
    const text = input.value.trim().toLowerCase();
    const all = text ? model.doc.nodes.filter((n) => `${n.name} ${n.type}`.toLowerCase().includes(text)) : [];
    found.hidden = !text;
    fill(found, all.slice(0, FOUND).map((n) => h("li", button(`${n.name} (${n.type})`, () => {
      if (phaseOf(n) !== "forward") state.set("view", "full");
      state.select(n.id);
      clear();
    }))), text && !all.length && h("li", "no node of that name or type"), all.length > FOUND && h("li", `and ${all.length - FOUND} more`));
  }

  function clear(): void {
    input.value = "";
    find();
  }
}

export const KEYS: [string, string][] = [
  ["← →", "one step back or forward"], ["Shift ← →", "previous or next phase"], ["Home, End", "first or last step"],
  ["Space", "play or pause"], ["Tab, Enter", "go through the nodes in execution order; inspect one"],
  ["g", "values or gradients"], ["f", "fit the whole graph"], ["+ −", "zoom (or Ctrl and wheel)"], ["/", "search"], ["t", "table view"],
  ["b", "breakpoint at the shown node"], ["Esc", "back to the current step"], ["?", "this help"],
];
