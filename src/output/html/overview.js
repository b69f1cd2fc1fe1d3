// SPDX-License-Identifier: Apache-2.0
// The matrix of techniques, and the rules, hosts and users with most alerts.

const kTopShown = 8;

function toggle(name, value) {
  filter[name] = filter[name] === value ? null : value;
  refresh();
}

function drawMatrix() {
  const columns = meta.tactics.map(() => new Map());
  const apart = new Map();  // techniques of which no tactic is known
  for (const alert of passing("technique")) {
    for (const [tactic, technique] of alert.rule.places) {
      const cells = tactic < 0 ? apart : columns[tactic];
      const cell = cells.get(technique) || { count: 0, level: 0 };
      cell.count += weight(alert);
      cell.level = Math.max(cell.level, alert.level);
      cells.set(technique, cell);
    }
  }
  let most = 1;
  for (const cells of [...columns, apart]) for (const cell of cells.values()) most = Math.max(most, cell.count);
  const shown = meta.tactics.map((tactic, i) => drawTactic(tactic.name, columns[i], most, tactic.optional));
  if (apart.size > 0) shown.push(drawTactic("Other", apart, most, false));
  byId("matrix").replaceChildren(...shown.filter(Boolean));
  byId("matrix-card").hidden = meta.rules.every((rule) => rule.places.length === 0);
}

function drawTactic(name, cells, most, optional) {
  if (cells.size === 0 && optional) return null;
  const column = el("div", { class: cells.size === 0 ? "tactic empty" : "tactic" }, el("h3", {}, name));
  for (const [id, cell] of [...cells].sort((a, b) => (a[0] < b[0] ? -1 : 1))) column.append(drawCell(id, cell, most));
  return column;
}

function drawCell(id, cell, most) {
  const dot = id.indexOf(".", id.startsWith("AML.") ? 4 : 0);
  const full = techniqueName(id);
  const name = dot > 0 && full.includes(": ") ? full.slice(full.indexOf(": ") + 2) : full;
  const button = el("button", {
    type: "button", class: "cell " + levelClass(cell.level) + (dot > 0 ? " sub" : ""), "aria-pressed": String(filter.technique === id && id !== ""),
    title: (id ? id + " " + full : "Rules that name the tactic only") + ": " + countText(cell.count) + " alerts, highest level " + meta.levels[cell.level],
    onclick: () => { if (id) toggle("technique", id); },
  }, el("span", { class: "id" }, id || "tactic only", el("b", {}, countText(cell.count))), name);
  // Logarithmic: one alert is visible, thousands do not drown the rest.
  button.style.setProperty("--heat", (10 + 45 * (Math.log(1 + cell.count) / Math.log(1 + most))).toFixed(0) + "%");
  return button;
}

function drawTop(id, name, keyOf, textOf) {
  const counts = tally(passing(name), (a) => [keyOf(a)]);
  const most = counts.length > 0 ? counts[0][1] : 1;
  const rows = counts.slice(0, kTopShown).map(([key, count, level]) => {
    const bar = el("span", { class: "bar" });
    bar.style.setProperty("--share", ((count / most) * 100).toFixed(1) + "%");
    return el("button", { type: "button", class: "top " + (name === "rule" ? levelClass(level) : ""), title: textOf(key), "aria-pressed": String(filter[name] === key), onclick: () => toggle(name, key) },
      el("span", { class: "name" }, textOf(key)), el("span", { class: "count" }, countText(count)), bar);
  });
  if (counts.length > kTopShown) rows.push(el("div", { class: "soft" }, "and " + countText(counts.length - kTopShown) + " more"));
  if (counts.length === 0) rows.push(el("div", { class: "soft" }, "none known"));
  byId(id).replaceChildren(...rows);
}

function drawTops() {
  drawTop("top-rules", "rule", (a) => a.ruleIndex, (i) => meta.rules[i].title);
  drawTop("top-hosts", "host", (a) => roleOf(a, "host"), (text) => text);
  drawTop("top-users", "user", (a) => roleOf(a, "user"), (text) => text);
}
