// SPDX-License-Identifier: Apache-2.0
// Wires the parts together.

const kChoicesMax = 500;

function fillChoices(id, name, title, choices) {
  const select = byId(id);
  const kept = choices.slice(0, kChoicesMax);
  select.replaceChildren(el("option", { value: "" }, title), ...kept.map(([key, count], i) => el("option", { value: String(i) }, choiceText(name, key) + " (" + countText(count) + ")")));
  select.hidden = choices.length === 0;
  select.addEventListener("change", () => { filter[name] = select.value === "" ? null : kept[Number(select.value)][0]; refresh(); });
  return () => {
    const at = kept.findIndex((c) => c[0] === filter[name]);
    select.value = at < 0 ? "" : String(at);
    select.classList.toggle("active", filter[name] !== null);
  };
}

function choiceText(name, key) {
  if (name === "rule") return meta.rules[key].title;
  if (name === "level") return meta.levels[key];
  return name === "technique" ? (key + " " + techniqueName(key)).trim() : key;
}

const choices = [
  ["pick-level", "level", "All levels", tally(alerts, (a) => [a.level]).sort((a, b) => b[0] - a[0])],
  ["pick-host", "host", "All hosts", tally(alerts, (a) => [roleOf(a, "host")])],
  ["pick-user", "user", "All users", tally(alerts, (a) => [roleOf(a, "user")])],
  ["pick-rule", "rule", "All rules", tally(alerts, (a) => [a.ruleIndex])],
  ["pick-technique", "technique", "All techniques", tally(alerts, (a) => a.rule.techniques)],
].map((row) => fillChoices(...row));

function refresh() {
  list.shown = passing(null).slice();
  sortShown();
  byId("shown").textContent = countText(list.shown.length) + " of " + countText(alerts.length) + " alerts";
  for (const tile of document.querySelectorAll(".tile")) tile.setAttribute("aria-pressed", String(Number(tile.dataset.level) === filter.level));
  for (const update of choices) update();
  drawTimeline();
  drawMatrix();
  drawTops();
  drawList(true);
}

function startFilters() {
  let timer = 0;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => { filter.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean); refresh(); }, 120);
  });
  byId("clear").addEventListener("click", () => {
    for (const name of Object.keys(filter)) filter[name] = null;
    filter.words = [];
    byId("search").value = "";
    refresh();
  });
  for (const tile of document.querySelectorAll(".tile")) tile.addEventListener("click", () => toggle("level", Number(tile.dataset.level)));
}

function onKey(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "Escape") closeDetails();
  else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
  else if (event.target === byId("list") || !byId("details").hidden) {
    if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
    else if (event.key === "Enter" && list.selected && event.target === byId("list")) openDetails(list.selected);
  }
}

document.querySelector(".filters").hidden = false;
document.querySelector("main").hidden = false;
startFilters();
startTimeline();
startList();
document.addEventListener("keydown", onKey);
refresh();
