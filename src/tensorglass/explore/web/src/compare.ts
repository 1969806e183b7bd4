// Where two traces, or a gradient and its numeric check, do not agree; and the panel that lists it.

import { button, fill, h, headings, scroll, type Child } from "./dom";
import { asNumber, format, scaleOf, type Model } from "./model";
import type { State } from "./state";
import type { Check, Comparison, Difference, Num, Tensor } from "./types";

const TOLERANCE = 1e-4;
const MOST_ROWS = 200;
const FIELDS = ["value", "gradient", "change"] as const;

/** Whether a check agrees; undefined where there was none. */
export function checked(check: Check, which: "numeric" | "tensorflow"): boolean | undefined {
  const far = check[`${which}_max_abs`];
  return far === null || far === undefined ? undefined : asNumber(far) <= (check[`${which}_tolerance`] ?? TOLERANCE);
}

/** Whether a node's "value", "gradient" or "change" is further off than by rounding. */
export function differs({ agrees, differs: which, ...far }: Difference, what: string): boolean {
  return which ? which.includes(what) : agrees === false && !!far[what as "value"];
}

/** The greatest difference of two tensors' elements, or of their samples. */
function difference(a: Tensor | null | undefined, b: Tensor | null | undefined): Num {
  const x = a?.data ?? a?.sample?.data, y = b?.data ?? b?.sample?.data;
  if (!x || !y || x.length !== y.length || `${a!.shape}` !== `${b!.shape}`) return null;
  let most = 0;
  x.forEach((v, i) => {
    const [p, q] = [asNumber(v), asNumber(y[i]!)];
    if (!Object.is(p, q) && v !== y[i]) most = Math.max(most, Number.isNaN(p - q) ? Infinity : Math.abs(p - q));
  });
  return most;
}

/** The comparison of two traces that have none of their own: of nodes of the same name, at the end of each run. */
export function compare(model: Model, other: Model): Comparison {
  const twins = new Map(other.doc.nodes.map((n) => [n.name, n.id]));
  const mine = new Set(model.doc.nodes.map((n) => n.name));
  return {
    with: other.doc.library, text: "",
    runs: model.doc.runs.map((_, k) => {
      const a = model.moment(k, Infinity), b = other.moment(Math.min(k, other.doc.runs.length - 1), Infinity);
      const nodes: Comparison["runs"][0]["nodes"] = {};
      for (const { id, name } of model.doc.nodes) {
        const twin = twins.get(name)!, here = a.values.get(id);
        const value = difference(here, b.values.get(twin)), gradient = difference(a.gradients.get(id)?.tensor, b.gradients.get(twin)?.tensor);
        const far = (v: Num, t: Tensor | null | undefined) => v !== null && !(asNumber(v) <= TOLERANCE * Math.max(t ? scaleOf(t) : 0, 1e-3));
        if (value !== null || gradient !== null) {
          const which = [far(value, here) && "value", far(gradient, a.gradients.get(id)?.tensor) && "gradient"].filter((one) => one !== false);
          nodes[id] = { value, gradient, differs: which, agrees: !which.length, part: !!here && !here.data };
        }
      }
      return { nodes };
    }),
    only_here: model.doc.nodes.filter((n) => !twins.has(n.name)).map((n) => n.id),
    only_there: [...twins.keys()].filter((name) => !mine.has(name)),
  };
}

/** What the checks and the comparison of the shown run say, as a panel. */
export function compareView(state: State): HTMLElement {
  const { model } = state;
  const el = h("section.compare", { label: "Checks and differences" });
  const list = h("details.fold");
  let built = "";
  state.onChange(update);
  update();
  return el;

  function update(): void {
    const { run, steps, comparison } = state;
    const key = `${run} ${steps.length} ${comparison?.with?.name} ${comparison?.with?.version}`;
    if (key === built) return;
    built = key;
    const checks = steps.filter((step) => step.check && checked(step.check, "numeric") !== undefined);
    const wrong = checks.filter((step) => !checked(step.check!, "numeric"));
    if (comparison) fill(list, h("summary", "differences"), table(comparison));
    el.hidden = !checks.length && !comparison;
    fill(el,
      checks.length > 0 && h("p", wrong.length ? h("strong.bad", `numeric check: ${wrong.length} of ${checks.length} gradients differ`)
        : h("span.good", `✓ numeric check: all ${checks.length} gradients agree`), " ", wrong[0] && link(wrong[0].node)),
      comparison && [h("p.note", comparison.runs[run]?.note), list]);
  }

  function link(id: string): HTMLElement {
    return button(model.label(id), () => state.select(id), { class: "link" });
  }

  function table(comparison: Comparison): Child[] {
    const found = Object.entries(comparison.runs[state.run]?.nodes ?? {}).map(([id, far]) => {
      const each = FIELDS.map((field) => far[field]);
      const most = Math.max(...each.map((v) => (v === null || v === undefined ? 0 : Math.abs(asNumber(v)))).map((v) => (v >= 0 ? v : Infinity)));
      return { id, far, each, most };
    }).sort((a, b) => Number(a.far.agrees) - Number(b.far.agrees) || b.most - a.most);
    const alone = (title: string, all: Child[]) => all.length > 0 && h("details.fold", h("summary", `${title} (${all.length})`),
      h("p", all.slice(0, MOST_ROWS).map((one) => [one, " "])));
    return [
      scroll("Differences", h("table.steps",
        headings(["node", "value", "gradient", "update"]),
        h("tbody", found.slice(0, MOST_ROWS).map(({ id, far, each }) => h("tr",
          h("th", { scope: "row" }, far.agrees === false && h("span.bad", "≠ "), link(id)),
          each.map((v, k) => h("td", { class: differs(far, FIELDS[k]!) ? "bad" : "" }, v === null || v === undefined ? "–" : asNumber(v) === 0 ? "same" : format(v, 3), far.part && v ? " *" : "")))))),
        found.length > MOST_ROWS && h("p.note", `and ${found.length - MOST_ROWS} more`),
        found.some((one) => one.far.part) && h("p.note", "* of a sample of the elements")),
      alone("only here", comparison.only_here.map(link)),
      alone(`only in ${comparison.with?.name ?? "the other"}`, comparison.only_there.map((name) => h("code", name))),
    ];
  }
}
