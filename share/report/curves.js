/* curves.js  perturbation curves: how far the score falls as bases are replaced in the order of each method */

const CURVE_ORDERS = [
  { order: "morf", title: "Largest contributions first", goal: "better is higher" },
  { order: "lerf", title: "Smallest contributions first", goal: "better is lower" },
];

/* Baselines are no methods: grey, and no line of theirs is whole, as those of the methods are. */
const BASELINE_LINES = { random: [2, 2], profile: [5, 3], ceiling: [10, 3] };

/* What is drawn, the methods as in the answer, then the baselines: {name, label, colour, dash, rows}. */
function curveLines(page) {
  const { report } = page, rows = report.curves;
  const methods = mainRows(page).map((row) => ({ name: row.method, label: page.label(row.method), colour: page.colour(row.method), dash: [1, 0], width: 2 }));
  const baselines = report.baselines.list.map(({ name, label }) => ({ name, label, colour: "var(--muted)", dash: BASELINE_LINES[name] || [1, 2], width: 1.5, baseline: true }));
  return baselines.concat(methods).map((line) => ({ ...line, rows: rows.filter((row) => row.method === line.name && isNumber(row.mean)) })).filter((line) => line.rows.length > 0);
}

function curvesFigure(page) {
  const { report } = page;
  if (!Array.isArray(report.curves) || report.curves.length === 0) return null;
  const lines = curveLines(page), most = report.curves.reduce((best, row) => (row.n > best.n ? row : best));
  const at = Math.max(...report.curves.map((row) => row.positions));
  const last = (line, order) => line.rows.find((row) => row.order === order && row.positions === at);
  const node = figure({
    id: "curves", title: "What happens when bases are replaced in the order of a method",
    alt: "Mean fall of the score after " + at + " bases, the largest contributions first: " + lines.filter((line) => last(line, "morf")).map((line) => line.label + " " + interval(last(line, "morf"))).join("; "),
    caption: "Mean fall of the score, " + page.unitText + ", after 1 to " + at + " bases were replaced by others, with 95% bands by " + page.unitOne + " (bootstrap); n = " + plural(most.n, "window") + " of " + page.units(most.clusters) +
      ". Replacing first what a method calls most important should cost the score much; replacing first what it says speaks against the site should cost little, or add to it (each panel has its own axis). Grey and dashed are no methods: random numbers, the mean profile of positions, and the order of the true effects. " +
      "Points of a curve are no tests of their own: the area between the two curves (area_20) decides.",
    values: report.curves.map((row) => row.mean),
    draw: (place, width) => drawCurves(page, place, width, lines),
    behind: table("Mean fall of the score by bases replaced, " + page.unitText, [
      { label: "method", key: "method", text: true, format: (name) => lines.find((line) => line.name === name)?.label || name },
      { label: "first come the", key: "order", text: true, format: (order) => (order === "morf" ? "largest" : "smallest") }, { label: "bases", key: "positions", format: count },
      { label: "mean fall [95% interval]", key: "mean", format: (_, row) => interval(row, 3) }, { label: "n (windows)", key: "n", format: count }, { label: page.unitMany, key: "clusters", format: count },
    ], report.curves),
  });
  node.insertBefore(methodKey(page, lines.filter((line) => !line.baseline).map((line) => line.name)), node.querySelector(".drawing"));
  return node;
}

/* The points of a line in one order, from 0 bases on, where the score has not fallen. */
function curvePoints(line, order) {
  const of = line.rows.filter((row) => row.order === order).sort((a, b) => a.positions - b.positions);
  if (of.length === 0) return [];
  return [{ positions: 0, mean: 0, lo: 0, hi: 0 }, ...of].map((row) => ({
    line: line.name, x: row.positions, mean: row.mean, lo: row.lo ?? row.mean, hi: row.hi ?? row.mean, colour: line.colour, dash: line.dash, width: line.width,
    tip: row.positions === 0 ? null : line.label + "\n" + plural(row.positions, "base") + ", " + (order === "morf" ? "largest" : "smallest") + " first\nfall " + interval(row, 3) + "\nn = " + plural(row.n, "window"),
  }));
}

