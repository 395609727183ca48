//! A filter for findings, and the way into closed rows. Without it the page holds the same.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("details.group")];
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
  const place = document.getElementById("filter");
  if (!place || !rows[1]) return;
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const label = document.createElement("label");
  const input = document.createElement("input");
  const found = document.createElement("span");
  input.type = "search";
  found.setAttribute("role", "status");
  label.append("Filter ", input);
  place.append(label, " ", found);
  const filter = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      if (!row.hidden) shown += 1;
      const parts = [...row.querySelectorAll("article, tr[id]")];
      const fits = (one) => words.every((word) => one.textContent.toLowerCase().includes(word));
      const some = parts.some(fits);
      for (const one of parts) one.hidden = some ? !fits(one) : false;
    });
    if (words.length) for (const part of document.querySelectorAll("details.severity")) part.open = true;
    found.textContent = words.length ? `${shown} of ${rows.length} groups` : "";
  };
  input.addEventListener("input", filter);
})();
