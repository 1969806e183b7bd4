// The picture: nodes and lines of the document's layout, what is being computed, and a window onto it.

import { button, fill, h, icon, mark, on, put, s } from "./dom";
import { layout as arrange } from "./layout";
import { asNumber, format, heat, isBad, phaseOf, scaleOf, shapeOf } from "./model";
import { tensorView } from "./tensor";
import type { Box, Edge, Group, Layout, Point, Tensor } from "./types";
import type { State } from "./state";

const READABLE = 11 / 12; // the scale at which names are 11 px high
const CELLS = 12;

interface Drawn {
  ids: string[]; name: string; scope: string | null; box: Box; el: SVGGElement; info: SVGTextElement;
  strip: SVGGElement; badge: SVGGElement; shown?: Tensor | null; key: string;
}

export type GraphView = ReturnType<typeof graphView>;

/** The picture of `state`'s graph, and the ways to move it. */
export function graphView(state: State) {
  const svg = s("svg.graph", { role: "group", tabindex: "-1" });
  const world = s("g");
  const map = s("svg.map", { "aria-hidden": "true" });
  const tip = h("div.tip", { hidden: true });
  const holder = new Map<string, Drawn>();
  let drawing: Layout = { nodes: {}, edges: [], groups: [] };
  let size: Point = [1, 1];
  let all: Drawn[] = [];
  let lines: { edge: Edge; el: SVGGElement; words?: string }[] = [];
  let panX = 0;
  let panY = 0;
  let zoomed = 1;
  let pane = new DOMRect();
  let touched = false; // whether the reader has moved the picture
  let built = "";
  let seen = "";
  const el = h("section.canvas", { label: "Graph" }, h("div.pane", svg, map),
    h("div.under", legend(), h("div.zoom",
      button("Zoom in", () => zoom(1.25), {}, icon("plus")),
      button("Zoom out", () => zoom(0.8), {}, icon("minus")),
      button("Fit the whole graph (f)", () => fit(true), {}, icon("fit")))),
    tip);
  put(svg, world);
  pointers();
  new ResizeObserver(([found]) => {
    pane = found!.contentRect as DOMRect;
    if (touched) move();
    else fit(false);
  }).observe(svg);
  state.onChange(update);
  build();
  return { el, folded, fit, zoom, picture, print };

  /** The scopes that are one box each in the picture. */
  function folded(): Set<string> {
    return new Set(drawing.groups.filter((g) => g.collapsed).map((g) => g.scope));
  }

  /** What the picture depends on. */
  function wanted(): string {
    const { view, direction, fold, run } = state;
    return JSON.stringify([view, direction, fold && [...fold], run]);
  }

  function build(): void {
    const { model, view, direction, fold, run } = state;
    built = wanted();
    drawing = model.layout(view);
    if (fold || direction === "lr") {
      const nodes = model.doc.nodes.filter((n) => view === "full" || phaseOf(n) === "forward");
      drawing = arrange(nodes, fold ?? folded(), direction === "lr");
    }
    const { nodes, edges, groups } = drawing;
    const boxes = [...Object.values(nodes), ...groups.map((g) => g.box)];
    size = [Math.max(1, ...boxes.map((b) => b[0] + b[2])) + 16, Math.max(1, ...boxes.map((b) => b[1] + b[3])) + 16];
    all = [];
    holder.clear();
    for (const group of groups.filter((g) => g.collapsed)) {
      const ids = group.nodes.filter((id) => nodes[id]);
      if (ids.length) add(ids, group.scope, group.box);
    }
    const order = new Map(model.run(run).steps.map((step, i) => [step.node, i] as const).reverse());
    for (const [id, box] of Object.entries(nodes)) if (!holder.has(id)) add([id], null, box);
    const first = (d: Drawn) => Math.min(...d.ids.map((id) => order.get(id) ?? Infinity));
    all.sort((a, b) => first(a) - first(b) || 0);
    lines = edges.map((edge) => ({ edge, el: line(edge) }));
    fill(world, s("g", groups.filter((g) => !g.collapsed && g.apart !== false).map(frame)),
      s("g", lines.map((l) => l.el)), s("g", all.map((d) => d.el)));
    mark(svg, "aria-label", `Graph of ${Object.keys(nodes).length} nodes, in the order of execution`);
    mark(map, "viewBox", `0 0 ${size[0]} ${size[1]}`);
    fill(map, all.map(({ box: [x, y, width, height] }) => s("rect", { x, y, width, height })), s("rect.window"));
    touched = false;
    fit(false);
    update();
  }

  function frame({ scope, box: [x, y, width, height] }: Group): SVGGElement {
    const onclick = () => state.set("fold", new Set([...(state.fold ?? folded()), scope]));
    return s("g.frame", s("rect", { x, y, width, height, rx: 8 }),
      s("g.fold", { onclick }, s("title", `Fold ${scope}`), s("text", { x: x + 6, y: y - 4 }, `− ${scope}`)));
  }

  function add(ids: string[], scope: string | null, box: Box): void {
    const { model } = state;
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
      transform: `translate(${x} ${y})`, tabindex: 0, role: "button", "data-node": scope === null && node.id,
      onclick: () => activate(drawn), onfocus: () => el.matches(":focus-visible") && follow(drawn), onkeydown: (e: KeyboardEvent) => {
        if (e.key !== "Enter") return;
        e.preventDefault();
        e.stopPropagation();
        activate(drawn);
      },
    }, s("rect.ring", { x: -5, y: -5, width: w + 10, height: hgt + 10, rx: 8 }), body,
    s("text.name", { x: w / 2, y: 16 }, name),
    " ", !small && info, " ", !small && strip, badge);
    const drawn: Drawn = { ids, name, scope, box, el, info, strip, badge, key: "" };
    all.push(drawn);
    for (const id of ids) holder.set(id, drawn);
  }

  function activate(drawn: Drawn): void {
    if (drawn.scope === null) state.select(drawn.ids[0]!);
    else {
      const fold = new Set(state.fold ?? folded());
      fold.delete(drawn.scope);
      state.set("fold", fold);
    }
  }

  function line(edge: Edge): SVGGElement {
    const d = path(edge.points);
    const end = edge.points[edge.points.length - 1]!, before = edge.points[edge.points.length - 2] ?? end;
    const start = edge.points[0]!, after = edge.points[1] ?? start;
    return s("g", {
      class: "edge",
      onpointerenter: (e: PointerEvent) => hint(edge, e),
      onpointerleave: () => (tip.hidden = true),
    }, s("path.hit", { d }), s("path.wire", { d }),
    s("path.arrow", { d: arrow(before, end) }), s("path.arrow.back", { d: arrow(after, start) }));
  }

  function hint(edge: Edge, e: PointerEvent): void {
    const { model, moment, mode } = state;
    const sent = state.steps.slice(0, state.at + 1)
      .flatMap((step) => (step.node === edge.to ? step.sends ?? [] : []))
      .filter((send) => send.to === edge.from && send.slot === edge.slot).pop();
    const backward = mode === "grad" && sent;
    const tensor = backward ? model.tensor(sent.contribution) : moment.values.get(edge.from);
    const [a, b] = backward ? [edge.to, edge.from] : [edge.from, edge.to];
    const more = edge.also ? ` and ${edge.also.length} more` : "";
    const hide = state.hidden() && edge.from === state.step?.node;
    fill(tip, h("p", `${model.label(a, true)} → ${model.label(b, true)}${more}`, backward ? " (gradient)" : ""),
      tensor && !hide ? tensorView(tensor, { small: true }) : h("p", "nothing yet"));
    const at = el.getBoundingClientRect();
    const near = (place: number, room: number, own: number) => `${Math.min(place + 12, Math.max(room - own - 4, 0))}px`;
    tip.hidden = false;
    tip.style.left = near(e.clientX - at.left, at.width, tip.offsetWidth);
    tip.style.top = near(e.clientY - at.top, at.height, tip.offsetHeight);
  }

  function update(): void {
    const { model, step, steps, at, moment, mode, run } = state;
    if (built !== wanted()) {
      build();
      return;
    }
    const current = step && holder.get(step.node);
    const selected = state.shown ? holder.get(state.shown) : undefined;
    const done = new Set(steps.slice(0, at + 1).map((found) => found.node));
    const { doubtful, breakpoints } = state;
    const alone = new Set(state.comparison?.only_here);
    const phase = step?.phase ?? "forward";
    for (const drawn of all) {
      const { ids } = drawn, id = ids[0]!, node = model.node(id);
      const gradient = moment.gradients.get(id);
      const single = drawn.scope === null;
      const tensor = !single ? null : mode === "grad" ? gradient?.tensor ?? null : moment.values.get(id) ?? null;
      const hide = single && state.hidden() && step?.node === id;
      const pending = mode === "grad" && gradient?.pending;
      const stops = ids.some((n) => breakpoints.has(`node ${n}`) || breakpoints.has(`type ${model.node(n).type}`));
      const bad = ids.some((n) => isBad(mode === "grad" ? moment.gradients.get(n)?.tensor : moment.values.get(n)));
      const flag = bad && !hide ? "NaN/∞" : ids.some((n) => doubtful.has(n)) ? "≠" : "";
      const words = ["node", single ? node.kind : "scope", drawn === current && `now ${phase}`, drawn === selected && "selected",
        ids.some((n) => done.has(n) || moment.values.has(n)) ? "done" : "waiting", ids.some((n) => moment.gradients.has(n)) && "gradient",
        ids.every((n) => alone.has(n)) && "alone"].filter(Boolean).join(" ");
      const key = [words, hide, pending, stops, flag, mode].join();
      if (key === drawn.key && tensor === drawn.shown) continue;
      [drawn.key, drawn.shown] = [key, tensor];
      mark(drawn.el, "class", words);
      const text = hide ? "?" : single ? summary(tensor) : `${ids.length} nodes`;
      drawn.info.textContent = pending ? `${text} · waits for ${pending}` : text;
      fill(drawn.strip, tensor && !hide && cells(tensor));
      fill(drawn.badge, flag && [s("rect", { x: -14, width: 28, height: 14, rx: 3 }), s("text", { y: 11 }, flag)],
        stops && s("circle", { cx: -drawn.box[2] + 16, cy: 6, r: 5 }));
      // What is to be seen comes first, so that it can be said to a speech control.
      mark(drawn.el, "aria-label", [`${drawn.name} ${drawn.info.textContent} ${flag}`.trim(),
        single ? `${model.label(id)}, ${node.type}` : "folded scope", flag === "≠" && "differs", stops && "breakpoint",
        drawn === current && "current step"].filter(Boolean).join(", "));
      mark(drawn.el, "aria-current", drawn === current ? "step" : undefined);
    }
    const targets = new Set(step?.sends?.map((send) => `${send.to} ${send.slot}`));
    for (const wire of lines) {
      const { edge } = wire;
      const ends = [[edge.from, edge.to, edge.slot] as const, ...edge.also ?? []];
      const now = ends.some(([from, to, slot]) => to === step?.node && (phase !== "reverse" || targets.has(`${from} ${slot}`)));
      const words = `edge${now ? ` now ${phase}` : ""}`;
      if (wire.words !== words) mark(wire.el, "class", (wire.words = words));
    }
    const now = `${run} ${at} ${state.shown}`;
    if (now !== seen && (current ?? selected)) follow((state.selected ? selected : current) ?? current!);
    seen = now;
  }

  // -- the window

  function fit(whole: boolean): void {
    const { width, height } = pane;
    if (!width || !height) return;
    const [w, hgt] = size;
    const least = Math.min(width / w, height / hgt, 1.4);
    zoomed = whole ? least : Math.max(least, READABLE);
    panX = (width - w * zoomed) / 2;
    panY = Math.max((height - hgt * zoomed) / 2, 0);
    const current = state.shown ? holder.get(state.shown) : undefined;
    if (!whole && zoomed > least && current) centre(current);
    touched = whole;
    move();
  }

  function centre({ box: [x, y, w, hgt] }: Drawn): void {
    const { width, height } = pane;
    const within = (at: number, room: number, size: number) =>
      size < room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at));
    panX = within(width / 2 - (x + w / 2) * zoomed, width, size[0] * zoomed);
    panY = within(height / 2 - (y + hgt / 2) * zoomed, height, size[1] * zoomed);
  }

  function follow(drawn: Drawn): void {
    const { width, height } = pane;
    const [x, y, w, hgt] = drawn.box;
    const [left, top] = [panX + x * zoomed, panY + y * zoomed];
    const out = left < 0 || top < 0 || left + w * zoomed > width || top + hgt * zoomed > height;
    if (width && out) centre(drawn);
    move();
  }

  function zoom(by: number, at?: Point): void {
    const { width, height } = pane;
    const [px, py] = at ?? [width / 2, height / 2];
    const scale = Math.min(Math.max(zoomed * by, 0.05), 4);
    panX = px - ((px - panX) * scale) / zoomed;
    panY = py - ((py - panY) * scale) / zoomed;
    zoomed = scale;
    touched = true;
    move();
  }

  function move(): void {
    if (svg.hasAttribute("viewBox")) return; // on paper
    mark(world, "transform", `translate(${panX} ${panY}) scale(${zoomed})`);
    const { width, height } = pane;
    const [w, hgt] = size;
    const inside = w * zoomed <= width + 1 && hgt * zoomed <= height + 1;
    map.style.display = inside || width < 400 ? "none" : "";
    const part = map.lastElementChild;
    const at = { x: -panX, y: -panY, width, height };
    for (const [key, value] of Object.entries(at)) mark(part!, key, value / zoomed);
  }

  function pointers(): void {
    let from: Point | null = null;
    on(svg, "pointerdown", (e) => {
      if (!(e.target as Element).closest(".node,.fold")) from = [e.clientX - panX, e.clientY - panY];
    });
    on(svg, "pointermove", (e) => {
      if (!from || !e.buttons) return;
      if (!svg.hasPointerCapture(e.pointerId)) svg.setPointerCapture(e.pointerId);
      [panX, panY] = [e.clientX - from[0], e.clientY - from[1]];
      touched = true;
      move();
    });
    on(svg, "pointerup", () => (from = null));
    on(svg, "wheel", (e) => {
      if (!e.ctrlKey && !e.metaKey) return;
      e.preventDefault();
      const at = svg.getBoundingClientRect();
      zoom(Math.exp(-e.deltaY / 300), [e.clientX - at.left, e.clientY - at.top]);
    }, { passive: false });
    on(map, "pointerdown", (e) => {
      const at = map.getBoundingClientRect(), [w, hgt] = size;
      const { width, height } = pane;
      const scale = Math.min(at.width / w, at.height / hgt);
      const gx = (e.clientX - at.left - (at.width - w * scale) / 2) / scale;
      const gy = (e.clientY - at.top - (at.height - hgt * scale) / 2) / scale;
      [panX, panY] = [width / 2 - gx * zoomed, height / 2 - gy * zoomed];
      touched = true;
      move();
    });
  }

  /** The picture as it is now, as a file of its own: in the light theme, with its styles inside. */
  function picture(css: string): string {
    const [width, height] = size;
    const copy = world.cloneNode(true) as SVGGElement;
    copy.removeAttribute("transform");
    copy.querySelectorAll("[tabindex]").forEach((node) => node.removeAttribute("tabindex"));
    return new XMLSerializer().serializeToString(
      s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, width, height }, s("style", css), copy));
  }

  /** For print: the whole graph, whatever part is in the window. */
  function print(on: boolean): void {
    if (on) {
      mark(svg, "viewBox", `0 0 ${size[0]} ${size[1]}`);
      svg.style.maxHeight = `max(240mm, ${size[1] * 0.7}px)`; // what is long goes over pages, so that it can be read
      world.removeAttribute("transform");
    } else {
      svg.removeAttribute("viewBox");
      svg.style.maxHeight = "";
      move();
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
