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
  const pull = {
    document: () => (view.document = model.get("document")),
    step: () => go(),
    run: () => go(),
    selected: () => {
      const id = (model.get("selected") as string | null) ?? null;
      if (view.state && id !== view.state.selected) view.state.select(id);
    },
    breakpoints: () => {
      const { state } = view;
      const wanted = model.get("breakpoints") as string[] | undefined;
      if (!state || !wanted || [...state.breakpoints].join() === wanted.join()) return;
      state.breakpoints = new Set(wanted);
      state.tell("breakpoints");
    },
  };
  const go = () => {
    const { state } = view;
    const [run, at] = [Number(model.get("run") ?? 0), Number(model.get("step") ?? 0)];
    if (state && (run !== state.run || at !== state.at)) state.go(at, run);
  };
  const pulls = Object.entries(pull);
  pulls.forEach(([, take]) => take());
  view.onChange(() => {
    const { state } = view;
    if (!state) return;
    const now = { run: state.run, step: state.at, selected: state.selected, breakpoints: [...state.breakpoints] };
    let changed = false;
    for (const [key, value] of Object.entries(now)) {
      const old = model.get(key);
      if (old === undefined || JSON.stringify(old) === JSON.stringify(value)) continue;
      model.set(key, value);
      changed = true;
    }
    if (changed) model.save_changes();
  });
  pulls.forEach(([key, take]) => model.on(`change:${key}`, take));
  el.append(view);
  return () => pulls.forEach(([key, take]) => model.off(`change:${key}`, take));
}

export default { render };
