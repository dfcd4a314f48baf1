/* certain.js  mean ranks with the critical difference, who beats whom, paired differences */

addSection({ id: "certain", order: 20, nav: "How sure", title: "How sure is that?", make: (page) => certainSection(page) });

function certainSection(page) {
  const { report } = page, { main } = report;
  const ofMain = (rows) => rows.filter((row) => row.group === main.group && (row.metric === undefined || row.metric === main.metric) && (row.region === undefined || row.region === main.region));
  const test = ofMain(report.friedman)[0], differences = ofMain(report.differences);
  const ranks = ofMain(report.mean_ranks).filter((row) => isNumber(row.mean_rank)).sort((a, b) => a.mean_rank - b.mean_rank);
  const nodes = [];
  if (ranks.length < 2) return [el("p", { class: "notice" }, "With fewer than two methods that are defined there is nothing to compare.")];
  nodes.push(friedmanSentence(page, test), ranksFigure(page, ranks, test));
  if (differences.length > 0) nodes.push(winsFigure(page, ranks.map((row) => row.method), differences), ...differenceTables(page, ranks[0].method, differences));
  nodes.push(quartersFigure(page), metricsTable(page));
  return nodes;
}

function friedmanSentence(page, test) {
  if (!test || !isNumber(test.chi2)) return el("p", null, "Friedman\u2019s test needs two " + page.unitMany + " or more.");
  return el("p", null, "Are the methods different at all? Friedman\u2019s test over " + page.units(test.clusters) + " and " + test.methods +
    " methods: \u03c7\u00b2 = " + fixed(test.chi2, 1) + ", " + plural(test.df, "degree") + " of freedom, " + pText(test.p) + " (Iman and Davenport: F = " + fixed(test.f, 1) + ", " + pText(test.p_f) + ").");
}

function ranksFigure(page, ranks, test) {
  const cd = test ? test.critical_difference : null;
  const sets = page.report.indistinct.filter((set) => set.group === page.report.main.group).map((set) => set.methods);
  return figure({
    id: "ranks", title: "Mean ranks and critical difference",
    alt: "Mean rank of each method, 1 is best: " + ranks.map((row) => page.label(row.method) + " " + fixed(row.mean_rank, 2)).join("; ") + ". Critical difference " + fixed(cd, 2),
    caption: "Mean rank by " + page.unitOne + ", 1 is best" + (test ? "; n = " + page.units(test.clusters) : "") + (sets.length > 0 ? ". Methods that a bar at the right joins differ by less than Nemenyi\u2019s critical difference (CD, 0.05): their order is not settled by ranks."
        : isNumber(cd) ? ". Each two differ by more than Nemenyi\u2019s critical difference (CD, 0.05)." : "."),
    draw: (place, width) => drawRanks(page, place, width, ranks, sets, cd),
    behind: table("Mean ranks", [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
      { label: "mean rank", key: "mean_rank", format: (x) => fixed(x, 3) },
    ], ranks),
  });
}

