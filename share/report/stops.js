/* stops.js  effects by class of substitution, by codon, flips of the call, and who tells nonsense from the rest */

addSection({ id: "stops", order: 40, nav: "Premature stops", title: "Premature stops", make: (page) => stopsSection(page), key: "stops" });

function stopsSection(page) {
  const { report } = page, nodes = [];
  if (!report.stops) return [missingNote(report, "stops")];
  const code = report.stops.genetic_code;
  nodes.push(el("p", null, "Every substitution of every window by what it does to the protein. Genetic code: NCBI " + code.number + ", " + code.name + " (stops " + code.stops.replaceAll(" ", ", ") + ")."));
  nodes.push(finding(page, "stops"), classesFigure(page), codonsFigure(page));
  if (report.flips) nodes.push(...flipsFigures(page));
  else if ("flips" in report) nodes.push(missingNote(report, "flips"));
  nodes.push(aurocFigure(page), finding(page, "auroc"), ...predictionTables(page));
  return nodes;
}

/* --- effect by class --- */

function classesFigure(page) {
  const { stops } = page.report, rows = stops.classes.filter((row) => row.n > 0 && isNumber(row.median)), digits = digitsFor(rows);
  return figure({
    id: "classes", title: "Effect of a substitution by its class",
    alt: "Distribution of the effect by class, means: " + rows.map((row) => row.label + " " + fixed(row.mean, digits)).join("; "),
    caption: "Shape: histogram of the effects (middle 99%), each as high as its own peak. Box: quartiles and median; line: 5% to 95%; dot: mean. A negative effect is damage. " + capital(page.unitText) + "; " + page.groupText + ".",
    values: rows.map((row) => row.mean),
    draw: (place, width) => drawClasses(page, place, width, rows, stops.histogram),
    behind: table("Effect by class", [
      { label: "class", key: "label", text: true }, { label: "coding part", key: "coding", text: true, format: (x) => (x ? "yes" : "no") },
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, digits) }, { label: "5%", key: "q05", format: (x) => fixed(x, digits) },
      { label: "25%", key: "q25", format: (x) => fixed(x, digits) }, { label: "median", key: "median", format: (x) => fixed(x, digits) },
      { label: "75%", key: "q75", format: (x) => fixed(x, digits) }, { label: "95%", key: "q95", format: (x) => fixed(x, digits) },
      { label: "change of probability", key: "probability", format: (x) => fixed(x, 4) }, { label: "n (substitutions)", key: "n", format: count },
      { label: page.unitMany, key: "clusters", format: count },
    ], stops.classes),
  });
}

function drawClasses(page, place, width, rows, histogram) {
  const narrow = width < 560, step = narrow ? 52 : 38, head = narrow ? 20 : 0;
  const left = narrow ? 8 : Math.max(...rows.map((row) => textWidth(row.label, 13))) + 24, right = narrow ? 10 : 92;
  const digits = digitsFor(rows);
  const inner = width - left - right, height = rows.length * step;
  const middle = (k) => k * step + head + (step - head) / 2, half = (step - head) / 2 - 3;
  const data = rows.map((row, k) => ({
    ...row, y: middle(k), top: k * step, ink: row.class === "nonsense" ? "var(--strong)" : "var(--plain)", text: "n = " + count(row.n),
    tip: row.label + "\nmean " + interval(row, digits) + "\nmedian " + fixed(row.median, digits) + ", quartiles " + fixed(row.q25, digits) + " to " + fixed(row.q75, digits) + "\nn = " + plural(row.n, "substitution"),
  }));
  const edges = histogram.edges, shapes = [];
  rows.forEach((row, k) => {
    const counts = histogram.counts[row.class] || [], most = Math.max(1, ...counts);
    counts.forEach((n, i) => shapes.push({ class: row.class, x: (edges[i] + edges[i + 1]) / 2, y: middle(k) - (half * n) / most, y2: middle(k) + (half * n) / most, ink: data[k].ink }));
  });
  const at = (field) => ({ scale: "x", field });
  drawChart(page, place, {
    width, height: height + 46, data: [{ name: "rows", values: data }, { name: "shapes", values: shapes }],
    marks: [area(left, 2, inner, height, {
      scales: [{ name: "x", type: "linear", range: [0, inner], domain: [edges[0], edges[edges.length - 1]] }],
      axes: [{ orient: "bottom", scale: "x", grid: true, domain: false, title: "effect of the substitution, " + page.unit, tickCount: Math.max(3, Math.floor(inner / 80)) }],
      marks: [
        { type: "rule", encode: { enter: { x: { scale: "x", value: 0 }, y: { value: 0 }, y2: { value: height }, stroke: { value: "var(--axis)" } } } },
        { type: "group", from: { facet: { name: "shape", data: "shapes", groupby: "class" } }, marks: [{ type: "area", from: { data: "shape" }, encode: { enter: { x: at("x"), y: { field: "y" }, y2: { field: "y2" }, fill: { field: "ink" }, fillOpacity: { value: 0.28 }, interpolate: { value: "step" } } } }] },
        { type: "rule", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: at("q05"), x2: at("q95"), stroke: { field: "ink" }, strokeWidth: { value: 1.2 } } } },
        { type: "rect", from: { data: "rows" }, encode: { enter: { yc: { field: "y" }, height: { value: 9 }, x: at("q25"), x2: at("q75"), fill: { value: "var(--paper)" }, stroke: { field: "ink" }, strokeWidth: { value: 1.2 }, tooltip: { field: "tip" } } } },
        { type: "rect", from: { data: "rows" }, encode: { enter: { yc: { field: "y" }, height: { value: 9 }, x: { ...at("median"), offset: -1 }, width: { value: 2 }, fill: { field: "ink" } } } },
        { type: "symbol", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: at("mean"), size: { value: 34 }, fill: { field: "ink" }, stroke: { value: "var(--paper)" }, tooltip: { field: "tip" } } } },
        rowText("label", narrow ? { x: { value: 0 }, y: { field: "top", offset: 12 } } : { x: { value: -16 }, align: { value: "right" }, y: { field: "y" } }, "var(--ink)", 13),
        rowText("text", narrow ? { x: { value: inner }, align: { value: "right" }, y: { field: "top", offset: 12 } } : { x: { value: inner + 12 }, y: { field: "y" } }, "var(--muted)", 11),
      ],
    })],
  });
}

