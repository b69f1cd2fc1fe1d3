// SPDX-License-Identifier: Apache-2.0
// The data of the report, and which of its alerts are shown. Everything below builds text nodes
// only: nothing that a log holds is ever read as markup.
"use strict";

const meta = JSON.parse(document.getElementById("meta").textContent);
const role = Object.fromEntries(meta.roles.map((name, index) => [name, index]));

// Rows are written as arrays to keep the file small; html_sink.cc writes them in this order.
const alerts = JSON.parse(document.getElementById("alerts").textContent).map((row, index) => {
  const rule = meta.rules[row[0]];
  return {
    index, rule, ruleIndex: row[0], level: rule.level, time: row[1] === null ? null : row[1] / 1000,
    input: meta.inputs[row[2]], record: row[3], roles: row[4], matched: row[5], fields: row[6] || null,
    folded: row[7] || null, haystack: null,
  };
});
for (const rule of meta.rules) rule.techniques = new Set(rule.places.map((p) => p[1]).filter(Boolean));

function roleOf(alert, name) { return alert.roles[role[name]] || ""; }
function baseName(path) { return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1); }
function weight(alert) { return alert.folded && !alert.rule.correlation ? alert.folded.count : 1; }
function techniqueName(id) { return meta.techniques[id] || ""; }

function what(alert) {
  const folded = alert.folded ? "×" + alert.folded.count + (alert.folded.group || []).map((g) => " " + g[0] + "=" + g[1]).join("") : "";
  const text = roleOf(alert, "command_line") || [baseName(roleOf(alert, "process")), roleOf(alert, "target"), roleOf(alert, "address"), roleOf(alert, "action")].filter(Boolean).join("  ") || alert.matched.map((m) => (m[1] || m[0]) + "=" + m[2]).join("  ");
  return [folded, text].filter(Boolean).join("  ");
}

// What the search box looks through, made when it is first used.
function haystack(alert) {
  if (alert.haystack === null) {
    const parts = [alert.rule.title, alert.rule.id, alert.rule.tags.join(" "), alert.input, ...alert.roles];
    for (const m of alert.matched) parts.push(m[1], m[2]);
    for (const f of alert.fields || []) parts.push(f[0], f[1]);
    for (const g of (alert.folded && alert.folded.group) || []) parts.push(g[0], g[1]);
    alert.haystack = parts.join("\n").toLowerCase();
  }
  return alert.haystack;
}

const filter = { words: [], level: null, host: null, user: null, rule: null, technique: null, from: null, to: null };

const tests = {
  words: (a) => filter.words.every((word) => haystack(a).includes(word)),
  level: (a) => a.level === filter.level,
  host: (a) => roleOf(a, "host") === filter.host,
  user: (a) => roleOf(a, "user") === filter.user,
  rule: (a) => a.ruleIndex === filter.rule,
  technique: (a) => a.rule.techniques.has(filter.technique),
  from: (a) => a.time !== null && a.time >= filter.from && a.time <= filter.to,
};

function isActive(name) { return name === "words" ? filter.words.length > 0 : filter[name] !== null; }

// The alerts that pass every filter but the named one, so that a view is not narrowed by itself.
function passing(except) {
  const active = Object.keys(tests).filter((name) => name !== except && isActive(name));
  return active.length === 0 ? alerts : alerts.filter((a) => active.every((name) => tests[name](a)));
}

// Counts by key, most first: [key, number of alerts, highest level].
function tally(list, keysOf) {
  const counts = new Map();
  for (const alert of list) {
    for (const key of keysOf(alert)) {
      if (key === "") continue;
      const entry = counts.get(key);
      if (entry) { entry[1] += weight(alert); entry[2] = Math.max(entry[2], alert.level); } else counts.set(key, [key, weight(alert), alert.level]);
    }
  }
  return [...counts.values()].sort((a, b) => b[1] - a[1] || b[2] - a[2]);
}

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
}
function byId(id) { return document.getElementById(id); }
function levelClass(level) { return "is-" + meta.levels[level]; }
function countText(n) { return n.toLocaleString("en-US"); }
function timeText(ms, exact) {
  if (ms === null) return "–";
  const text = new Date(ms).toISOString().replace("T", " ").replace("Z", "");
  return exact ? text + " UTC" : text.slice(0, 19);
}
