// The picture: nodes and lines of the document's layout, what is being computed, and a window onto it.

import { button, h, icon, on, put, s } from "./dom";
import { layout as arrange } from "./layout";
import { asNumber, format, heat, isBad, scaleOf, shapeOf } from "./model";
import { tensorView } from "./tensor";
import type { Box, Edge, Layout, Point, Tensor } from "./types";
import type { State } from "./state";

const READABLE = 11 / 12; // the scale at which names are 11 px high
const CELLS = 12;

interface Drawn {
  ids: string[]; name: string; scope: string | null; box: Box; el: SVGGElement; body: SVGElement; info: SVGTextElement;
  strip: SVGGElement; badge: SVGGElement; shown?: Tensor | null; key: string;
}

export class GraphView {
  readonly #state: State;
  readonly el: HTMLElement;
  readonly #svg = s("svg.graph", { role: "group", tabindex: "-1" });
  readonly #world = s("g");
  readonly #map = s("svg.map", { "aria-hidden": "true" });
  readonly #tip = h("div.tip", { hidden: true });
  #layout: Layout = { nodes: {}, edges: [], groups: [] };
  #size: Point = [1, 1];
  #drawn: Drawn[] = [];
  #lines: { edge: Edge; el: SVGGElement }[] = [];
  #holder = new Map<string, Drawn>();
  #x = 0;
  #y = 0;
  #scale = 1;
  #touched = false; // whether the reader has moved the picture
  #built = "";
  #seen = "";