/* --- by codon --- */

const CODON_LINES = [
  { class: "nonsense", label: "stop in frame (nonsense)", ink: "var(--strong)", dash: [1, 0], width: 2.4 },
  { class: "stop_frame_1", label: "stop in frame +1", ink: "var(--ink)", dash: [6, 3], width: 1.6 },
  { class: "stop_frame_2", label: "stop in frame +2", ink: "var(--ink)", dash: [2, 3], width: 1.6 },
  { class: "missense", label: "missense", ink: "var(--plain)", dash: [1, 0], width: 1.6 },
  { class: "silent", label: "silent", ink: "var(--plain)", dash: [2, 2], width: 1.6 },
];

function codonsFigure(page) {
  const { stops } = page.report, rows = stops.codons.filter((row) => row.n > 0 && isNumber(row.mean)), digits = digitsFor(rows);
  const lines = CODON_LINES.filter((line) => rows.some((row) => row.class === line.class));
  const node = figure({
    id: "codons", title: "Effect by codon",
    alt: "Mean effect of substitutions by number of the codon, a line a class",
    caption: "Mean effect by number of the codon (the start is 1); the band is the 95% interval of nonsense. " + capital(page.unitText) + "; " + page.groupText + ".",
    values: rows.map((row) => row.mean),
    draw: (place, width) => drawCodons(page, place, width, rows, lines),
    behind: table("Effect by codon and class", [
      { label: "codon", key: "codon", format: count }, { label: "class", key: "class", text: true, format: (name) => className(stops, name) },
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, digits) }, { label: "n (substitutions)", key: "n", format: count },
    ], stops.codons),
  });
  node.insertBefore(el("ul", { class: "key" }, lines.map((line) => el("li", null, lineSample(line), line.label))), node.querySelector(".drawing"));
  return node;
}

function className(stops, name) {
  const row = stops.classes.find((item) => item.class === name);
  return row ? row.label : name;
}

function lineSample(line) {
  return svg("svg", { width: 26, height: 10, viewBox: "0 0 26 10", class: "sample", "aria-hidden": "true" },
    svg("line", { x1: 1, x2: 25, y1: 5, y2: 5, stroke: line.ink, "stroke-width": line.width, "stroke-dasharray": line.dash.join(" ") }));
}