function drawRanks(page, place, width, ranks, sets, cd) {
  const narrow = width < 560, step = narrow ? 38 : 28, bars = sets.length * 12 + (sets.length > 0 ? 10 : 0);
  const left = narrow ? 8 : Math.max(...ranks.map((row) => textWidth(page.label(row.method), 13))) + 24;
  const inner = width - left - 14 - bars, height = ranks.length * step, top = isNumber(cd) ? 34 : 4;
  const most = Math.max(2, Math.ceil(Math.max(...ranks.map((row) => row.mean_rank))));
  const data = ranks.map((row, k) => ({
    y: k * step + (narrow ? 27 : step / 2), top: k * step, rank: row.mean_rank, label: page.label(row.method), colour: page.colour(row.method), text: fixed(row.mean_rank, 2),
    align: row.mean_rank > 1 + 0.92 * (most - 1) ? "right" : "left", beside: row.mean_rank > 1 + 0.92 * (most - 1) ? -10 : 10,
    tip: page.label(row.method) + "\nmean rank " + fixed(row.mean_rank, 3),
  }));
  const joined = sets.map((set, k) => {
    const places = set.map((name) => ranks.findIndex((row) => row.method === name));
    return { x: inner + 12 + k * 12, y: data[Math.min(...places)].y - 7, y2: data[Math.max(...places)].y + 7, tip: "not told apart:\n" + set.map(page.label).join("\n") };
  });
  const bracket = (x, x2, y, y2) => ({ type: "rule", encode: { enter: { x, x2, y: { value: y }, y2: { value: y2 }, stroke: { value: "var(--ink)" }, strokeWidth: { value: 1.5 } } } });
  const one = { scale: "x", value: 1 }, end = { scale: "x", value: 1 + (cd || 0) };
  const shown = isNumber(cd) && 1 + cd <= most;
  drawChart(page, place, {
    width, height: top + height + 44, data: [{ name: "rows", values: data }, { name: "joined", values: joined }],
    marks: [area(left, top, inner, height, {
      scales: [{ name: "x", type: "linear", range: [6, inner], domain: [1, most], zero: false }],
      axes: [{ orient: "bottom", scale: "x", title: "mean rank (1 is best)", values: Array.from({ length: most }, (_, k) => k + 1), format: "d" }],
      marks: [
        ...(shown ? [bracket(one, end, -16, -16), bracket(one, one, -20, -12), bracket(end, end, -20, -12),
          { type: "text", encode: { enter: { x: { ...end, offset: 8 }, y: { value: -16 }, text: { value: "CD = " + fixed(cd, 2) }, fill: { value: "var(--muted)" }, font: { value: FONT }, fontSize: { value: 12 }, baseline: { value: "middle" } } } }] : []),
        { type: "rule", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: { value: 0 }, x2: { value: inner }, stroke: { value: "var(--grid)" } } } },
        { type: "symbol", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: { scale: "x", field: "rank" }, size: { value: 90 }, fill: { field: "colour" }, stroke: { value: "var(--paper)" }, tooltip: { field: "tip" } } } },
        { type: "text", from: { data: "rows" }, encode: { enter: { y: { field: "y" }, x: { scale: "x", field: "rank", offset: { field: "beside" } }, align: { field: "align" }, text: { field: "text" }, fill: { value: "var(--muted)" }, font: { value: FONT }, fontSize: { value: 11 }, baseline: { value: narrow ? "middle" : "bottom" } } } },
        rowText("label", narrow ? { x: { value: 0 }, y: { field: "top", offset: 11 } } : { x: { value: -16 }, align: { value: "right" }, y: { field: "y" } }, "var(--ink)", 13),
        { type: "rule", from: { data: "joined" }, encode: { enter: { x: { field: "x" }, y: { field: "y" }, y2: { field: "y2" }, stroke: { value: "var(--ink)" }, strokeWidth: { value: 4 }, strokeCap: { value: "round" }, tooltip: { field: "tip" } } } },
      ],
    })],
  });
}

/* --- who beats whom --- */

function winsFigure(page, methods, differences) {
  const cells = [];
  for (const row of differences) {
    if (!isNumber(row.win_share)) continue;
    cells.push({ method: row.method, other: row.other, share: row.win_share, n: row.n }, { method: row.other, other: row.method, share: 1 - row.win_share, n: row.n });
  }
  return figure({
    id: "wins", title: "Who beats whom, window by window",
    alt: "Share of windows in which the method of the row agrees better than the method of the column",
    caption: "Share of windows, in percent, in which the method of the row agrees better with the mutations than that of the column (ties count half), " + page.groupText + ".",
    values: cells.map((cell) => cell.share),
    draw: (place, width) => drawWins(page, place, width, methods, cells),
    behind: table("Shares of windows won", [
      { label: "method", key: "method", text: true, format: page.label }, { label: "against", key: "other", text: true, format: page.label },
      { label: "windows won", key: "share", format: (x) => percent(x) }, { label: "n (windows)", key: "n", format: count },
    ], cells),
  });
}

