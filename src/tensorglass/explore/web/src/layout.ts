// Boxes and lines for another folding or direction than the document's own, in the way of layout.py: rows by
// longest path, sources beside their consumers, bends in long lines, medians against crossings.

import type { Box, Edge, Group, Layout, Node, Point } from "./types";

const GAP = 24, BEND = 14, ROW = 36, MARGIN = 16;

/** All scopes that hold at least two of `nodes`, outermost first, each with its nodes. */
export function scopesOf(nodes: Node[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const node of nodes) {
    const parts = (node.scope ?? "").split("/").filter(Boolean);
    parts.forEach((_, k) => {
      const name = parts.slice(0, k + 1).join("/");
      found.set(name, [...(found.get(name) ?? []), node.id]);
    });
  }
  return new Map([...found].filter(([, ids]) => ids.length > 1).sort(([a], [b]) => depth(a) - depth(b)));
}

const depth = (scope: string) => scope.split("/").length;
const median = (v: number[]) => {
  const sorted = [...v].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

function sizeOf(name: string, constant: boolean): Point {
  const width = name.length * 7;
  return constant ? [Math.min(Math.max(width + 16, 56), 130), 24] : [Math.min(Math.max(width + 40, 116), 200), 48];
}

/** The places nearest to `wants` that keep the distances of `least`. */
function apart(wants: number[], least: number[]): number[] {
  const pools: { mean: number; n: number }[] = [];
  wants.forEach((want, i) => {
    let pool = { mean: want - least[i]!, n: 1 };
    for (let top = pools[pools.length - 1]; top && top.mean > pool.mean; top = pools[pools.length - 1]) {
      pools.pop();
      pool = { mean: (top.mean * top.n + pool.mean * pool.n) / (top.n + pool.n), n: top.n + pool.n };
    }
    pools.push(pool);
  });
  const means = pools.flatMap(({ mean, n }) => Array<number>(n).fill(mean));
  return means.map((mean, i) => mean + least[i]!);
}

export function layout(nodes: Node[], fold: Set<string>, right: boolean): Layout {
  const scopes = scopesOf(nodes);
  const holder = new Map<string, string>();
  for (const [scope, ids] of scopes) {
    if (fold.has(scope)) for (const id of ids) if (!holder.has(id)) holder.set(id, scope);
  }
  // Items: nodes, and folded scopes in the place of theirs.
  const index = new Map<string, number>();
  const sizes: Point[] = [];
  const item = new Map<string, number>();
  for (const node of nodes) {
    const scope = holder.get(node.id);
    const key = scope === undefined ? `n ${node.id}` : `s ${scope}`;
    if (!index.has(key)) {
      index.set(key, sizes.length);
      const label = scope ?? node.name.slice(node.name.lastIndexOf("/") + 1);
      sizes.push(sizeOf(label, scope === undefined && node.kind === "constant"));
    }
    item.set(node.id, index.get(key)!);
  }
  const lines: { u: number; v: number; edge: Edge }[] = [];
  const merged = new Map<string, Edge>();
  for (const node of nodes) {
    node.inputs.forEach((from, slot) => {
      const u = item.get(from), v = item.get(node.id)!;
      if (u === undefined || u === v) return;
      const key = `${u} ${v}`, folded = holder.has(from) || holder.has(node.id), first = merged.get(key);
      if (folded && first) {
        (first.also ??= []).push([from, node.id, slot]);
        return;
      }
      const edge: Edge = { from, to: node.id, slot, points: [] };
      if (folded) merged.set(key, edge);
      lines.push({ u, v, edge });
    });
  }
  const place = arrange(sizes.map(([w, hgt]) => (right ? [hgt, w] : [w, hgt])), lines.map((l) => [l.u, l.v]));
  const turn = ([x, y]: Point): Point => (right ? [y, x] : [x, y]);
  const boxes = place.boxes.map(([x, y, w, hgt]): Box => (right ? [y, x, hgt, w] : [x, y, w, hgt]));
  lines.forEach((line, k) => (line.edge.points = place.lines[k]!.map(turn)));
  const at = Object.fromEntries(nodes.map((n) => [n.id, boxes[item.get(n.id)!]!]));
  const groups: Group[] = [];
  for (const [scope, ids] of scopes) {
    const outer = ids.map((id) => holder.get(id));
    if (outer[0] === scope) groups.push({ scope, nodes: ids, box: at[ids[0]!]!, collapsed: true });
    else if (outer[0] === undefined || !scope.startsWith(outer[0])) {
      const box = around(ids.map((id) => at[id]!)), inside = new Set(ids);
      const apart = !nodes.some(({ id }) => !inside.has(id) && overlap(box, at[id]!));
      groups.push({ scope, nodes: ids, box, collapsed: false, apart });
    }
  }
  return { nodes: at, edges: lines.map((l) => l.edge), groups };
}

const overlap = (a: Box, b: Box) =>
  a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];

