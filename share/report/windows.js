/* windows.js  one window at a time: every substitution, the methods' logos, the strongest mutations */

addSection({ id: "windows", order: 80, nav: "Windows", title: "Single windows", make: (page) => windowsSection(page) });

/* What the script of a task makes of a single window, and of the page before it is drawn; here for tasks that add nothing. */
const WINDOW_OF_TASK = {
  prepare: () => {},
  source: () => "",
  hint: "name or gene",
  facts: (page, window) => [window.kind || null, { 1: page.task.positive, 0: "no " + page.task.positive, [-1]: "no label" }[window.label]],
  outside: " outside the sequence",
  trackHeight: 0,
  drawTrack: () => {},
  drawBehind: () => {},
  trackWords: "",
  columns: [],
  turns: "prediction",
};

function windowsSection(page) {
  const { windows } = page.report;
  if (!windows || windows.length === 0) return [missingNote(page.report, "windows")];
  const state = { window: windows[0], column: 0 };
  const view = el("div", { id: "window-view" });
  const show = (window) => {
    state.window = window;
    select.value = window.id;
    view.replaceChildren(...windowNodes(page, state));
    for (const node of view.querySelectorAll("figure")) node.redraw(true);
  };
  const select = el("select", { id: "window-select", change: () => show(windows.find((window) => window.id === select.value)) });
  const fill = (wanted) => {
    const found = windows.filter((window) => [window.id, window.gene, window.gene_id].some((name) => name && name.toLowerCase().includes(wanted.trim().toLowerCase())));
    select.replaceChildren(...found.map((window) => el("option", { value: window.id }, (window.gene && !window.id.startsWith(window.gene) ? window.gene + "  " : "") + window.id + "  (" + (window.why || "asked") + ", F = " + fixed(window.score, 2) + ")")));
    told.textContent = found.length > 0 ? found.length + " of " + windows.length : "no window of such a name is shown; mutagree report --window NAME adds it";
    return found;
  };
  const told = el("span", { class: "told", "aria-live": "polite" });
  const search = el("input", { id: "window-search", type: "search", placeholder: WINDOW_OF_TASK.hint, autocomplete: "off", spellcheck: "false",
    input: () => { const found = fill(search.value); if (found.length > 0 && !found.includes(state.window)) show(found[0]); else select.value = state.window.id; } });
  const turn = (by) => {
    const options = [...select.options].map((option) => option.value);
    const next = options[(options.indexOf(state.window.id) + by + options.length) % options.length];
    if (next !== undefined) show(windows.find((window) => window.id === next));
  };
  const zoom = el("select", { id: "window-zoom", change: () => { state.column = Number(zoom.value); for (const node of view.querySelectorAll("figure")) node.redraw(true); } },
    [[0, "fit"], [9, "letters"], [16, "large"]].map(([value, label]) => el("option", { value }, label)));
  fill("");
  const more = page.report.windows_in_report - windows.length;
  const nodes = [
    el("p", null, plural(windows.length, "window") + ": " + (windows.some((window) => window.asked) ? "those asked for with --window, then " : "") + "by turns where " + page.label(page.report.verdict.leader) + " agrees best with the mutations, as usual, and worst, and the best scores; one a cluster ",
      unbroken("(--examples"), " gives more)." + (more > 0 ? " " + more + " more are in report.json." : "")),
    el("div", { class: "picker", role: "group", "aria-label": "Choose a window" },
      el("label", { for: "window-search" }, "Search"), search, el("label", { for: "window-select" }, "Window"), select,
      el("button", { type: "button", click: () => turn(-1), "aria-label": "Previous window" }, "\u2190"), el("button", { type: "button", click: () => turn(1), "aria-label": "Next window" }, "\u2192"),
      el("label", { for: "window-zoom" }, "Zoom"), zoom, told),
    view];
  page.afterStart.push(() => show(state.window));
  return nodes;
}

function windowNodes(page, state) {
  const { window } = state;
  const facts = [window.gene ? "gene " + window.gene + (window.gene_id && window.gene_id !== window.gene ? " (" + window.gene_id + ")" : "") : null, ...WINDOW_OF_TASK.facts(page, window), "F = " + fixed(window.score, 3), isNumber(window.probability) ? "P = " + window.probability.toPrecision(4) : null];
  if (window.padded > 0) facts.push(plural(window.padded, "position") + WINDOW_OF_TASK.outside);
  if (window.unknown > 0) facts.push(plural(window.unknown, "unknown base"));
  const names = mainRows(page).map((row) => row.method);
  return [el("h3", null, window.transcript), el("p", { class: "facts" }, facts.filter(Boolean).join(" \u00b7 ")), windowFigure(page, state, names), topTable(page, window)];
}