function drawCodons(page, place, width, rows, lines) {
  const left = 52, inner = width - left - 10, height = 220, digits = digitsFor(rows);
  const data = rows.flatMap((row) => {
    const line = lines.find((item) => item.class === row.class);
    if (!line) return [];
    return [{ codon: row.codon, class: row.class, mean: row.mean, lo: row.lo ?? row.mean, hi: row.hi ?? row.mean, ink: line.ink, dash: line.dash, width: line.width,
      tip: line.label + ", codon " + row.codon + "\n" + interval(row, digits) + "\nn = " + plural(row.n, "substitution") }];
  });
  const x = { scale: "x", field: "codon" }, y = { scale: "y", field: "mean" };
  const codons = data.map((row) => row.codon), first = Math.min(...codons), last = Math.max(...codons), few = last - first < 4;
  drawChart(page, place, {
    width, height: height + 56,
    data: [{ name: "points", values: data }, { name: "nonsense", values: data.filter((row) => row.class === "nonsense") }],
    marks: [area(left, 8, inner, height, {
      scales: [{ name: "x", type: "linear", range: [0, inner], domain: few ? [first - 0.5, last + 0.5] : [first, last], zero: false },
        { name: "y", type: "linear", range: [height, 0], domain: { data: "points", field: "mean" }, nice: true, zero: true }],
      axes: [{ orient: "left", scale: "y", grid: true, domain: false, ticks: false, title: "mean effect, " + page.unit, tickCount: 6 },
        { orient: "bottom", scale: "x", title: "codon", format: "d", values: tickNumbers(first, last, inner / 50) }],
      marks: [
        { type: "rule", encode: { enter: { x: { value: 0 }, x2: { value: inner }, y: { scale: "y", value: 0 }, stroke: { value: "var(--axis)" } } } },
        { type: "area", clip: true, from: { data: "nonsense" }, encode: { enter: { x, y: { scale: "y", field: "lo" }, y2: { scale: "y", field: "hi" }, fill: { value: "var(--strong)" }, fillOpacity: { value: 0.15 } } } },
        { type: "group", from: { facet: { name: "line", data: "points", groupby: "class" } }, marks: [{ type: "line", from: { data: "line" }, encode: { enter: { x, y, stroke: { field: "ink" }, strokeWidth: { field: "width" }, strokeDash: { field: "dash" } } } }] },
        { type: "symbol", from: { data: "points" }, encode: { enter: { x, y, size: { value: 50 }, tooltip: { field: "tip" } }, update: { fill: few ? { field: "ink" } : { value: "transparent" } }, hover: { fill: { field: "ink" } } } },
      ],
    })],
  });
}

function tickNumbers(first, last, most) {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => (last - first) / s < most) || 2000;
  const ticks = [first];
  for (let k = Math.ceil((first + 1) / step) * step; k <= last; k += step) ticks.push(k);
  return ticks;
}

/* --- flips of the call --- */

function flipsFigures(page) {
  const { flips } = page.report, lost = (rows) => rows.filter((row) => row.direction === "lost");
  const classes = lost(flips.classes).filter((row) => row.flips > 0).sort((a, b) => b.share_of_flips - a.share_of_flips);
  const bases = lost(flips.bases), total = classes.reduce((sum, row) => sum + row.flips, 0);
  const nodes = [el("h3", null, "Substitutions that take the call away")];
  if (total === 0) return [...nodes, el("p", { class: "notice" }, "No substitution takes the call of a start away.")];
  nodes.push(el("p", null, count(total) + " substitutions turn a window that is called a start (score above 0) into one that is not."), finding(page, "flips"));
  nodes.push(rateFigure(page, lost(flips.classes).filter((row) => row.n > 0).sort((a, b) => b.share - a.share)));
  nodes.push(el("div", { class: "pair" }, shareFigure(page, "flips-class", "Flips by class", classes, "label"),
    shareFigure(page, "flips-base", "Flips by new base", bases.map((row) => ({ ...row, label: "to " + row.to })), "label")));
  nodes.push(flipPositions(page, lost(flips.positions)), publishedTable(page, flips.published));
  nodes.push(details("Flips in both directions", table("Flips by class", [
    { label: "direction", key: "direction", text: true }, { label: "class", key: "label", text: true }, { label: "flips", key: "flips", format: count },
    { label: "n (substitutions)", key: "n", format: count }, { label: "share of the substitutions", key: "share", format: (_, row) => percentInterval(row, "share", "lo", "hi") },
    { label: "share of the flips", key: "share_of_flips", format: (_, row) => percentInterval(row, "share_of_flips", "lo_of_flips", "hi_of_flips") },
  ], flips.classes)));
  return nodes;
}