  constructor(state: State) {
    this.#state = state;
    const zoom = h("div.zoom",
      button("Zoom in", () => this.zoom(1.25), {}, icon("plus")),
      button("Zoom out", () => this.zoom(0.8), {}, icon("minus")),
      button("Fit the whole graph (f)", () => this.fit(true), {}, icon("fit")));
    put(this.#svg, this.#world);
    this.el = h("section.canvas", { label: "Graph" }, this.#svg, zoom, this.#map, this.#tip, legend());
    this.#pointers();
    new ResizeObserver(() => (this.#touched ? this.#move() : this.fit(false))).observe(this.#svg);
    state.onChange(() => this.#update());
    this.#build();
  }

  /** The scopes that are one box each in the picture. */
  get folded(): Set<string> {
    return new Set(this.#layout.groups.filter((g) => g.collapsed).map((g) => g.scope));
  }

  /** What the picture depends on. */
  #wanted(): string {
    const { view, direction, fold, run } = this.#state;
    return JSON.stringify([view, direction, fold && [...fold], run]);
  }

  #build(): void {
    const { model, view, direction, fold, run } = this.#state;
    this.#built = this.#wanted();
    this.#layout = model.layout(view);
    if (fold || direction === "lr") {
      const nodes = model.doc.nodes.filter((n) => view === "full" || (n.phase ?? "forward") === "forward");
      this.#layout = arrange(nodes, fold ?? this.folded, direction === "lr");
    }
    const { nodes, edges, groups } = this.#layout;
    const boxes = [...Object.values(nodes), ...groups.map((g) => g.box)];
    this.#size = [Math.max(1, ...boxes.map((b) => b[0] + b[2])) + 16, Math.max(1, ...boxes.map((b) => b[1] + b[3])) + 16];
    this.#drawn = [];
    this.#holder.clear();
    for (const group of groups.filter((g) => g.collapsed)) {
      const ids = group.nodes.filter((id) => nodes[id]);
      if (ids.length) this.#add(ids, group.scope, group.box);
    }
    const order = new Map(model.run(run).steps.map((step, i) => [step.node, i] as const).reverse());
    for (const [id, box] of Object.entries(nodes)) if (!this.#holder.has(id)) this.#add([id], null, box);
    const first = (d: Drawn) => Math.min(...d.ids.map((id) => order.get(id) ?? Infinity));
    this.#drawn.sort((a, b) => first(a) - first(b) || 0);
    this.#lines = edges.map((edge) => ({ edge, el: this.#line(edge) }));
    this.#world.replaceChildren(
      s("g", ...groups.filter((g) => !g.collapsed).map((g) => this.#frame(g.scope, g.box, g.apart !== false))),
      s("g", ...this.#lines.map((l) => l.el)), s("g", ...this.#drawn.map((d) => d.el)));
    this.#svg.setAttribute("aria-label", `Graph of ${Object.keys(nodes).length} nodes, in the order of execution`);
    this.#map.setAttribute("viewBox", `0 0 ${this.#size[0]} ${this.#size[1]}`);
    this.#map.replaceChildren(
      ...this.#drawn.map((d) => s("rect", { x: d.box[0], y: d.box[1], width: d.box[2], height: d.box[3] })),
      s("rect.window"));
    this.#touched = false;
    this.fit(false);
    this.#update();
  }

  #frame(scope: string, [x, y, w, hgt]: Box, apart: boolean): SVGGElement {
    const fold = () => this.#state.set("fold", new Set([...(this.#state.fold ?? this.folded), scope]));
    return s("g.frame",
      apart && s("rect", { x, y, width: w, height: hgt, rx: 8 }),
      apart && s("g.fold", { onclick: fold },
        s("title", `Fold ${scope}`), s("text", { x: x + 6, y: y - 4 }, `− ${scope}`)));
  }

  #add(ids: string[], scope: string | null, box: Box): void {
    const { model } = this.#state;
    const node = model.node(ids[0]!);
    const [x, y, w, hgt] = box;
    const small = hgt < 40;
    const body = scope === null ? shape(node.kind, w, hgt) : s("g",
      s("rect", { x: 3, y: -3, width: w, height: hgt, class: "behind" }), s("rect", { width: w, height: hgt }));
    body.classList.add("body");
    const name = cut(scope ?? model.label(node.id, true), w - (node.kind === "op" ? 20 : 14));
    const info = s("text.info", { x: w / 2, y: 30 });
    const strip = s("g.strip", { transform: `translate(${w / 2 - 36} 35)` });
    const badge = s("g.badge", { transform: `translate(${w - 14} -6)` });
    const el = s("g", {
      class: `node ${scope === null ? node.kind : "scope"}`, transform: `translate(${x} ${y})`, tabindex: 0, role: "button",
      onclick: () => this.#activate(drawn), onkeydown: (e: KeyboardEvent) => {
        if (e.key !== "Enter") return;
        e.preventDefault();
        e.stopPropagation();
        this.#activate(drawn);
      },
    }, s("rect.ring", { x: -5, y: -5, width: w + 10, height: hgt + 10, rx: 8 }), body,
    s("text.name", { x: w / 2, y: 16 }, name),
    " ", !small && info, " ", !small && strip, badge);
    const drawn: Drawn = { ids, name, scope, box, el, body, info, strip, badge, key: "" };
    if (scope === null) el.setAttribute("data-node", node.id);
    this.#drawn.push(drawn);
    for (const id of ids) this.#holder.set(id, drawn);
  }

  #activate(drawn: Drawn): void {
    if (drawn.scope === null) this.#state.select(drawn.ids[0]!);
    else {
      const fold = new Set(this.#state.fold ?? this.folded);
      fold.delete(drawn.scope);
      this.#state.set("fold", fold);
    }
  }

  #line(edge: Edge): SVGGElement {
    const d = path(edge.points);
    const end = edge.points[edge.points.length - 1]!, before = edge.points[edge.points.length - 2] ?? end;
    const start = edge.points[0]!, after = edge.points[1] ?? start;
    return s("g", {
      class: "edge",
      onpointerenter: (e: PointerEvent) => this.#hint(edge, e),
      onpointerleave: () => (this.#tip.hidden = true),
    }, s("path.hit", { d }), s("path.wire", { d }),
    s("path.arrow", { d: arrow(before, end) }), s("path.arrow.back", { d: arrow(after, start) }));
  }

  #hint(edge: Edge, e: PointerEvent): void {
    const { model, moment, mode } = this.#state;
    const sent = this.#state.steps.slice(0, this.#state.at + 1)
      .flatMap((step) => (step.node === edge.to ? step.sends ?? [] : []))
      .filter((send) => send.to === edge.from && send.slot === edge.slot).pop();
    const backward = mode === "grad" && sent;
    const tensor = backward ? model.tensor(sent.contribution) : moment.values.get(edge.from);
    const [a, b] = backward ? [edge.to, edge.from] : [edge.from, edge.to];
    const more = edge.also ? ` and ${edge.also.length} more` : "";
    const hide = this.#state.hidden() && edge.from === this.#state.step?.node;
    this.#tip.replaceChildren(
      h("p", `${model.label(a, true)} → ${model.label(b, true)}${more}`, backward ? " (gradient)" : ""),
      tensor && !hide ? tensorView(tensor, { small: true }) : h("p", "nothing yet"));
    const at = this.el.getBoundingClientRect();
    this.#tip.hidden = false;
    this.#tip.style.left = `${Math.min(e.clientX - at.left + 12, Math.max(at.width - this.#tip.offsetWidth - 4, 0))}px`;
    this.#tip.style.top = `${Math.min(e.clientY - at.top + 12, Math.max(at.height - this.#tip.offsetHeight - 4, 0))}px`;
  }

  #update(): void {
    const { model, step, steps, at, moment, mode, run } = this.#state;
    if (this.#built !== this.#wanted()) {
      this.#build();
      return;
    }
    const current = step && this.#holder.get(step.node);
    const selected = this.#state.shown ? this.#holder.get(this.#state.shown) : undefined;
    const done = new Set(steps.slice(0, at + 1).map((found) => found.node));
    const phase = step?.phase ?? "forward";
    for (const drawn of this.#drawn) {
      const id = drawn.ids[0]!;
      const gradient = moment.gradients.get(id);
      const single = drawn.scope === null;
      const tensor = !single ? null : mode === "grad" ? gradient?.tensor ?? null : moment.values.get(id) ?? null;
      const hide = single && this.#state.hidden() && step?.node === id;
      const pending = mode === "grad" && gradient?.pending ? gradient.pending : 0;
      const breakpoint = drawn.ids.some((n) =>
        this.#state.breakpoints.has(`node ${n}`) || this.#state.breakpoints.has(`type ${model.node(n).type}`));
      const bad = drawn.ids.some((n) => isBad(mode === "grad" ? moment.gradients.get(n)?.tensor : moment.values.get(n)));
      const known = drawn.ids.some((n) => done.has(n));
      const has = drawn.ids.some((n) => moment.gradients.has(n));
      const words = [drawn === current ? `now ${phase}` : "", drawn === selected ? "selected" : "",
        known ? "done" : "waiting", has ? "gradient" : ""].filter(Boolean);
      const key = [...words, hide, pending, breakpoint, bad, mode].join();
      if (key === drawn.key && tensor === drawn.shown) continue;
      [drawn.key, drawn.shown] = [key, tensor];
      drawn.el.setAttribute("class", `node ${single ? model.node(id).kind : "scope"} ${words.join(" ")}`);
      const text = hide ? "?" : single ? summary(tensor) : `${drawn.ids.length} nodes`;
      drawn.info.textContent = pending ? `${text} · waits for ${pending}` : text;
      drawn.strip.replaceChildren(...(tensor && !hide ? cells(tensor) : []));
      drawn.badge.replaceChildren(
        ...(bad && !hide ? [s("rect", { x: -14, width: 28, height: 14, rx: 3 }), s("text", { y: 11 }, "NaN/∞")] : []),
        ...(breakpoint ? [s("circle", { cx: -drawn.box[2] + 16, cy: 6, r: 5 })] : []));
      // What is to be seen comes first, so that it can be said to a speech control.
      const what = single ? `${model.label(id)}, ${model.node(id).type}` : "folded scope";
      drawn.el.setAttribute("aria-label", `${drawn.name} ${drawn.info.textContent || text}${bad && !hide ? " NaN/∞" : ""}, ${what}` +
        `${breakpoint ? ", breakpoint" : ""}${drawn === current ? ", current step" : ""}`);
      if (drawn === current) drawn.el.setAttribute("aria-current", "step");
      else drawn.el.removeAttribute("aria-current");
    }
    const targets = new Set(step?.sends?.map((send) => `${send.to} ${send.slot}`));
    for (const { edge, el } of this.#lines) {
      const ends: [string, string, number | null][] = [[edge.from, edge.to, edge.slot],
        ...((edge.also ?? []) as [string, string, number | null][])];
      const reads = phase !== "reverse" && ends.some(([, to]) => to === step?.node);
      const sends = phase === "reverse" && ends.some(([from, to, slot]) => to === step?.node && targets.has(`${from} ${slot}`));
      el.setAttribute("class", `edge${reads || sends ? ` now ${phase}` : ""}`);
    }
    const seen = `${run} ${at} ${this.#state.shown}`;
    if (seen !== this.#seen && (current ?? selected)) this.#follow((this.#state.selected ? selected : current) ?? current!);
    this.#seen = seen;
  }

  // -- the window

  #pane(): DOMRect {
    return this.#svg.getBoundingClientRect();
  }

  fit(whole: boolean): void {
    const { width, height } = this.#pane();
    if (!width || !height) return;
    const [w, hgt] = this.#size;
    const all = Math.min(width / w, height / hgt, 1.4);
    this.#scale = whole ? all : Math.max(all, READABLE);
    this.#x = (width - w * this.#scale) / 2;
    this.#y = Math.max((height - hgt * this.#scale) / 2, 0);
    const current = this.#state.shown ? this.#holder.get(this.#state.shown) : undefined;
    if (!whole && this.#scale > all && current) this.#centre(current);
    this.#touched = whole;
    this.#move();
  }

  #centre({ box: [x, y, w, hgt] }: Drawn): void {
    const { width, height } = this.#pane();
    const within = (at: number, room: number, size: number) =>
      size < room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
    this.#x = within(width / 2 - (x + w / 2) * this.#scale, width, this.#size[0] * this.#scale);
    this.#y = within(height / 2 - (y + hgt / 2) * this.#scale, height, this.#size[1] * this.#scale);
  }

  #follow(drawn: Drawn): void {
    const { width, height } = this.#pane();
    const [x, y, w, hgt] = drawn.box;
    const [left, top] = [this.#x + x * this.#scale, this.#y + y * this.#scale];
    const out = left < 0 || top < 0 || left + w * this.#scale > width || top + hgt * this.#scale > height;
    if (width && out) this.#centre(drawn);
    this.#move();
  }

  zoom(by: number, at?: Point): void {
    const { width, height } = this.#pane();
    const [px, py] = at ?? [width / 2, height / 2];
    const scale = Math.min(Math.max(this.#scale * by, 0.05), 4);
    this.#x = px - ((px - this.#x) * scale) / this.#scale;
    this.#y = py - ((py - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#touched = true;
    this.#move();
  }

  #move(): void {
    if (this.#svg.hasAttribute("viewBox")) return; // on paper
    this.#world.setAttribute("transform", `translate(${this.#x} ${this.#y}) scale(${this.#scale})`);
    const { width, height } = this.#pane();
    const [w, hgt] = this.#size;
    const inside = w * this.#scale <= width + 1 && hgt * this.#scale <= height + 1;
    this.#map.style.display = inside || width < 400 ? "none" : "";
    const pane = this.#map.lastElementChild;
    const at = { x: -this.#x, y: -this.#y, width, height };
    for (const [key, value] of Object.entries(at)) pane?.setAttribute(key, String(value / this.#scale));
  }

  #pointers(): void {
    let from: Point | null = null;
    on(this.#svg, "pointerdown", (e) => {
      if (!(e.target as Element).closest(".node,.fold")) from = [e.clientX - this.#x, e.clientY - this.#y];
    });
    on(this.#svg, "pointermove", (e) => {
      if (!from || !e.buttons) return;
      if (!this.#svg.hasPointerCapture(e.pointerId)) this.#svg.setPointerCapture(e.pointerId);
      [this.#x, this.#y] = [e.clientX - from[0], e.clientY - from[1]];
      this.#touched = true;
      this.#move();
    });
    on(this.#svg, "pointerup", () => (from = null));
    on(this.#svg, "wheel", (e) => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const at = this.#pane();
      this.zoom(Math.exp(-e.deltaY / 300), [e.clientX - at.left, e.clientY - at.top]);
    }, { passive: false });
    on(this.#map, "pointerdown", (e) => {
      const at = this.#map.getBoundingClientRect(), [w, hgt] = this.#size;
      const { width, height } = this.#pane();
      const scale = Math.min(at.width / w, at.height / hgt);
      const gx = (e.clientX - at.left - (at.width - w * scale) / 2) / scale;
      const gy = (e.clientY - at.top - (at.height - hgt * scale) / 2) / scale;
      [this.#x, this.#y] = [width / 2 - gx * this.#scale, height / 2 - gy * this.#scale];
      this.#touched = true;
      this.#move();
    });
  }

  /** The picture as it is now, as a file of its own: in the light theme, with its styles inside. */
  export(css: string): string {
    const svg = s("svg", {
      xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${this.#size[0]} ${this.#size[1]}`,
      width: this.#size[0], height: this.#size[1], 
    });
    const world = this.#world.cloneNode(true) as SVGGElement;
    world.removeAttribute("transform");
    world.querySelectorAll("[tabindex]").forEach((el) => el.removeAttribute("tabindex"));
    put(svg, s("style", css), world);
    return new XMLSerializer().serializeToString(svg);
  }

  /** For print: the whole graph, whatever part is in the window. */
  print(on: boolean): void {
    if (on) {
      this.#svg.setAttribute("viewBox", `0 0 ${this.#size[0]} ${this.#size[1]}`);
      this.#world.removeAttribute("transform");
    } else {
      this.#svg.removeAttribute("viewBox");
      this.#move();
    }
  }
}

// -- parts of the picture

function shape(kind: string, w: number, hgt: number): SVGElement {
  if (kind === "placeholder") return s("path", { d: `M10 0H${w}L${w - 10} ${hgt}H0Z` });
  if (kind === "op") return s("rect", { width: w, height: hgt, rx: Math.min(hgt / 2, 24) });
  return s("rect", { width: w, height: hgt, rx: kind === "constant" ? 3 : 0 });
}

function cut(text: string, width: number): string {
  const most = Math.floor(width / 6.6);
  return text.length > most ? `${text.slice(0, Math.max(most - 1, 1))}…` : text;
}

function path(points: Point[]): string {
  return points.map(([x, y], k) => `${k ? "L" : "M"}${x} ${y}`).join("");
}

function arrow([x0, y0]: Point, [x, y]: Point): string {
  const turn = Math.atan2(y - y0, x - x0);
  const at = (angle: number) => `${(x - 8 * Math.cos(turn + angle)).toFixed(1)} ${(y - 8 * Math.sin(turn + angle)).toFixed(1)}`;
  return `M${at(0.4)}L${x} ${y}L${at(-0.4)}Z`;
}

function summary(t: Tensor | null): string {
  if (!t) return "";
  return t.size === 1 && t.data ? format(t.data[0]!) : shapeOf(t);
}

function cells(t: Tensor): SVGRectElement[] {
  const data = t.data ?? t.sample?.data ?? [];
  const count = Math.min(data.length, CELLS), scale = scaleOf(t);
  return Array.from({ length: count }, (_, k) => {
    const v = asNumber(data[Math.floor((k * data.length) / count)]);
    const { part, sign } = heat(v, scale);
    return s("rect", { class: `heat ${sign}`, x: (k * 72) / count, width: 72 / count, height: 7, "fill-opacity": part.toFixed(2) });
  });
}

function legend(): HTMLElement {
  const entry = (kind: string, text: string) => h("li",
    s("svg", { width: 26, height: 16, viewBox: "-1 -1 28 18", "aria-hidden": "true" },
      s("g", { class: `node ${kind}` }, asBody(shape(kind.split(" ")[0]!, 26, 16)))), text);
  return h("ul.legend", { label: "Legend" }, entry("placeholder", "placeholder"),
    entry("variable", "variable"), entry("op", "op"), entry("op now forward", "computing"), entry("op now reverse", "gradient"));
}

function asBody(el: SVGElement): SVGElement {
  el.classList.add("body");
  return el;
}
