// <tensorglass-explorer>: the whole view in one element with a shadow tree, so that no host's styles reach it.

import { compare, compareView } from "./compare";
import { controls, KEYS, type Controls } from "./controls";
import { button, fill, h, icon, mark, on, type Child } from "./dom";
import { graphView, type GraphView } from "./graph";
import { inspector, type Inspector } from "./inspector";
import { scopesOf } from "./layout";
import { Model, phaseOf } from "./model";
import { State, type Change } from "./state";
import css from "./style.css";
import { tableView, type TableView } from "./table";
import { asDocument, type Doc } from "./types";

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export class Explorer extends HTMLElement {
  state: State | undefined;
  readonly #root = this.attachShadow({ mode: "open" });
  #docs: Doc[] = [];
  #shownDoc = 0;
  #graph: GraphView | undefined;
  #controls: Controls | undefined;
  #table: TableView | undefined;
  #inspector: Inspector | undefined;
  #help: HTMLDialogElement | undefined;
  #live: HTMLElement | undefined;
  #toggles = new Map<string, HTMLButtonElement>();
  #listener: (what: Change) => void = () => undefined;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    for (const kind of ["keydown", "keyup", "keypress"] as const) {
      on(this.#root, kind, (e) => {
        if (kind === "keydown") this.key(e);
        e.stopPropagation(); // a notebook has keys of its own
      });
    }
    addEventListener("beforeprint", () => this.#printing(true));
    addEventListener("afterprint", () => this.#printing(false));
  }

  connectedCallback(): void {
    if (!this.#docs.length) {
      for (const script of this.querySelectorAll('script[type="application/json"]')) this.addDocument(script.textContent);
    }
  }

  /** Shows `found` (a document, or its text). What was chosen stays, as far as it is still there. */
  set document(found: unknown) {
    const doc = asDocument(found);
    if (!doc) return;
    this.#docs[this.#shownDoc] = doc;
    this.#build();
  }

  get document(): Doc | undefined {
    return this.#docs[this.#shownDoc];
  }

  /** One more trace, to be chosen or to be compared with. */
  addDocument(found: unknown): void {
    const doc = asDocument(found);
    if (!doc) return;
    this.#docs.push(doc);
    this.#build();
  }

  /** Calls `listener` at each change of step, selection, breakpoints and so on. */
  onChange(listener: (what: Change) => void): void {
    this.#listener = listener;
  }

  #build(): void {
    const doc = this.#docs[this.#shownDoc];
    if (!doc) return;
    const before = this.state;
    this.#controls?.pause();
    const state = (this.state = new State(new Model(doc)));
    const live = (this.#live = h("p.said", { "aria-live": "polite" }));
    const graph = (this.#graph = graphView(state));
    const panel = (this.#inspector = inspector(state));
    const table = (this.#table = tableView(state));
    const why = h("section.why", { label: "Why this step now" });
    const steps = (this.#controls = controls(state, (text) => (live.textContent = text)));
    const help = (this.#help = this.#helpDialog());
    fill(this.#root, h("div.explorer", { tabindex: -1 },
      h("div.bar", h("slot", { name: "title" }, h("h2.title", doc.title ?? "Trace")), this.#tools(state), steps.search),
      steps.el, live, [doc.note, doc.comparison?.text].map((note) => !!note && h("p.note", note)),
      h("div.panels", h("div.left", graph.el, why, compareView(state)), panel.el), table.el, this.#foot(), help));
    state.onChange((what) => {
      if (what === "step") {
        live.textContent = state.model.sentence(state.run, state.at, state.hidden());
        this.#why(why);
      } else if (what === "selected" && state.selected) live.textContent = `${state.model.label(state.selected)} is shown.`;
      this.#face();
      this.#listener(what);
    });
    if (before) {
      const { mode, view, direction, fold, quiz, breakpoints } = before;
      Object.assign(state, { mode, view, direction, fold, quiz, breakpoints });
      state.tell("picture");
    }
    const last = doc.runs.length - 1;
    if (last >= (before?.model.doc.runs.length ?? Infinity) && this.hasAttribute("live")) state.go(Infinity, last);
    else state.go(before?.at ?? 0, before?.run ?? 0);
    this.#theme(this.dataset.theme ?? "auto");
  }

  #tools(state: State): HTMLElement {
    this.#toggles.clear();
    const toggle = (key: string, label: string, to: () => void) => {
      const el = button(label, to, { "aria-pressed": "false" });
      this.#toggles.set(key, el);
      return el;
    };
    const { doc } = state.model;
    const others = this.#docs.filter((_, k) => k !== this.#shownDoc);
    const choose = (label: string, list: string[], at: number, to: (k: number) => void) => {
      const el = h("select", { label }, list.map((text, k) => h("option", { value: k, selected: k === at }, text)));
      on(el, "change", () => to(el.selectedIndex));
      return el;
    };
    const name = ({ title, library }: Doc) => `${title ?? "trace"} (${library?.name ?? "?"})`;
    return h("div.tools", { role: "group", label: "View" },
      others.length > 0 && choose("Trace", this.#docs.map(name), this.#shownDoc, (k) => {
        this.#shownDoc = k;
        this.#build();
      }),
      others.length > 0 && choose("Compare with", ["compare with …", ...others.map(name)], doc.comparison ? 1 : 0, (k) =>
        state.set("comparison", !k ? null : k === 1 && doc.comparison ? doc.comparison : compare(state.model, new Model(others[k - 1]!)))),
      toggle("value", "value", () => state.set("mode", "value")),
      toggle("grad", "gradient", () => state.set("mode", "grad")),
      toggle("full", "reverse graph", () => {
        state.fold = null;
        state.set("view", state.view === "full" ? "forward" : "full");
      }),
      this.#foldMenu(state),
      toggle("lr", "left to right", () => state.set("direction", state.direction === "lr" ? "tb" : "lr")),
      toggle("quiz", "quiz", () => state.set("quiz", !state.quiz)),
      toggle("table", "table view", () => this.#showTable()),
      button("Light or dark", () => this.#theme(this.#dark ? "light" : "dark"), {}, icon("theme")),
      button("Help (?)", () => this.#help?.showModal(), {}, "?"));
  }

  #foldMenu(state: State): HTMLElement {
    const menu = h("details.menu", h("summary", "fold"));
    on(menu, "toggle", () => {
      const nodes = state.model.doc.nodes.filter((n) => state.view === "full" || phaseOf(n) === "forward");
      const closed = new Set(state.fold ?? this.#graph!.folded());
      const scopes = [...scopesOf(nodes).keys()];
      const all = (label: string, fold: string[]) => button(label, () => (state.set("fold", new Set(fold)), (menu.open = false)));
      fill(menu, menu.firstElementChild, menu.open && h("div.sheet",
        scopes.length ? [all("Fold all", scopes), all("Unfold all", [])] : "This graph has no name scopes.",
        scopes.slice(0, 80).map((scope) => h("label", h("input", { type: "checkbox", checked: closed.has(scope), onchange: () => {
          if (!closed.delete(scope)) closed.add(scope);
          state.set("fold", new Set(closed));
        } }), ` ${scope}`))));
    });
    return menu;
  }

  #foot(): HTMLElement {
    const { library } = this.#docs[this.#shownDoc]!;
    const save = () => {
      const url = URL.createObjectURL(new Blob([this.#graph!.picture(css.replaceAll(":host", ":root"))], { type: "image/svg+xml" }));
      h("a", { href: url, download: "graph.svg" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    };
    const copy = async () => {
      const text = this.#inspector!.text();
      try {
        await navigator.clipboard.writeText(text);
      } catch { // pages from files and frames may not: the older way
        const area = h("textarea", text);
        this.#root.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      this.#live!.textContent = "Values copied.";
    };
    return h("div.foot", h("p.actions", button("Copy values", () => void copy()), button("Export SVG", save)),
      h("p.note", [library?.name, library?.version, library?.backend].filter(Boolean).join(" · ")));
  }

  #showTable(): void {
    const on = this.#table!.el.hidden === true;
    this.#table!.show(on);
    this.#root.querySelector(".panels")!.toggleAttribute("hidden", on);
    this.#face();
  }

  /** Why this step comes now: who asked for the node, or which consumers had to be done. */
  #why(el: HTMLElement): void {
    const { model, step, steps, at } = this.state!;
    if (!step) return;
    const names = (ids: string[]) => ids.map((id, k) => [k > 0 && ", ", button(model.label(id, true), () => this.state!.select(id), { class: "link" })]);
    const short = (ids: string[]): Child[] => ids.length > 12 ? [names(ids.slice(0, 3)), " … ", names(ids.slice(-8))] : names(ids);
    const parts: Child[] = [];
    if (model.run(this.state!.run).eager) {
      parts.push(step.phase === "forward" ? "Computed at once: the program called it here." : "The program changed it here.");
    } else if (step.phase === "forward") {
      const stack = step.stack ?? [];
      parts.push(stack.length ? "Wanted by the stack " : "It is fetched itself", short(stack));
      if (model.node(step.node).inputs.length) parts.push(". Its inputs are there.");
    } else if (step.phase === "reverse") {
      const from = [...new Set(steps.filter((st) => st.sends?.some((send) => send.to === step.node)).map((st) => st.node))];
      const done = from.filter((id) => steps.findIndex((st) => st.phase === "reverse" && st.node === id) < at);
      if (from.length) parts.push(`${done.length === from.length ? "All" : "Some"} its consumers have sent their share (${done.length} of ${from.length}): `, short(from));
      else parts.push("The reverse pass starts here, with gradient 1.");
    } else parts.push("The gradients are there: variables change last.");
    if (step.frees?.length) parts.push(" Frees ", short(step.frees), ".");
    fill(el, h("h2", "Why now?"), h("p", parts));
  }

  #helpDialog(): HTMLDialogElement {
    const dialog: HTMLDialogElement = h("dialog", { label: "Help" },
      h("h2", "Keys"), h("dl.keys", KEYS.map(([key, text]) => [h("dt", key), h("dd", text)])),
      h("p", "Blue is what is computed forward; orange with a dashed outline is what the reverse pass sends. Cells are blue below zero, orange above."),
      h("p.actions", button("Close", () => dialog.close())));
    return dialog;
  }

  #face(): void {
    const { state } = this;
    if (!state) return;
    const pressed: Record<string, boolean> = {
      value: state.mode === "value", grad: state.mode === "grad", full: state.view === "full", lr: state.direction === "lr",
      quiz: state.quiz, table: this.#table!.el.hidden === false,
    };
    this.#toggles.forEach((el, key) => mark(el, "aria-pressed", pressed[key]));
  }

  /** A key from inside, or from the page around where nothing else has the focus. */
  key(e: KeyboardEvent): void {
    const { state } = this;
    const controls = this.#controls;
    if (!state || !controls || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || this.#help?.open) return;
    const on = (this.#root.activeElement ?? document.body) as HTMLElement;
    const slider = on instanceof HTMLInputElement && on.type === "range";
    const typing = on instanceof HTMLInputElement && !slider && on.type !== "checkbox";
    if (e.key === "Escape") state.select(null);
    if (typing || on instanceof HTMLSelectElement) return;
    const move = (go: () => void) => () => (controls.pause(), go());
    const actions: Record<string, () => void> = {
      ArrowLeft: move(() => (e.shiftKey ? state.phase(-1) : state.go(state.at - 1))),
      ArrowRight: move(() => (e.shiftKey ? state.phase(1) : state.go(state.at + 1))),
      Home: move(() => state.go(0)), End: move(() => state.go(Infinity)),
      f: () => this.#graph!.fit(true), g: () => state.set("mode", state.mode === "grad" ? "value" : "grad"),
      t: () => this.#showTable(), b: () => state.shown && state.toggle(`node ${state.shown}`),
      "/": () => controls.focusSearch(), "?": () => this.#help?.showModal(),
      "+": () => this.#graph!.zoom(1.25), "-": () => this.#graph!.zoom(0.8),
    };
    if (!on.closest("button,summary,input[type=checkbox]")) actions[" "] = () => controls.play();
    const action = actions[e.key];
    if (!action) return;
    e.preventDefault();
    action();
  }

  // -- light and dark

  get #dark(): boolean {
    const theme = this.dataset.theme;
    return theme === "dark" || (theme !== "light" && hostIsDark());
  }

  #theme(theme: string): void {
    if (theme !== "auto") this.dataset.theme = theme;
    this.toggleAttribute("dark", this.#dark);
  }

  #printing(on: boolean): void {
    this.#graph?.print(on);
    for (const el of this.#root.querySelectorAll<HTMLDetailsElement>(on ? "details.fold:not([open])" : "[data-shut]")) {
      el.open = on;
      el.toggleAttribute("data-shut", on);
      el.dispatchEvent(new Event("toggle")); // its own comes too late for the printer
    }
  }
}

/** What the page around (a notebook, also around a frame) or the system says. */
function hostIsDark(): boolean {
  const says = (doc: Document): boolean | undefined => {
    for (const { className, dataset } of [doc.body, doc.documentElement]) {
      if (dataset.jpThemeLight) return dataset.jpThemeLight === "false";
      const [theme] = /dark|light/.exec(`${dataset.theme} ${dataset.vscodeThemeKind} ${className}`) ?? [];
      if (theme) return theme === "dark";
    }
    return undefined;
  };
  let told = says(document);
  try {
    if (told === undefined && parent !== window) told = says(parent.document);
  } catch { // another origin
  }
  return told ?? matchMedia("(prefers-color-scheme: dark)").matches;
}

export function define(): void {
  if (!customElements.get("tensorglass-explorer")) customElements.define("tensorglass-explorer", Explorer);
}
