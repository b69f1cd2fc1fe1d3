// SPDX-License-Identifier: Apache-2.0
// Filters and groups the findings that stand in the page. Works on elements and text nodes only:
// nothing that was scanned is ever read as markup.
"use strict";

const byId = (id) => document.getElementById(id);
const main = document.querySelector("main");
const levels = ["informational", "low", "medium", "high", "critical"];
const findings = [...document.querySelectorAll(".finding")].map((element) => ({
  element,
  level: Number(element.dataset.level),
  confidence: element.dataset.confidence,
  rule: element.querySelector(".rule").textContent,
  file: element.parentElement.querySelector("summary .name").textContent,
  haystack: null,
}));
const filter = { words: [], level: null, confidence: null, rule: null };

function passes(finding) {
  if (filter.level !== null && finding.level !== filter.level) return false;
  if (filter.confidence !== null && finding.confidence !== filter.confidence) return false;
  if (filter.rule !== null && finding.rule !== filter.rule) return false;
  if (filter.words.length === 0) return true;
  if (finding.haystack === null) finding.haystack = (finding.file + "\n" + finding.element.textContent).toLowerCase();
  return filter.words.every((word) => finding.haystack.includes(word));
}

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

let groups = [];
function regroup() {
  const by = byId("group").value;
  const made = new Map();
  for (const finding of findings) {
    const key = finding[by];
    if (!made.has(key)) {
      const element = make("details", "card group");
      element.open = true;
      const summary = make("summary", "");
      const count = make("span", "count");
      summary.append(make("span", "name", key), count);
      element.append(summary);
      made.set(key, { element, count, findings: [] });
    }
    const group = made.get(key);
    group.findings.push(finding);
    group.element.append(finding.element);
  }
  groups = [...made.values()];
  if (by === "rule") groups.sort((a, b) => b.findings[0].level - a.findings[0].level || b.findings.length - a.findings.length);
  main.replaceChildren(...groups.map((group) => group.element));
  refresh();
}

function refresh() {
  let total = 0;
  for (const group of groups) {
    let shown = 0;
    for (const finding of group.findings) {
      const pass = passes(finding);
      finding.element.hidden = !pass;
      if (pass) shown += 1;
    }
    group.element.hidden = shown === 0;
    group.count.textContent = shown === group.findings.length ? String(shown) : shown + " of " + group.findings.length;
    total += shown;
  }
  byId("shown").textContent = total.toLocaleString("en-US") + " of " + findings.length.toLocaleString("en-US") + " findings";
  for (const tile of document.querySelectorAll(".tile")) tile.setAttribute("aria-pressed", String(Number(tile.dataset.level) === filter.level));
  for (const [name, pick] of picks) {
    pick.value = filter[name] === null ? "" : String(filter[name]);
    pick.classList.toggle("active", filter[name] !== null);
  }
}

function fill(id, name, title, of, text) {
  const pick = byId(id);
  const counts = new Map();
  for (const finding of findings) counts.set(of(finding), (counts.get(of(finding)) || 0) + 1);
  const option = (value, label) => {
    const element = make("option", "", label);
    element.value = value;
    return element;
  };
  const choices = [...counts].sort((a, b) => b[1] - a[1]);
  pick.replaceChildren(option("", title), ...choices.map(([key, count]) => option(String(key), text(key) + " (" + count + ")")));
  pick.addEventListener("change", () => {
    filter[name] = pick.value === "" ? null : name === "level" ? Number(pick.value) : pick.value;
    refresh();
  });
  return [name, pick];
}

const picks = [
  fill("pick-level", "level", "All severities", (f) => f.level, (level) => levels[level]),
  fill("pick-confidence", "confidence", "Any confidence", (f) => f.confidence, (name) => name),
  fill("pick-rule", "rule", "All rules", (f) => f.rule, (name) => name),
];

let timer = 0;
byId("search").addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    filter.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    refresh();
  }, 120);
});
byId("clear").addEventListener("click", () => {
  Object.assign(filter, { words: [], level: null, confidence: null, rule: null });
  byId("search").value = "";
  refresh();
});
byId("group").addEventListener("change", regroup);
for (const tile of document.querySelectorAll(".tile")) {
  tile.addEventListener("click", () => {
    const level = Number(tile.dataset.level);
    filter.level = filter.level === level ? null : level;
    refresh();
  });
}
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId("search").focus();
});
// For who has the page read aloud: first what stands on top.
document.querySelector(".page").prepend(document.querySelector(".top-part"));
document.querySelector(".filters").hidden = findings.length === 0;
regroup();