function around(boxes: Box[]): Box {
  const left = Math.min(...boxes.map((b) => b[0])) - 6, top = Math.min(...boxes.map((b) => b[1])) - 6;
  const end = Math.max(...boxes.map((b) => b[0] + b[2])) + 6, low = Math.max(...boxes.map((b) => b[1] + b[3])) + 6;
  return [left, top, end - left, low - top];
}

/** Boxes and lines of numbered items with edges between them, downwards. */
function arrange(sizes: Point[], pairs: Point[]): { boxes: Box[]; lines: Point[][] } {
  const n = sizes.length;
  const edges = forwards(n, pairs);
  const level = levels(n, edges);
  // Bends: one in each row that a long line passes.
  const up: number[][] = sizes.map(() => []), down: number[][] = sizes.map(() => []);
  const route = new Map<string, number[]>();
  const link = (a: number, b: number) => (down[a]!.push(b), up[b]!.push(a));
  for (const [u, v] of edges) {
    if (route.has(`${u} ${v}`)) continue;
    const bends: number[] = [];
    let last = u;
    for (let row = level[u]! + 1; row < level[v]!; row++) {
      const bend = level.push(row) - 1;
      up.push([]);
      down.push([]);
      link(last, bend);
      bends.push((last = bend));
    }
    link(last, v);
    route.set(`${u} ${v}`, bends);
  }
  const rows: number[][] = [];
  level.forEach((row, i) => (rows[row] ??= []).push(i));
  const spot: number[] = [];
  const number = (row: number[]) => row.forEach((i, k) => (spot[i] = k));
  rows.forEach(number);
  let best = rows.map((row) => [...row]), least = crossings(rows, down, spot);
  for (let turn = 0; turn < 12 && least > 0; turn++) {
    const side = turn % 2 ? down : up;
    for (const row of turn % 2 ? [...rows].reverse() : rows) {
      const at = new Map(row.map((i) => [i, side[i]!.length ? median(side[i]!.map((j) => spot[j]!)) : spot[i]!]));
      row.sort((a, b) => at.get(a)! - at.get(b)!);
      number(row);
    }
    const now = crossings(rows, down, spot);
    if (now < least) [best, least] = [rows.map((row) => [...row]), now];
  }
  best.forEach(number);
  // Places: as near to the neighbours as the gaps allow.
  const half = (i: number) => (i < n ? sizes[i]![0] / 2 : 0);
  const x: number[] = [];
  const room = best.map((row) => {
    const at = [0];
    for (let k = 1; k < row.length; k++) {
      const a = row[k - 1]!, b = row[k]!;
      at.push(at[k - 1]! + half(a) + half(b) + (a < n && b < n ? GAP : BEND));
    }
    row.forEach((i, k) => (x[i] = at[k]! - at[at.length - 1]! / 2));
    return at;
  });
  for (let turn = 0; turn < 16; turn++) {
    const sides = turn > 13 ? [up, down] : [turn % 2 ? down : up];
    const order = best.map((_, r) => r);
    for (const r of turn % 2 ? order.reverse() : order) {
      const wants = best[r]!.map((i) => {
        const near = sides.flatMap((side) => side[i]!);
        return near.length ? median(near.map((j) => x[j]!)) : x[i]!;
      });
      apart(wants, room[r]!).forEach((at, k) => (x[best[r]![k]!] = at));
    }
  }
  const left = Math.min(...x.map((at, i) => at - half(i)), Infinity);
  x.forEach((at, i) => (x[i] = at - left + MARGIN));
  let y = MARGIN;
  const bands = best.map((row) => {
    const top = y, low = y + Math.max(0, ...row.filter((i) => i < n).map((i) => sizes[i]![1]));
    y = low + ROW;
    return [top, low] as const;
  });
  const boxes = sizes.map(([w, hgt], i): Box => {
    const [top, low] = bands[level[i]!]!;
    return [x[i]! - w / 2, (top + low - hgt) / 2, w, hgt];
  });
  const lines = pairs.map(([u, v]) => {
    const back = !route.has(`${u} ${v}`), [a, b] = back ? [v, u] : [u, v];
    const points: Point[] = [[x[a]!, boxes[a]![1] + boxes[a]![3]]];
    for (const bend of route.get(`${a} ${b}`) ?? []) {
      points.push([x[bend]!, bands[level[bend]!]![0]], [x[bend]!, bands[level[bend]!]![1]]);
    }
    const ends = up[b]!.length, reach = Math.min(12 * (ends - 1), sizes[b]![0] / 2) / 2;
    const last = [a, ...(route.get(`${a} ${b}`) ?? [])].pop()!;
    const rank = [...up[b]!].sort((i, j) => x[i]! - x[j]!).indexOf(last);
    points.push([x[b]! + (ends > 1 ? reach * ((2 * rank) / (ends - 1) - 1) : 0), boxes[b]![1]]);
    return back ? points.reverse() : points;
  });
  return { boxes, lines };
}