function drawWins(page, place, width, methods, cells) {
  const size = width < 560 ? 12 : 13, left = Math.min(0.46 * width, Math.max(...methods.map((name) => textWidth(page.label(name), size))) + 36);
  const cell = Math.min(58, (width - left - 4) / methods.length), high = Math.min(34, cell), head = 30, inner = cell * methods.length;
  const data = cells.map((item) => ({
    x: methods.indexOf(item.other) * cell, y: methods.indexOf(item.method) * high, text: String(Math.round(100 * item.share)),
    fill: item.share >= 0.5 ? "var(--more)" : "var(--less)", opacity: Math.abs(item.share - 0.5), ink: "var(--ink)", // half of the colour at most: the numbers stand out from it, dark and light
    tip: page.label(item.method) + " against " + page.label(item.other) + "\nwins " + percent(item.share) + " of " + plural(item.n, "window"),
  }));
  const names = methods.map((name, k) => ({ name: page.label(name), colour: page.colour(name), y: (k + 0.5) * high, x: (k + 0.5) * cell, place: String(k + 1) }));
  drawChart(page, place, {
    width, height: head + high * methods.length + 4,
    data: [{ name: "cells", values: data }, { name: "names", values: names }],
    marks: [area(left, head, inner, high * methods.length, {
      marks: [
        { type: "rect", from: { data: "cells" }, encode: { enter: { x: { field: "x", offset: 1 }, y: { field: "y", offset: 1 }, width: { value: cell - 2 }, height: { value: high - 2 }, fill: { field: "fill" }, fillOpacity: { field: "opacity" }, tooltip: { field: "tip" } } } },
        ...(cell < 20 ? [] : [{ type: "text", from: { data: "cells" }, interactive: false, encode: { enter: { x: { field: "x", offset: cell / 2 }, y: { field: "y", offset: high / 2 }, text: { field: "text" }, align: { value: "center" }, baseline: { value: "middle" }, fill: { field: "ink" }, font: { value: FONT }, fontSize: { value: 12 } } } }]),
        { type: "text", from: { data: "names" }, encode: { enter: { x: { value: -8 }, y: { field: "y" }, text: { field: "name" }, align: { value: "right" }, baseline: { value: "middle" }, fill: { value: "var(--ink)" }, font: { value: FONT }, fontSize: { value: size }, limit: { value: left - 24 } } } },
        { type: "text", from: { data: "names" }, encode: { enter: { x: { value: -left }, y: { field: "y" }, text: { field: "place" }, baseline: { value: "middle" }, fill: { value: "var(--muted)" }, font: { value: FONT }, fontSize: { value: 11 } } } },
        { type: "text", from: { data: "names" }, encode: { enter: { x: { field: "x" }, y: { value: -14 }, text: { field: "place" }, align: { value: "center" }, baseline: { value: "bottom" }, fill: { value: "var(--muted)" }, font: { value: FONT }, fontSize: { value: 11 } } } },
        { type: "rect", from: { data: "names" }, encode: { enter: { x: { field: "x", offset: -(cell / 2 - 1) }, y: { value: -10 }, width: { value: cell - 2 }, height: { value: 4 }, fill: { field: "colour" }, tooltip: { field: "name" } } } },
      ],
    })],
  });
}

/* --- paired differences --- */

/* The pair with `leader` first, signs turned where it stood second. */
function turned(row, leader) {
  if (row.method === leader || row.other !== leader) return row;
  const minus = (x) => (isNumber(x) ? -x : x);
  return { ...row, method: row.other, other: row.method, wins: row.n - row.wins - row.ties, win_share: isNumber(row.win_share) ? 1 - row.win_share : null,
    mean_difference: minus(row.mean_difference), lo: minus(row.hi), hi: minus(row.lo), rank_difference: minus(row.rank_difference) };
}

