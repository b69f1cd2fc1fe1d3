// SPDX-License-Identifier: Apache-2.0
// Alerts over time as stacked bars; dragging over them keeps that time only.

const kSvg = "http://www.w3.org/2000/svg";
const kMinute = 60e3, kHour = 60 * kMinute, kDay = 24 * kHour;
const kSteps = [1, 5, 20, 100, 500, 1e3, 5e3, 15e3, 30e3, kMinute, 5 * kMinute, 15 * kMinute, 30 * kMinute, kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay, 2 * kDay, 7 * kDay, 14 * kDay, 30 * kDay, 91 * kDay, 182 * kDay, 365 * kDay, 1826 * kDay];
const timeline = { from: 0, to: 1, width: 0, height: 150, drag: null };

function svg(tag, attributes, text) {
  const element = document.createElementNS(kSvg, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function tickText(ms, step) {
  const iso = new Date(ms).toISOString();
  if (step >= kDay) return iso.slice(0, 10);
  if (step >= kMinute) return ms % kDay === 0 ? iso.slice(5, 10) : iso.slice(11, 16);
  return step >= 1000 ? iso.slice(11, 19) : iso.slice(17, 23);
}

function span(list) {
  let from = Infinity, to = -Infinity;
  for (const a of list) {
    if (a.time === null) continue;
    if (a.time < from) from = a.time;
    if (a.time > to) to = a.time;
  }
  if (from === Infinity) return null;
  const margin = Math.max((to - from) * 0.01, 500);
  return [from - margin, to + margin];
}

function drawTimeline() {
  const view = byId("timeline");
  const list = passing("from");
  const range = filter.from !== null ? [filter.from, filter.to] : span(list);
  timeline.width = view.clientWidth || 800;
  view.replaceChildren();
  view.setAttribute("viewBox", "0 0 " + timeline.width + " " + timeline.height);
  byId("zoom-out").hidden = filter.from === null;
  if (range === null) {
    byId("timeline-hint").textContent = "no alert has a time";
    return;
  }
  [timeline.from, timeline.to] = range;
  const bins = Math.max(20, Math.min(200, Math.floor(timeline.width / 7)));
  const counts = Array.from({ length: bins }, () => new Array(meta.levels.length).fill(0));
  let untimed = 0;
  for (const a of list) {
    if (a.time === null) { untimed += 1; continue; }
    if (a.time < range[0] || a.time > range[1]) continue;
    const bin = Math.min(bins - 1, Math.floor(((a.time - range[0]) / (range[1] - range[0])) * bins));
    counts[bin][a.level] += weight(a);
  }
  drawBars(view, counts);
  drawAxis(view);
  byId("timeline-hint").textContent = timeText(range[0]) + " to " + timeText(range[1]) + " UTC; drag to look closer" + (untimed ? "; " + countText(untimed) + " alerts have no time" : "");
}

function drawBars(view, counts) {
  const bottom = timeline.height - 22, top = 14;
  const most = Math.max(1, ...counts.map((c) => c.reduce((a, b) => a + b, 0)));
  const width = timeline.width / counts.length;
  counts.forEach((levels, i) => {
    let y = bottom;
    const total = levels.reduce((a, b) => a + b, 0);
    if (total === 0) return;
    const group = svg("g", {});
    const begin = timeline.from + ((timeline.to - timeline.from) * i) / counts.length;
    group.append(svg("title", {}, timeText(begin) + ": " + countText(total) + " alerts"));
    for (let level = levels.length - 1; level >= 0; level -= 1) {
      if (levels[level] === 0) continue;
      // A lone critical alert must not vanish beside thousands: no bar is below two pixels.
      const height = Math.max(2, (levels[level] / most) * (bottom - top));
      y -= height;
      group.append(svg("rect", { class: levelClass(level), x: (i * width + 0.5).toFixed(2), y: y.toFixed(2), width: Math.max(1, width - 1).toFixed(2), height: height.toFixed(2) }));
    }
    view.append(group);
  });
  view.append(svg("text", { x: 2, y: 11 }, "up to " + countText(most)));
}

function drawAxis(view) {
  const bottom = timeline.height - 22;
  const length = timeline.to - timeline.from;
  const step = kSteps.find((s) => length / s <= timeline.width / 90) || kSteps[kSteps.length - 1];
  view.append(svg("line", { class: "axis", x1: 0, x2: timeline.width, y1: bottom + 0.5, y2: bottom + 0.5 }));
  for (let at = Math.ceil(timeline.from / step) * step; at < timeline.to; at += step) {
    const x = ((at - timeline.from) / length) * timeline.width;
    view.append(svg("line", { class: "axis", x1: x, x2: x, y1: bottom, y2: bottom + 5 }));
    if (x > 28 && x < timeline.width - 28) view.append(svg("text", { x, y: bottom + 17, "text-anchor": "middle" }, tickText(at, step)));
  }
}

function startTimeline() {
  const view = byId("timeline");
  const at = (event) => Math.max(0, Math.min(timeline.width, event.clientX - view.getBoundingClientRect().left));
  const toTime = (x) => timeline.from + (x / timeline.width) * (timeline.to - timeline.from);
  view.addEventListener("pointerdown", (event) => {
    timeline.drag = { start: at(event), box: svg("rect", { class: "brush", y: 0, height: timeline.height - 22, x: at(event), width: 0 }) };
    view.append(timeline.drag.box);
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener("pointermove", (event) => {
    if (!timeline.drag) return;
    const x = at(event);
    timeline.drag.box.setAttribute("x", Math.min(x, timeline.drag.start));
    timeline.drag.box.setAttribute("width", Math.abs(x - timeline.drag.start));
  });
  view.addEventListener("pointerup", (event) => {
    if (!timeline.drag) return;
    const ends = [timeline.drag.start, at(event)].sort((a, b) => a - b);
    timeline.drag.box.remove();
    timeline.drag = null;
    if (ends[1] - ends[0] < 4) return;
    const times = [toTime(ends[0]), toTime(ends[1])];
    if (times[1] - times[0] < 1) return;
    [filter.from, filter.to] = times;
    refresh();
  });
  view.addEventListener("pointercancel", () => { timeline.drag = null; drawTimeline(); });
  byId("zoom-out").addEventListener("click", () => { filter.from = filter.to = null; refresh(); });
  new ResizeObserver(() => { if (view.clientWidth !== timeline.width) drawTimeline(); }).observe(view);
}