/* How often, not how many: rare kinds of substitutions are few of the flips however often they flip. */
function rateFigure(page, rows) {
  const strong = ["nonsense", "upstream_atg_in_frame"];
  const data = rows.map((row) => ({
    label: row.label, colour: strong.includes(row.class) ? "var(--strong)" : "var(--plain)", mean: row.share, lo: row.lo, hi: row.hi,
    text: percent(row.share) + " of " + count(row.n), tip: row.label + "\n" + percentInterval(row, "share", "lo", "hi") + "\n" + count(row.flips) + " flips of " + plural(row.n, "substitution"),
  }));
  return figure({
    id: "flips-rate", title: "How often a substitution takes the call away, by class",
    alt: "Share of the substitutions of each class that take the call away: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Of the substitutions of a class, the share that takes the call away; 95% intervals by " + page.unitOne + "; " + page.groupText + ".",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "share of the substitutions of the class", format: ".0%", domain: [0, Math.min(1, Math.max(...data.map((row) => row.hi ?? row.mean)) * 1.05)] }),
    behind: table("Flips by class, as rates", [
      { label: "class", key: "label", text: true }, { label: "flips", key: "flips", format: count }, { label: "n (substitutions)", key: "n", format: count },
      { label: "share of the substitutions [95% interval]", key: "share", format: (_, row) => percentInterval(row, "share", "lo", "hi") },
    ], rows),
  });
}

function shareFigure(page, id, title, rows, key) {
  const data = rows.map((row) => ({
    label: row[key], colour: row.class === "nonsense" ? "var(--strong)" : "var(--plain)", mean: row.share_of_flips, lo: row.lo_of_flips, hi: row.hi_of_flips,
    text: percent(row.share_of_flips), tip: row[key] + "\n" + percentInterval(row, "share_of_flips", "lo_of_flips", "hi_of_flips") + " of all flips\n" + count(row.flips) + " flips of " + plural(row.n, "substitution"),
  }));
  return figure({
    id, title, alt: title + ", share of all flips: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Share of " + plural(rows.reduce((sum, row) => sum + row.flips, 0), "flip") + "; 95% intervals by " + page.unitOne + "." + (id === "flips-base" ? " The start codon is left out." : ""),
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "share of flips", format: ".0%", domain: [0, Math.min(1, Math.max(...data.map((row) => row.hi ?? row.mean)) * 1.05)] }),
    behind: table(title, [
      { label: "", key, text: true }, { label: "flips", key: "flips", format: count }, { label: "n (substitutions)", key: "n", format: count },
      { label: "share of flips [95% interval]", key: "share_of_flips", format: (_, row) => percentInterval(row, "share_of_flips", "lo_of_flips", "hi_of_flips") },
    ], rows),
  });
}

function flipPositions(page, rows) {
  return figure({
    id: "flips-position", title: "Flips by position", alt: "Share of the substitutions at each position that take the call away",
    caption: "Share of the substitutions at a position that take the call away; the start codon is shaded; " + page.groupText + ".",
    values: rows.map((row) => row.share),
    draw: (place, width) => drawFlipPositions(page, place, width, rows),
    behind: table("Flips by position", [
      { label: "position", key: "position", format: positionText }, { label: "flips", key: "flips", format: count }, { label: "n (substitutions)", key: "n", format: count },
      { label: "share [95% interval]", key: "share", format: (_, row) => percentInterval(row, "share", "lo", "hi") },
    ], rows),
  });
}

function drawFlipPositions(page, place, width, rows) {
  const { run } = page.report, left = 52, inner = width - left - 8, height = 130;
  const first = positionIndex(run.first_position), last = positionIndex(run.last_position);
  const data = rows.filter((row) => isNumber(row.share)).map((row) => ({
    x: positionIndex(row.position) - 0.4, x2: positionIndex(row.position) + 0.4, share: row.share,
    tip: positionText(row.position) + "\n" + percentInterval(row, "share", "lo", "hi") + "\n" + count(row.flips) + " flips of " + plural(row.n, "substitution"),
  }));
  drawChart(page, place, {
    width, height: height + 54, data: [{ name: "bars", values: data }],
    marks: [area(left, 8, inner, height, {
      scales: [{ name: "x", type: "linear", range: [0, inner], domain: [first - 0.5, last + 0.5], zero: false },
        { name: "y", type: "linear", range: [height, 0], domain: { data: "bars", field: "share" }, nice: true, zero: true }],
      axes: [{ orient: "left", scale: "y", grid: true, domain: false, ticks: false, format: ".0%", tickCount: 4 }, positionAxis(first, last, inner)],
      marks: [
        ...(page.band ? [{ type: "rect", encode: { enter: { x: { scale: "x", value: -0.5 }, x2: { scale: "x", value: 2.5 }, y: { value: 0 }, y2: { value: height }, fill: { value: "var(--band)" } } } }] : []),
        { type: "rect", from: { data: "bars" }, encode: { enter: { x: { scale: "x", field: "x" }, x2: { scale: "x", field: "x2" }, y: { scale: "y", field: "share" }, y2: { scale: "y", value: 0 }, tooltip: { field: "tip" } }, update: { fill: { value: "var(--plain)" } }, hover: { fill: { value: "var(--strong)" } } } },
      ],
    })],
  });
}