function differenceTables(page, leader, differences) {
  const columns = [
    { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
    { label: "against", key: "other", text: true, format: page.label, colour: (row) => page.colour(row.other) },
    { label: "mean difference [95% interval]", key: "mean_difference", format: (_, row) => interval(row, 3, "mean_difference") },
    { label: "Wilcoxon p, corrected", key: "p_family", format: pValue }, { label: "windows won", key: "win_share", format: (x) => percent(x) },
    { label: "rank difference", key: "rank_difference", format: (x) => fixed(x, 2) }, { label: "Nemenyi p", key: "p_nemenyi", format: pValue },
    { label: "n (windows)", key: "n", format: count },
  ];
  const first = differences.map((row) => turned(row, leader)).filter((row) => row.method === leader);
  first.sort((a, b) => (a.mean_difference ?? 9) - (b.mean_difference ?? 9));
  return [
    el("h3", null, "Paired differences"),
    el("p", null, "Difference of the two methods\u2019 agreement in the same window. Wilcoxon\u2019s signed-rank test goes over the means of " + page.unitMany + " and is corrected by Holm over the " + plural(page.report.claims.tests, "paired test") + " of this page (" + plural(page.report.claims.comparisons, "comparison") + ": the main metric, other choices of what agreement means" + page.claimed.join("") + ")."),
    table("Differences of " + page.label(leader) + " from each other method, " + page.report.group.label, columns.slice(1), first),
    details(differences.length === 1 ? "The pair" : "All " + differences.length + " pairs", table("Paired differences of all methods", columns, differences)),
  ];
}

/* --- every metric --- */

function metricsTable(page) {
  const { summary, main, methods } = page.report;
  const rows = summary.metrics.map((metric) => {
    const cells = { name: metric.metric + (metric.region === "all" ? "" : ", " + metric.region), description: lossWords(metric.description), unit: metric.unit };
    for (const row of summary.rows) {
      if (row.metric === metric.metric && row.region === metric.region && row.group === main.group) cells[row.method] = row;
    }
    return cells;
  });
  return details("All " + rows.length + " metrics, " + page.report.group.label, table("Mean of every metric and 95% interval", [
    { label: "metric", key: "name", text: true }, { label: "meaning", key: "description", text: true, long: true }, { label: "unit", key: "unit", text: true },
    ...methods.concat(summary.baselines || []).map((method) => ({ label: method.label, key: method.name, format: (cell) => (cell ? interval(cell, 3) : DASH) })),
  ], rows));
}

/* --- quarters of the score --- */

const QUARTERS = ["lowest", "second", "third", "highest"];

/* The cells of the matrix of places that are about quarters, as lines. */
function quartersFigure(page) {
  const { places } = page.report;
  const quarters = (places ? places.cells : []).filter((cell) => cell.aspect === "quarter").map((cell) => ({ ...cell, quarter: Number(cell.name) }));
  if (quarters.length === 0) return null;
  return figure({
    id: "quarters", title: "Does it hold for high and for low scores?",
    alt: "Agreement of each method in quarters of the score, lowest to highest",
    caption: metricText(page) + " in quarters of the windows by their score, which end at F = " + places.quarter_bounds.map((x) => fixed(x, 2)).join(", ") + "; mean and 95% interval by " + page.unitOne + ", " + page.groupText + ".",
    values: quarters.map((row) => row.mean),
    draw: (place, width) => drawQuarters(page, place, width, quarters),
    behind: table("Agreement in quarters of the score", [
      { label: "quarter", key: "quarter", text: true, format: (k) => QUARTERS[k - 1] }, { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, 3) }, { label: "n (windows)", key: "n", format: count },
    ], quarters),
  });
}

