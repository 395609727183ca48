//! Filters for findings and tables, and the way into closed rows. Without it the page holds the same.
(() => {
  "use strict";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  // A filter shows the rows that hold every word, and of a group the findings that do, opened when they are few.
  const attach = (place, rows, what, parts) => {
    if (!rows[1]) return;
    const texts = new Map();
    const fits = (one, words) => {
      if (!texts.has(one)) texts.set(one, one.textContent.toLowerCase());
      return words.every((word) => texts.get(one).includes(word));
    };
    const label = document.createElement("label");
    const input = document.createElement("input");
    const found = document.createElement("span");
    input.type = "search";
    found.setAttribute("role", "status");
    label.append(parts ? "Filter findings " : "Filter rows ", input);
    place.append(label, " ", found);
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      let ways = [];
      for (const row of rows) {
        row.hidden = !fits(row, words);
        if (row.hidden) continue;
        shown += 1;
        const own = parts ? all(parts, row) : [];
        const fitting = own.filter((one) => fits(one, words));
        for (const one of own) one.hidden = fitting.length > 0 && !fits(one, words);
        ways = ways.concat(fitting.length ? fitting.map((one) => one.parentElement) : row);
        for (const some of all("details.lines", row)) some.hidden = fitting.length > 0 && !fitting.some((one) => some.contains(one));
      }
      found.textContent = words.length ? `${shown} of ${rows.length} ${what}` : "";
      if (!words.length) return;
      for (const part of all("details.severity")) part.open = true;
      if (ways.length > 50) return;
      for (const way of ways) for (let at = way.hidden ? null : way; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    };
    input.addEventListener("input", filter);
  };
  for (const place of all(".filter")) {
    if (place.id) attach(place, all("details.group"), "groups", ".finding, tr[id]");
    else attach(place, all("tbody tr", place.parentElement), "rows");
  }
})();
