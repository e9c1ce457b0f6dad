"use strict";
// Sorting and filtering of the verdict table. Without this script every row is there, in registered order.
for (const table of document.querySelectorAll("table.verdicts")) {
  const body = table.tBodies[0], rows = [...body.rows], form = document.getElementById(table.closest("section[data-family]")?.dataset.family + "-filters");
  const key = (row, column) => row.cells[column].dataset.sort ?? "";
  table.querySelectorAll("thead th").forEach((th, column) => {
    const button = document.createElement("button");
    button.type = "button"; button.className = "sort"; button.textContent = th.textContent;
    th.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numbers = rows.every(row => key(row, column) === "" || !isNaN(key(row, column)));
      const compare = (a, b) => {
        const [x, y] = [key(a, column), key(b, column)];
        if (x === "" || y === "") return (x === "") - (y === "");
        return (numbers ? x - y : x.localeCompare(y)) * (down ? -1 : 1);
      };
      body.append(...[...rows].sort(compare));
    });
  });
  if (!form) continue;
  form.hidden = false;
  const shown = document.getElementById(form.id + "-shown");
  const apply = () => {
    const want = Object.fromEntries(new FormData(form)), words = (want.text || "").toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const data = row.dataset, text = row.textContent.toLowerCase();
      const fits = (!want.verdict || (want.verdict === "judged" ? "supported supported-smaller refuted inconclusive".split(" ").includes(data.verdict) : data.verdict === want.verdict))
        && (!want.group || data.group === want.group) && (!want.article || data.article.split("|").includes(want.article))
        && words.every(word => text.includes(word));
      row.hidden = !fits; count += fits;
    }
    shown.textContent = `${count} of ${rows.length} claims shown.`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  for (const link of document.querySelectorAll(`[data-family="${form.dataset.family}"] a[data-filter]`))
    link.addEventListener("click", () => { form.reset(); form.elements.verdict.value = link.dataset.filter; setTimeout(apply); });
  apply();
}
const folded = () => document.querySelectorAll("details:not(.code):not([open])");
addEventListener("beforeprint", () => folded().forEach(each => { each.open = true; each.dataset.folded = ""; }));
addEventListener("afterprint", () => document.querySelectorAll("details[data-folded]").forEach(each => { each.open = false; }));