function drawQuarters(page, place, width, quarters) {
  const names = mainRows(page).map((row) => row.method).filter((name) => quarters.some((row) => row.method === name && isNumber(row.mean)));
  const narrow = width < 560, left = 44, right = narrow ? 8 : Math.max(...names.map((name) => textWidth(shortened(page.label(name)), 12))) + 18, inner = width - left - right, height = narrow ? 220 : 260;
  const shift = (name) => (names.indexOf(name) - (names.length - 1) / 2) * Math.min(6, inner / 40 / Math.max(1, names.length - 1) * 4);
  const data = quarters.filter((row) => isNumber(row.mean)).map((row) => ({
    x: QUARTERS[row.quarter - 1], shift: shift(row.method), method: row.method, mean: row.mean, lo: row.lo ?? row.mean, hi: row.hi ?? row.mean, colour: page.colour(row.method),
    tip: page.label(row.method) + ", " + QUARTERS[row.quarter - 1] + " quarter\n" + interval(row, 3) + "\nn = " + plural(row.n, "window"),
  }));
  const values = data.flatMap((row) => [row.mean, row.lo, row.hi]), at = { x: { scale: "x", field: "x", offset: { field: "shift" } } };
  const ends = data.filter((row) => row.x === "highest").sort((a, b) => b.mean - a.mean).map((row) => ({ name: shortened(page.label(row.method)), colour: row.colour, mean: row.mean }));
  drawChart(page, place, {
    width, height: height + 58, data: [{ name: "points", values: data }, { name: "ends", values: narrow ? [] : spreadEnds(ends, height, Math.min(...values), Math.max(...values)) }],
    marks: [area(left, 8, inner, height, {
      scales: [{ name: "x", type: "point", range: [0, inner], domain: QUARTERS, padding: 0.4 }, { name: "y", type: "linear", range: [height, 0], domain: [Math.min(...values), Math.max(...values)], nice: true, zero: false }],
      axes: [{ orient: "bottom", scale: "x", title: "quarter of the windows by their score", domain: false, ticks: false }, { orient: "left", scale: "y", grid: true, domain: false, ticks: false, tickCount: 5 }],
      marks: [
        { type: "group", from: { facet: { name: "line", data: "points", groupby: "method" } }, marks: [{ type: "line", from: { data: "line" }, encode: { enter: { ...at, y: { scale: "y", field: "mean" }, stroke: { field: "colour" }, strokeWidth: { value: 1.5 }, strokeOpacity: { value: 0.6 } } } }] },
        { type: "rule", from: { data: "points" }, encode: { enter: { ...at, y: { scale: "y", field: "lo" }, y2: { scale: "y", field: "hi" }, stroke: { field: "colour" }, strokeWidth: { value: 2 } } } },
        { type: "symbol", from: { data: "points" }, encode: { enter: { ...at, y: { scale: "y", field: "mean" }, size: { value: 55 }, fill: { field: "colour" }, stroke: { value: "var(--paper)" }, tooltip: { field: "tip" } } } },
        { type: "text", from: { data: "ends" }, encode: { enter: { x: { value: inner + 4 }, y: { field: "y" }, text: { field: "name" }, fill: { field: "colour" }, font: { value: FONT }, fontSize: { value: 12 }, baseline: { value: "middle" } } } },
      ],
    })],
  });
}

/* Names at the right ends, moved apart so that they can be read. */
function spreadEnds(ends, height, least, most) {
  const gap = 14;
  ends.forEach((end) => { end.y = height * (1 - (end.mean - least) / (most - least || 1)); });
  for (let k = 1; k < ends.length; k++) ends[k].y = Math.max(ends[k].y, ends[k - 1].y + gap);
  const over = ends.length > 0 ? ends[ends.length - 1].y - height : 0;
  if (over > 0) for (let k = ends.length - 1, y = height; k >= 0 && ends[k].y > y; k--, y -= gap) ends[k].y = y;
  return ends;
}

/* --- parts of the window --- */

/* Agreement within each region that the task knows. */
function regionsFigure(page) {
  const { summary, main } = page.report, regions = summary.metrics.filter((item) => item.metric === main.metric && item.region !== "all");
  if (regions.length === 0) return null;
  const methods = mainRows(page).map((row) => row.method);
  const rows = methods.flatMap((method) => regions.map(({ region }) => summary.rows.find((row) => row.method === method && row.metric === main.metric && row.region === region && row.group === main.group))).filter(Boolean);
  const data = rows.map((row) => ({
    label: shortened(page.label(row.method)) + ", " + row.region.replace("_", " "), colour: page.colour(row.method), mean: row.mean, lo: row.lo, hi: row.hi, text: interval(row),
    tip: page.label(row.method) + ", " + row.region + "\n" + interval(row, 3) + "\nn = " + plural(row.n, "window"),
  }));
  return figure({
    id: "regions", title: "Agreement by part of the window: " + regions.map((item) => item.region.replace("_", " ")).join(", "),
    alt: "Agreement by method and part of the window: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: metricText(page) + " over the positions of one part of the window alone; mean and 95% interval by " + page.unitOne + ", " + page.groupText + ".",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: metricText(page) }),
    behind: table("Agreement by part of the window", [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) }, { label: "part", key: "region", text: true },
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, 3) }, { label: "n (windows)", key: "n", format: count },
    ], rows),
  });
}
