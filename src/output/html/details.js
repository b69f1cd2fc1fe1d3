// SPDX-License-Identifier: Apache-2.0
// Everything known about one alert, and the processes around it.

const kTreeNodesMax = 200;
const kTreeDepthMax = 32;
let processes = null;  // key -> process, built when first needed

function processKey(alert, guid, id) {
  const text = roleOf(alert, guid);
  if (text && !/^[{}0-]*$/.test(text)) return text.toLowerCase();
  // Ids are reused, but within one host they are better than nothing.
  const number = roleOf(alert, id);
  return number && roleOf(alert, "host") ? roleOf(alert, "host").toLowerCase() + "#" + number : null;
}

function buildProcesses() {
  processes = new Map();
  const node = (key, name, command) => {
    let found = processes.get(key);
    if (!found) processes.set(key, (found = { key, name: "", command: "", parent: null, children: new Set(), alerts: [] }));
    if (name) found.name = name;
    if (command) found.command = command;
    return found;
  };
  for (const alert of alerts) {
    const key = processKey(alert, "process_guid", "process_id");
    if (key === null) continue;
    const own = node(key, roleOf(alert, "process"), roleOf(alert, "command_line"));
    own.alerts.push(alert);
    const above = processKey(alert, "parent_guid", "parent_id");
    if (above === null || above === key) continue;
    const parent = node(above, roleOf(alert, "parent"), roleOf(alert, "parent_command_line"));
    own.parent = parent;
    parent.children.add(own);
  }
}

// The oldest known ancestor, and the way down to the alert's own process.
function pathTo(own) {
  const path = [own];
  while (path[0].parent && path.length < kTreeDepthMax && !path.includes(path[0].parent)) path.unshift(path[0].parent);
  return path;
}

function drawTree(alert) {
  if (processes === null) buildProcesses();
  const own = processes.get(processKey(alert, "process_guid", "process_id"));
  if (!own) return null;
  const path = pathTo(own);
  const tree = el("ul", { class: "tree" });
  const seen = new Set();
  const stack = [[path[0], 0]];
  while (stack.length > 0 && seen.size < kTreeNodesMax) {
    const [node, depth] = stack.pop();
    if (seen.has(node)) continue;
    seen.add(node);
    tree.append(drawProcess(node, depth, node === own));
    if (depth >= kTreeDepthMax) continue;
    // Last in is first out: the way to the alert's process comes before its siblings.
    const children = [...node.children].sort((a, b) => path.includes(a) - path.includes(b));
    for (const child of children) stack.push([child, depth + 1]);
  }
  if (stack.length > 0) tree.append(el("li", { class: "soft" }, "and more processes"));
  return tree;
}

function drawProcess(node, depth, current) {
  const worst = node.alerts.reduce((level, a) => Math.max(level, a.level), 0);
  const alerted = node.alerts.length > 0;
  const button = el("button", {
    type: "button", class: (alerted ? "alerted " + levelClass(worst) : "") + (current ? " current" : ""), title: node.command || node.name,
    onclick: () => { if (alerted && !current) openDetails(node.alerts.find((a) => a.level === worst)); },
  }, el("strong", {}, baseName(node.name) || "unknown process"), alerted ? el("span", { class: "soft" }, "  " + countText(node.alerts.length) + (node.alerts.length === 1 ? " alert, " : " alerts, ") + meta.levels[worst]) : null,
    node.command ? el("span", { class: "command mono" }, node.command) : null);
  button.style.setProperty("--indent", Math.min(depth, 12) * 16 + "px");
  return el("li", {}, button);
}

function pairs(rows) {
  return el("table", { class: "pairs" }, el("tbody", {}, ...rows.filter((r) => r[1] !== "" && r[1] !== null).map(([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "mono" }, String(value))))));
}
function section(title, content) { return content === null ? [] : [el("h3", {}, title), content]; }

function linkOrText(text) {
  return /^https?:\/\//i.test(text) ? el("a", { href: text, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

function drawMatched(alert) {
  if (alert.matched.length === 0) return null;
  const head = el("tr", {}, ...["Selection", "Field", "Value", "Asked"].map((t) => el("th", { scope: "col" }, t)));
  return el("table", { class: "reasons" }, el("thead", {}, head), el("tbody", {}, ...alert.matched.map((m) => el("tr", {}, ...m.map((text, i) => el("td", { class: i === 0 ? "" : "mono" }, text || (i === 1 ? "any field" : "")))))));
}

function drawFolded(alert) {
  const folded = alert.folded;
  if (!folded) return null;
  return pairs([["events", folded.count], ["first", folded.first === null ? "" : timeText(folded.first / 1000, true)], ["last", timeText(alert.time, true)],
    ["value", alert.rule.correlation ? folded.value : ""], ...folded.group, ...folded.rules.map((title) => ["rule", title])]);
}

function drawTags(rule) {
  const tags = rule.tags.map((tag) => {
    const id = tag.replace(/^(attack|atlas)\./i, "").toUpperCase();
    return el("span", { class: "tag" }, techniqueName(id) ? id + " " + techniqueName(id) : tag);
  });
  return tags.length > 0 ? el("div", { class: "tags" }, ...tags) : null;
}

function bullets(texts) { return texts.length > 0 ? el("ul", {}, ...texts.map((t) => el("li", {}, linkOrText(t)))) : null; }

function openDetails(alert) {
  list.selected = alert;
  const rule = alert.rule;
  const known = meta.roles.map((name, i) => [name.replaceAll("_", " "), alert.roles[i] || ""]);
  byId("details").replaceChildren(
    el("div", { class: "bar" }, el("span", { class: "badge " + levelClass(alert.level) }, meta.levels[alert.level]), el("span", { class: "soft" }, timeText(alert.time, true)),
      el("button", { type: "button", class: "plain close", onclick: () => move(-1), title: "Previous (up)" }, "↑"), el("button", { type: "button", class: "plain", onclick: () => move(1), title: "Next (down)" }, "↓"),
      el("button", { type: "button", class: "plain", onclick: closeDetails, title: "Close (Esc)" }, "Close")),
    el("h2", {}, rule.title),
    rule.description ? el("p", {}, rule.description) : "", drawTags(rule) || "",
    ...section("Why it matched", drawMatched(alert)), ...section(rule.correlation ? "Correlation" : "Folded alerts", drawFolded(alert)),
    ...section("Process tree", drawTree(alert)),
    ...section("What is known", pairs([...known, ["input", alert.input], ["record", alert.record]])),
    ...section("All fields", alert.fields ? pairs(alert.fields) : null),
    ...section("False positives", bullets(rule.false_positives)), ...section("References", bullets(rule.references)),
    ...section("Rule", pairs([["id", rule.id], ["status", rule.status], ["author", rule.author], ["date", rule.date], ["log source", rule.logsource], ["file", rule.file + (rule.line ? ":" + rule.line : "")]])));
  byId("details").hidden = false;
  byId("details").scrollTop = 0;
  drawVisible();
}

function closeDetails() { byId("details").hidden = true; byId("list").focus({ preventScroll: true }); }