/* Names of the baselines beside the ends of their lines, no two nearer than a line of text. */
function endNames(lines, order, height, y) {
  const names = lines.filter((line) => line.baseline).map((line) => ({ text: line.label, end: curvePoints(line, order).pop() })).filter((name) => name.end)
    .map((name) => ({ text: name.text, y: y(name.end.mean) })).sort((a, b) => a.y - b.y);
  names.forEach((name, k) => { if (k > 0) name.y = Math.max(name.y, names[k - 1].y + 13); });
  for (let k = names.length - 1; k >= 0; k--) names[k].y = Math.min(names[k].y, k + 1 < names.length ? names[k + 1].y - 13 : height);
  return names;
}

function drawCurves(page, place, width, lines) {
  const across = width < 700 ? 1 : 2, left = 52, gap = 34;
  const right = Math.max(0, ...lines.filter((line) => line.baseline).map((line) => textWidth(line.label, 11))) + 10;
  const inner = (width - left - (across - 1) * gap) / across - right, height = 230, step = height + 82;
  const ticks = [0, ...new Set(page.report.curves.map((row) => row.positions))].sort((a, b) => a - b);
  const marks = CURVE_ORDERS.map(({ order, title, goal }, k) => {
    const column = k % across, row = Math.floor(k / across), points = lines.flatMap((line) => curvePoints(line, order));
    const low = Math.min(0, ...points.map((point) => point.lo)), high = Math.max(0, ...points.map((point) => point.hi)), room = 0.04 * (high - low || 1);
    const domain = [low - room, high + room], y = (value) => height * (1 - (value - domain[0]) / (domain[1] - domain[0]));
    const facet = { facet: { name: "line", data: "points", groupby: "line" } }, x = { scale: "x", field: "x" };
    return area(left + column * (inner + right + gap), 26 + row * step, inner, height, {
      data: [{ name: "points", values: points }, { name: "names", values: endNames(lines, order, height, y) }],
      scales: [{ name: "x", type: "linear", range: [0, inner], domain: [0, Math.max(...ticks)], zero: true }, { name: "y", type: "linear", range: [height, 0], domain, zero: false }],
      axes: [{ orient: "bottom", scale: "x", values: ticks, format: "d", title: "bases replaced" },
        { orient: "left", scale: "y", grid: true, domain: false, ticks: false, tickCount: 6, title: column === 0 ? "fall of the score, " + page.unit : null }],
      marks: [panelTitle(title + ": " + goal),
        { type: "group", from: facet, marks: [{ type: "area", from: { data: "line" }, interactive: false, encode: { enter: { x, y: { scale: "y", field: "lo" }, y2: { scale: "y", field: "hi" }, fill: { field: "colour" }, fillOpacity: { value: 0.16 } } } }] },
        { type: "group", from: facet, marks: [{ type: "line", from: { data: "line" }, interactive: false, encode: { enter: { x, y: { scale: "y", field: "mean" }, stroke: { field: "colour" }, strokeWidth: { field: "width" }, strokeDash: { field: "dash" } } } }] },
        { type: "symbol", from: { data: "points" }, encode: { enter: { x, y: { scale: "y", field: "mean" }, size: { value: 32 }, fill: { field: "colour" }, stroke: { value: "var(--paper)" }, tooltip: { field: "tip" } } } },
        { type: "text", from: { data: "names" }, encode: { enter: { x: { value: inner + 8 }, y: { field: "y" }, text: { field: "text" }, baseline: { value: "middle" }, fill: { value: "var(--muted)" }, font: { value: FONT }, fontSize: { value: 11 } } } },
      ],
    });
  });
  drawChart(page, place, {
    width, height: 26 + Math.ceil(CURVE_ORDERS.length / across) * step - 34, marks,
  });
}
