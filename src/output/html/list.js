// SPDX-License-Identifier: Apache-2.0
// The list of alerts. Only the rows in sight exist, so 100,000 alerts scroll like 100.

const kRowsPrinted = 1000;
const kColumns = [
  { name: "level", title: "Level", key: (a) => a.level },
  { name: "time", title: "Time (UTC)", key: (a) => (a.time === null ? -Infinity : a.time) },
  { name: "rule", title: "Rule", key: (a) => a.rule.title.toLowerCase() },
  { name: "host", title: "Host", key: (a) => roleOf(a, "host").toLowerCase() },
  { name: "user", title: "User", key: (a) => roleOf(a, "user").toLowerCase() },
  { name: "what", title: "What", key: (a) => what(a).toLowerCase() },
];
const list = { shown: [], sort: 0, descending: true, selected: null, row: 34, printing: false };

function sortShown() {
  const key = kColumns[list.sort].key, sign = list.descending ? -1 : 1;
  const keyed = list.shown.map((a) => [key(a), a]);
  keyed.sort((x, y) => (x[0] < y[0] ? -sign : x[0] > y[0] ? sign : compareTime(x[1], y[1])));
  list.shown = keyed.map((pair) => pair[1]);
}
function compareTime(a, b) { return (a.time === null ? 0 : a.time) - (b.time === null ? 0 : b.time) || a.index - b.index; }

// The buttons stay the same elements, so that the keyboard's focus stays on them.
function drawColumns() {
  const row = byId("columns");
  if (row.children.length === 0) row.append(...kColumns.map((column, i) => el("button", { type: "button", class: column.name, onclick: () => sortBy(i) }, column.title)));
  kColumns.forEach((column, i) => {
    if (list.sort === i) row.children[i].setAttribute("aria-sort", list.descending ? "descending" : "ascending");
    else row.children[i].removeAttribute("aria-sort");
  });
}

function sortBy(column) {
  list.descending = list.sort === column ? !list.descending : column === 0;
  list.sort = column;
  sortShown();
  drawList(true);
}

function drawRow(alert) {
  return el("div", { class: "row" + (alert === list.selected ? " selected" : ""), role: "option", id: "alert-" + alert.index, "aria-selected": String(alert === list.selected), onclick: () => openDetails(alert) },
    el("span", { class: "badge " + levelClass(alert.level) }, meta.levels[alert.level] === "informational" ? "info" : meta.levels[alert.level]),
    el("span", { class: "time" }, timeText(alert.time)),
    el("span", { class: "rule", title: alert.rule.title }, alert.rule.title),
    el("span", { class: "host" }, [roleOf(alert, "container"), roleOf(alert, "host")].filter(Boolean).join("@")),
    el("span", { class: "user" }, roleOf(alert, "user")),
    el("span", { class: "what mono" }, what(alert).slice(0, 400)));
}

function drawVisible() {
  const box = byId("list"), spacer = byId("spacer");
  const first = list.printing ? 0 : Math.max(0, Math.floor(box.scrollTop / list.row) - 6);
  const last = list.printing ? Math.min(list.shown.length, kRowsPrinted) : Math.min(list.shown.length, Math.ceil((box.scrollTop + box.clientHeight) / list.row) + 6);
  const rows = [];
  for (let i = first; i < last; i += 1) {
    const row = drawRow(list.shown[i]);
    row.style.top = i * list.row + "px";
    rows.push(row);
  }
  if (list.shown.length === 0) rows.push(el("div", { class: "none" }, "No alert passes these filters."));
  if (list.printing && list.shown.length > last) rows.push(el("div", { class: "none" }, "and " + countText(list.shown.length - last) + " more, see the file itself"));
  spacer.replaceChildren(...rows);
}

function drawList(toTop) {
  list.row = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 34;
  byId("spacer").style.height = list.printing ? "auto" : list.shown.length * list.row + "px";
  byId("list").style.setProperty("--content", list.shown.length * list.row + 2 + "px");
  if (toTop) byId("list").scrollTop = 0;
  drawColumns();
  drawVisible();
}

function move(by) {
  if (list.shown.length === 0) return;
  const at = list.shown.indexOf(list.selected);
  const next = Math.max(0, Math.min(list.shown.length - 1, at < 0 ? 0 : at + by));
  list.selected = list.shown[next];
  const box = byId("list"), top = next * list.row;
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + list.row > box.scrollTop + box.clientHeight) box.scrollTop = top + list.row - box.clientHeight;
  box.setAttribute("aria-activedescendant", "alert-" + list.selected.index);
  drawVisible();
  if (!byId("details").hidden) openDetails(list.selected);
}

function startList() {
  const box = byId("list");
  let waiting = false;
  box.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; drawVisible(); });
  });
  new ResizeObserver(() => drawList(false)).observe(box);
  window.addEventListener("beforeprint", () => { list.printing = true; drawList(false); });
  window.addEventListener("afterprint", () => { list.printing = false; drawList(false); });
}
