"use strict";

// The explorers on a page follow the page's switch between light and dark.  (When they load they look for themselves.)
new MutationObserver(() => {
  const { theme } = document.documentElement.dataset;
  if (theme !== "dark" && theme !== "light") return;
  for (const frame of document.querySelectorAll("iframe[srcdoc]")) {
    const inner = frame.contentDocument;
    const explorer = inner?.querySelector("tensorglass-explorer");
    if (!explorer) continue;
    inner.documentElement.style.colorScheme = theme;
    if (!explorer.dataset.theme) explorer.toggleAttribute("dark", theme === "dark");
  }
}).observe(document.documentElement, { attributeFilter: ["data-theme"] });

// What is folded on the screen is there on paper.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    details.dataset.wasClosed = "";
  }
});
addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-was-closed]")) {
    details.open = false;
    delete details.dataset.wasClosed;
  }
});