function windowFigure(page, state, names) {
  const { window } = state;
  const node = figure({
    id: "window", title: "Every substitution, and what the methods make of it", wide: true,
    alt: "Heat map of the effect of every substitution of " + window.transcript + " above logos of the mean loss by mutation and of the contributions of " + names.length + " methods",
    caption: "Top: effect D of putting a base (" + page.unitText + "; colours end at \u00b1" + shortNumber(effectLimit(window)) + "; dots: the base that is there). Then, each on its own scale: mean loss by mutation, the contributions of the methods (with their " +
      capital(page.report.main.metric) + " agreement in this window)" + WINDOW_OF_TASK.trackWords + ".",
    draw: (place, width) => drawWindow(page, place, width, state, names),
    behind: table("Substitutions by position", [
      { label: "position", key: "position", format: positionText }, { label: "base", key: "base", text: true },
      ...[...BASES].map((base) => ({ label: "to " + base, key: base, format: (x) => (isNumber(x) ? fixed(x, 3) : "\u00b7") })),
      { label: "mean loss", key: "loss", format: (x) => fixed(x, 3) },
      ...names.map((name) => ({ label: page.label(name), key: name, format: (x) => fixed(x, 3) })),
    ], windowRows(window, names)),
  });
  return node;
}

function lossAt(window, i) {
  const known = window.effect[i].filter(isNumber);
  return known.length === 3 ? -known.reduce((sum, x) => sum + x, 0) / 3 : null;
}

function positionAt(window, i) {
  const position = window.first_position + i;
  return window.first_position < 0 && position >= 0 ? position + 1 : position;
}

function windowRows(window, names) {
  return [...window.sequence].map((base, i) => ({
    position: positionAt(window, i), base, ...Object.fromEntries([...BASES].map((to, b) => [to, window.effect[i][b]])), loss: lossAt(window, i),
    ...Object.fromEntries(names.map((name) => [name, window.contribution[name] ? window.contribution[name][i] : null])),
  }));
}

/* Where the colours end: the 98% quantile of the effects' magnitudes, so that one stop does not pale all else. */
function effectLimit(window) {
  const sizes = window.effect.flat().filter(isNumber).map(Math.abs).sort((a, b) => a - b);
  return sizes.length > 0 ? sizes[Math.floor(0.98 * (sizes.length - 1))] || sizes[sizes.length - 1] || 1 : 1;
}

const TRACK = { labels: 216, cell: 13, logo: 46, gap: 14, axis: 42 };

function drawWindow(page, place, width, state, names) {
  const { window } = state, n = window.sequence.length, narrow = width < 700;
  const left = narrow ? 0 : TRACK.labels, column = Math.max(state.column || (width - left - 8) / n, narrow && !state.column ? 5 : 1.5);
  const titles = narrow ? 16 : 0, heat = 4 * TRACK.cell, rows = [{ name: "mutations", label: "mutations" }, ...names.map((name) => ({ name, label: page.label(name) }))];
  const tracksTop = 26 + heat + TRACK.gap + titles, track = TRACK.logo + TRACK.gap + titles;
  const height = tracksTop + rows.length * track + WINDOW_OF_TASK.trackHeight + TRACK.axis, total = left + column * n + 8;
  const root = svgRoot(total, height), fixedLabels = svg("g");
  if (left > 0) fixedLabels.append(svg("rect", { x: 0, y: 0, width: left - 2, height, fill: "var(--paper)" })); // over what is scrolled away
  const area = { left, column, n, heat, titles };
  WINDOW_OF_TASK.drawBehind(root, window, area, height - TRACK.axis);
  drawHeat(root, fixedLabels, window, area);
  rows.forEach((row, k) => drawTrack(page, root, fixedLabels, window, row, area, tracksTop + k * track));
  WINDOW_OF_TASK.drawTrack(root, fixedLabels, window, area, tracksTop + rows.length * track);
  drawWindowAxis(page, root, fixedLabels, window, { ...area, shown: Math.min(column * n, width - left) }, height);
  root.append(fixedLabels);
  const scroller = el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Window, scroll sideways" }, root);
  scroller.addEventListener("scroll", () => fixedLabels.setAttribute("transform", "translate(" + scroller.scrollLeft + " 0)"));
  followPointer(page, root, window, names, area);
  place.append(scroller);
  const start = [...window.sequence].findIndex((_, i) => positionAt(window, i) === 1);
  scroller.scrollLeft = Math.max(0, start * column - (width - left) / 3); // what positions are counted from in view, where not all is
}

function trackLabel(labels, { left }, text, y, colour) {
  const width = left > 0 ? left - 6 : textWidth(text, 12) + 24;
  labels.append(svg("rect", { x: 0, y: y - 12, width, height: 17, fill: "var(--paper)", opacity: left > 0 ? 1 : 0.85 }));
  if (colour) labels.append(svg("rect", { x: 0, y: y - 9, width: 9, height: 9, rx: 2, fill: colour }));
  labels.append(svgText(text, colour ? 14 : 0, y, { "font-size": 12 }));
}

