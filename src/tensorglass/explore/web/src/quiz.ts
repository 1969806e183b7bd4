// Quiz mode: one element of the next result is asked for before it is shown.

import { button, h } from "./dom";
import { asNumber, format, isText } from "./model";
import type { State } from "./state";
import type { Step } from "./types";

/** Which element of a result of `size` elements to ask for: another one at each step, the same one each time. */
export function asked(step: number, size: number): number {
  return (step * 7 + 3) % Math.max(size, 1);
}

/** Whether `answer` is `truth`, as far as three digits tell. */
export function agrees(answer: number, truth: number): boolean {
  if (Number.isNaN(truth) || !Number.isFinite(truth)) return Object.is(answer, truth);
  return Math.abs(answer - truth) <= Math.max(Math.abs(truth) * 5e-3, 5e-4);
}

function read(text: string): number {
  const plain = text.trim().replaceAll("−", "-").replace(",", ".");
  if (/^[+]?(inf|∞)/i.test(plain)) return Infinity;
  if (/^-(inf|∞)/i.test(plain)) return -Infinity;
  return plain === "" ? NaN : Number(plain);
}

export function quizForm(state: State, step: Step): HTMLElement {
  const result = state.result(step)!;
  const k = asked(state.at, result.data!.length);
  const at: number[] = [];
  let rest = k;
  for (const n of [...result.shape].reverse()) {
    at.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  const what = step.phase === "reverse" ? "gradient" : step.phase === "update" ? "new value" : "value";
  const where = at.length ? ` at [${at.join(", ")}]` : "";
  const truth = result.data![k]!;
  const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", "data-key": "answer" });
  const said = h("p", { role: "status" });
  const form = h("form.quiz", { label: "Quiz" },
    h("label", `What is the ${what} of ${state.model.label(step.node, true)}${where}? `, input),
    h("p.actions", h("button", { type: "submit" }, "Check"), button("Show me", () => state.answer())), said);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const right = isText(truth) ? input.value === truth : agrees(read(input.value), asNumber(truth));
    said.textContent = right ? `Right: ${format(truth)}.` : "Not yet: look at the formula and at the inputs.";
    said.className = right ? "good" : "bad";
    if (right) setTimeout(() => form.isConnected && state.answer(), 900);
  });
  return form;
}