function publishedTable(page, rows) {
  const words = { nonsense: "make a stop in frame", "to C": "put a C" };
  return el("div", null, el("h4", null, "Beside the published shares"),
    el("p", null, "Of the substitutions in the coding part that take the call away, how many make a stop in frame, and how many put a C; beside them what Ozbulak et al. 2023 (Bioinformatics 39:btad338) found for their network and data. A call near the boundary is flipped by anything, so the shares depend on how sure the calls are."),
    table("Shares of flips in the coding part", [
      { label: "substitutions that", key: "quantity", text: true, format: (name) => words[name] || name },
      { label: "windows called with P of at least", key: "least_probability", format: (x) => (isNumber(x) ? String(x) : "any") },
      { label: "n (flips)", key: "n", format: count }, { label: "share [95% interval]", key: "share", format: (_, row) => percentInterval(row, "share", "lo", "hi") },
      { label: "published", key: "published", format: (x) => percent(x) },
    ], rows));
}

/* --- who tells nonsense from the rest --- */

function aurocFigure(page) {
  const { stops } = page.report;
  const rows = [...stops.auroc].sort((a, b) => (a.source === "mutations" ? -1 : b.source === "mutations" ? 1 : (b.mean ?? -1) - (a.mean ?? -1)));
  const words = { D: "the mutations themselves", d: "its own prediction of the change", a: "the contribution of the base that is there" };
  const data = rows.map((row) => ({
    label: page.label(row.source), colour: page.colour(row.source), mean: row.mean, lo: row.lo, hi: row.hi, text: interval(row, 3),
    tip: page.label(row.source) + "\nby " + words[row.what] + "\n" + interval(row, 3) + "\nn = " + plural(row.n, "window"),
  }));
  return figure({
    id: "auroc", title: "Who tells premature stops from other substitutions?",
    alt: "Area under the ROC curve: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Area under the ROC curve: nonsense against the other coding substitutions of the same window, by what each method predicts a substitution to do; mean over windows, 95% interval by " + page.unitOne + " (bootstrap). Dashed: chance, 0.5. The mutations show what a perfect method would reach.",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "area under ROC", reference: 0.5, domain: [Math.min(0.45, ...data.map((row) => row.lo ?? row.mean ?? 1)), 1] }),
    behind: table("Area under ROC, nonsense against other coding substitutions", [
      { label: "source", key: "source", text: true, format: page.label, colour: (row) => page.colour(row.source) }, { label: "judged by", key: "what", text: true, format: (what) => words[what] || what },
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, 3) }, { label: "mean rank", key: "mean_rank", format: (x) => fixed(x, 2) },
      { label: "place", key: "place", format: count }, { label: "n (windows)", key: "n", format: count }, { label: "undefined", key: "undefined", format: count },
    ], rows),
  });
}

function predictionTables(page) {
  const { stops } = page.report, digits = digitsFor(stops.classes), words = { D: "the mutations", d: "its own prediction", a: "minus the contribution" };
  return [
    details("What each method says of each class", table("Mean of what is said of a substitution, by class and source", [
      { label: "class", key: "class", text: true, format: (name) => className(stops, name) }, { label: "source", key: "source", text: true, format: page.label, colour: (row) => page.colour(row.source) },
      { label: "what", key: "what", text: true, format: (what) => words[what] || what }, { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, digits) },
      { label: "n (substitutions)", key: "n", format: count },
    ], stops.predicted)),
    details("Paired differences of the areas", table("Area under ROC, method minus other, in the same window", [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) }, { label: "against", key: "other", text: true, format: page.label, colour: (row) => page.colour(row.other) },
      { label: "mean difference", key: "mean_difference", format: (x) => fixed(x, 4) }, { label: "wins", key: "wins", format: count }, { label: "ties", key: "ties", format: count },
      { label: "Wilcoxon p, corrected", key: "p_holm", format: pValue }, { label: "n (windows)", key: "n", format: count },
    ], stops.auroc_pairs)),
  ];
}