/** The edges with those that would close a cycle turned round. */
function forwards(n: number, pairs: Point[]): Point[] {
  const next: number[][] = Array.from({ length: n }, () => []);
  pairs.forEach(([u, v]) => next[u]!.push(v));
  const state = new Uint8Array(n), back = new Set<string>();
  for (let root = 0; root < n; root++) {
    if (state[root]) continue;
    const path: [number, number][] = [[root, 0]];
    state[root] = 1;
    while (path.length) {
      const top = path[path.length - 1]!, v = next[top[0]]![top[1]++];
      if (v === undefined) state[path.pop()![0]] = 2;
      else if (state[v] === 1) back.add(`${top[0]} ${v}`);
      else if (!state[v]) {
        state[v] = 1;
        path.push([v, 0]);
      }
    }
  }
  return pairs.map(([u, v]) => (back.has(`${u} ${v}`) ? [v, u] : [u, v]));
}

/** The row of each item: one below its lowest input; what has no inputs stands right above its first consumer. */
function levels(n: number, edges: Point[]): number[] {
  const next: number[][] = Array.from({ length: n }, () => []), waiting = Array<number>(n).fill(0);
  edges.forEach(([u, v]) => (next[u]!.push(v), waiting[v]!++));
  const sources = waiting.map((count) => count === 0), level = Array<number>(n).fill(0);
  const ready = level.map((_, i) => i).filter((i) => sources[i]);
  for (let u = ready.pop(); u !== undefined; u = ready.pop()) {
    for (const v of next[u]!) {
      level[v] = Math.max(level[v]!, level[u]! + 1);
      if (!--waiting[v]!) ready.push(v);
    }
  }
  sources.forEach((source, i) => {
    if (source && next[i]!.length) level[i] = Math.min(...next[i]!.map((v) => level[v]!)) - 1;
  });
  return level;
}

function crossings(rows: number[][], down: number[][], spot: number[]): number {
  let total = 0;
  for (const row of rows) {
    const ends = row.flatMap((i) => down[i]!.map((j) => spot[j]!).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i++) for (let j = 0; j < i; j++) if (ends[j]! > ends[i]!) total++;
  }
  return total;
}
