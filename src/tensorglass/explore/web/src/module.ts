// For hosts of widgets (the AFM contract of anywidget): a module with `render`, and the element itself.

import { define, Explorer } from "./element";

export { Explorer };

interface WidgetModel {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** Shows `model`'s `document`, and keeps `run`, `step`, `selected` and `breakpoints` the same on both sides. */
export function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  define();
  const view = new Explorer();
  let shown: unknown;
  let pulling = false;
  const push = () => {
    const { state } = view;
    if (!state || pulling) return;
    const now = { run: state.run, step: state.at, selected: state.selected, breakpoints: [...state.breakpoints] };
    let changed = false;
    for (const [key, value] of Object.entries(now)) {
      const old = model.get(key);
      if (old === undefined || JSON.stringify(old) === JSON.stringify(value)) continue;
      model.set(key, value);
      changed = true;
    }
    if (changed) model.save_changes();
  };
  // What comes from the model is taken as a whole, and only then told back where the view had to say otherwise.
  const pull = () => {
    if (pulling) return;
    pulling = true;
    if (model.get("document") !== shown) view.document = shown = model.get("document");
    const { state } = view;
    if (state) {
      const [run, at] = [Number(model.get("run") ?? 0), Number(model.get("step") ?? 0)];
      if (run !== state.run || at !== state.at) state.go(at, run);
      const id = (model.get("selected") as string | null) ?? null;
      if (id !== state.selected) state.select(id);
      const wanted = (model.get("breakpoints") ?? []) as string[];
      if ([...state.breakpoints].join() !== wanted.join()) {
        state.breakpoints = new Set(wanted);
        state.tell("breakpoints");
      }
    }
    pulling = false;
    push();
  };
  pull();
  view.onChange(push);
  const events = ["document", "run", "step", "selected", "breakpoints"].map((key) => `change:${key}`);
  events.forEach((event) => model.on(event, pull));
  el.append(view);
  return () => events.forEach((event) => model.off(event, pull));
}

export default { render };