function drawHeat(root, labels, window, area) {
  const { left, column, heat, titles } = area, limit = effectLimit(window), top = 22 + titles;
  if (titles > 0) trackLabel(labels, area, "effect of putting A, C, G, T (rows)", 14);
  else {
    trackLabel(labels, area, "effect of putting", top + heat / 2 + 4);
  }
  [...BASES].forEach((base, b) => (titles > 0 ? root : labels).append(letter(base, titles > 0 ? -20 : left - 18, top + b * TRACK.cell + 2, 9, TRACK.cell - 4)));
  const group = svg("g", { "shape-rendering": "crispEdges" });
  window.effect.forEach((row, i) => row.forEach((value, b) => {
    const x = round2(left + i * column), y = top + b * TRACK.cell;
    if (!isNumber(value)) {
      const there = window.sequence[i] === BASES[b];
      if (there) root.append(svg("circle", { cx: round2(x + column / 2), cy: y + TRACK.cell / 2, r: Math.min(1.8, column * 0.3), fill: "var(--muted)" }));
      return;
    }
    const size = Math.min(1, Math.abs(value) / limit);
    if (size > 0.01) group.append(svg("rect", { x, y, width: round2(column), height: TRACK.cell, fill: value < 0 ? "var(--less)" : "var(--more)", "fill-opacity": round2(size) }));
  }));
  root.append(group, svg("rect", { x: left, y: top, width: round2(column * area.n), height: heat, fill: "none", stroke: "var(--axis)" }));
}

function drawTrack(page, root, labels, window, row, area, y) {
  const scales = svg("g");
  const values = row.name === "mutations" ? window.effect.map((_, i) => lossAt(window, i)) : window.contribution[row.name] || [];
  const stacks = values.map((value, i) => [{ base: window.sequence[i], height: value || 0 }]), range = logoRange(stacks);
  const drawn = logo(stacks, { left: area.left, step: area.column, top: y, height: TRACK.logo, ...range });
  root.append(svg("line", { x1: area.left, x2: round2(area.left + area.column * area.n), y1: round2(drawn.zero), y2: round2(drawn.zero), stroke: "var(--axis)", "stroke-width": 0.6 }), drawn.group);
  if (area.titles === 0) {
    const small = { "text-anchor": "end", "font-size": 9, fill: "var(--muted)" };
    for (const [value, at] of [[range.most, y + 7], [range.least, y + TRACK.logo]]) {
      if (Math.abs(value) > 0.2 * (range.most - range.least)) scales.append(svgText(shortNumber(value), area.left - 5, at, small));
    }
  }
  const agreement = row.name === "mutations" ? "" : " " + fixed(window.agreement[row.name], 2);
  trackLabel(labels, area, row.name === "mutations" ? "loss by mutation" : shortened(row.label) + agreement, area.titles > 0 ? y - 6 : y + TRACK.logo / 2 + 4, page.colour(row.name));
  labels.append(scales);
}

/* "integrated gradients (50 steps)" without its setting, where room is short */
function shortened(label) {
  return label.replace(/ \([^)]*\)$/, "");
}

function drawWindowAxis(page, root, labels, window, { left, column, n, shown }, height) {
  const every = [10, 20, 50, 100, 500].find((step) => step * column > 40) || 1000;
  for (let i = 0; i < n; i++) {
    const position = positionAt(window, i);
    if (position !== 1 && (position % every !== 0 || (Math.abs(position) * column < 30 && position !== 1))) continue;
    const x = left + (i + 0.5) * column, atEdge = i * column < 14 ? "start" : (n - i) * column < 14 ? "end" : "middle"; // the label within the drawing
    root.append(svg("line", { x1: round2(x), x2: round2(x), y1: height - 38, y2: height - 34, stroke: "var(--axis)" }),
      svgText(positionText(position), x, height - 22, { "text-anchor": atEdge, "font-size": 11, fill: "var(--muted)" }));
  }
  labels.append(svgText(page.axisTitle, left + shown / 2, height - 5, { "text-anchor": "middle", "font-size": 12 }));
}

/* Tells what is under the pointer. */
function followPointer(page, root, window, names, { left, column, n }) {
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect(), i = Math.floor(((event.clientX - box.left) / box.width * root.viewBox.baseVal.width - left) / column);
    if (i < 0 || i >= n) return hideTip();
    const changes = [...BASES].filter((_, b) => isNumber(window.effect[i][b])).map((base) => window.sequence[i] + ">" + base + " " + fixed(window.effect[i][BASES.indexOf(base)], 3));
    return showTip(event, [window.sequence[i] + " at " + positionText(positionAt(window, i)), changes.join(",  "), "mean loss " + fixed(lossAt(window, i), 3),
      ...names.map((name) => shortened(page.label(name)) + " " + fixed(window.contribution[name] ? window.contribution[name][i] : null, 3))]);
  });
  root.addEventListener("pointerleave", hideTip);
}

function topTable(page, window) {
  const { odds } = page.task;
  return table("The strongest substitutions of " + window.transcript, [
    { label: "substitution", key: "name", text: true },
    ...WINDOW_OF_TASK.columns,
    { label: "effect, " + page.unit, key: "effect", format: (x) => fixed(x, 3) },
    ...(odds ? [{ label: "P after", key: "probability", format: (x) => fixed(x, 4) }, { label: "change of P", key: "probability_change", format: (x) => fixed(x, 4) },
      { label: WINDOW_OF_TASK.turns, key: "flips", text: true, format: (x) => (x ? "flips" : "stays") }] : []),
  ], window.top);
}
