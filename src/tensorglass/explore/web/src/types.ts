// The trace format `graphtrace`, version 1, as far as this view reads it. Unknown fields are ignored.

export type Num = number | string | boolean | null;

export interface Stats {
  min: Num; max: Num; mean: Num; std: Num; l2: Num; zeros: number; nan: number; inf: number;
}

export interface Tensor {
  shape: number[]; dtype: string; size: number; stats?: Stats; data?: Num[];
  hist?: { lo: number; hi: number; counts: number[] } | null;
  sample?: { rows: number[]; cols: number[]; data: Num[] };
  thumb?: string; same_as?: string;
  kept?: number | null; rows?: number[]; cols?: number[]; // of a part of a large value: which rows and columns
}

export type Phase = "forward" | "reverse" | "update";
export type Box = [number, number, number, number];
export type Point = [number, number];

export interface Node {
  id: string; name: string; kind: "op" | "variable" | "placeholder" | "constant"; type: string;
  inputs: string[]; control?: string[]; scope?: string; attrs?: Record<string, unknown>; src?: string;
  made_at?: { file: string; line: number; text: string } | null; grad_of?: string | null; phase?: Phase;
  dtype?: string | null; shape?: (number | null)[] | null; box?: Box | null;
}

export interface Edge { from: string; to: string; slot: number | null; points: Point[]; also?: [string, string, number | null][] }
export interface Group { scope: string; nodes: string[]; box: Box; collapsed: boolean; apart?: boolean }
export interface Layout { nodes: Record<string, Box>; edges: Edge[]; groups: Group[]; size?: Point }

export interface Send {
  to: string; slot: number; contribution: Tensor; total?: Tensor | null; pending: number;
}

/** A step inside an op that holds a graph of its own: of a loop's condition or body, of a branch. */
export interface Inner { part: string; name: string; type: string; inputs?: string[]; value?: Tensor | null; turns?: Turns | null; failed?: boolean }

/** Some of the turns of a loop: the number of each, and its steps. */
export interface Turns { count: number; kept: [number, Inner[]][] }

export interface Check {
  numeric_max_abs?: Num; numeric_tolerance?: number; numeric_entries?: [number, number]; numeric_note?: string;
  tensorflow_max_abs?: Num; tensorflow_tolerance?: number;
}

export interface Difference { value?: Num; gradient?: Num; change?: Num; agrees?: boolean; differs?: string[]; part?: boolean }

/** How far a trace is from another one, node by node. */
export interface Comparison {
  with?: { name?: string; version?: string }; text: string;
  runs: { other?: number | null; note?: string; nodes: Record<string, Difference> }[];
  only_here: string[]; only_there: string[];
}

export interface Step {
  i: number; phase: Phase; node: string; t_us?: number; bytes?: number; frees?: string[]; stack?: string[];
  value?: Tensor | null; outputs?: (Tensor | null)[]; grad?: Tensor | null; sends?: Send[];
  check?: Check | null; turns?: Turns | null;
  before?: Tensor | null; after?: Tensor | null; rule?: string; by?: string;
}

export interface Failure { type?: string; message?: string; node?: string | null; traceback?: string }

export interface Run {
  fetch?: string[]; feed?: string[]; wall_us?: number; peak_bytes?: number; steps: Step[];
  order?: { forward?: string[]; reverse?: string[]; algorithm?: string }; left_out?: number; error?: Failure | null; eager?: boolean;
  own?: { node: string; after: number; value: Tensor | null; turns?: Turns | null }[]; // of the nodes of the reverse pass
}

export interface Formula { latex?: string | null; mathml?: string | null; slot?: number }
export interface Code { file: string; line: number; text: string; tokens?: (number | string)[] }
export interface Source { formula?: Formula | null; vjp?: Formula[]; forward?: Code | null; backward?: Code | null; note?: string }

export interface Doc {
  format: "graphtrace"; version: number; title?: string;
  library?: { name?: string; version?: string; backend?: string };
  nodes: Node[]; layouts: { forward: Layout; full: Layout };
  runs: Run[]; sources?: Record<string, Source>; note?: string; comparison?: Comparison; live?: number;
}

/** `text` as a document, or undefined where it is something else. */
export function asDocument(found: unknown): Doc | undefined {
  const doc = (typeof found === "string" ? JSON.parse(found) : found) as Doc | null;
  return doc && doc.format === "graphtrace" && doc.layouts ? doc : undefined;
}
