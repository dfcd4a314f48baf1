/* answer.js  the verdict, the methods with their intervals, what the answer depends on */

addSection({ id: "answer", order: 10, nav: "Answer", title: "Which method agrees with the mutations?", make: (page) => answerSection(page) });

function answerSection(page) {
  const { report } = page, rows = mainRows(page);
  const nodes = [finding(page, "answer", "lead"), finding(page, "uncalled", "lead"), finding(page, "families", "lead"), finding(page, "baselines"), finding(page, "measured"), finding(page, "difference", "second"), whatWasDone(page)];
  if (!report.verdict.enough) {
    nodes.push(el("p", { class: "notice" }, "Fewer than 30 " + page.unitMany + ": no claim is made. Scan more of them for a ranking that can be relied on."));
  }
  if (rows.length > 0) nodes.push(agreementFigure(page, rows));
  nodes.push(...placesTable(page), curvesFigure(page));
  if (report.sensitivity) nodes.push(choicesFigure(page), finding(page, "choices"), choicesTable(page));
  else nodes.push(missingNote(report, "sensitivity"));
  nodes.push(details("By which rules the sentences are made", rulesList(page)));
  nodes.push(details("The whole verdict in one paragraph", copyBox(el("p", { class: "paragraph" }, report.verdict.text), report.verdict.text)));
  return nodes;
}

/* The rules of docs/reading-the-report.md, for who has only the page. */
function rulesList(page) {
  const tests = plural(page.report.claims.tests, "paired test") + " of this page, in " + plural(page.report.claims.comparisons, "comparison");
  return el("ul", null,
    el("li", null, "A method agrees best when it has the best mean, its test against every other method is below 0.05 in its favour, and " + units(page.report, 30) + " or more have a value. Else the methods are named from which it cannot be told."),
    el("li", null, "Tests: Wilcoxon\u2019s signed-rank test over " + page.unitMany + ", two-sided, corrected by Holm over all " + tests + "."),
    el("li", null, "A family of measures is spoken for by one metric: that of the answer, area_20, sensitivity_10, max_sensitivity. A method leads in a family when it agrees best there by the first rule; one that does so in each leads in all."),
    el("li", null, "Quarters of the score: the windows are put in order by their score and cut into four; each quarter is judged as a whole set of windows is."),
    el("li", null, "Of the choices of what agreement means, a method leads where it has the best mean, and surely where it is best by the first rule."),
    el("li", null, "Intervals are 95%, by " + page.unitOne + "; effects and shares are told with theirs, without a test."));
}

/* The rows of the summary that the answer is about, best first. */
function mainRows(page) {
  const { main, summary } = page.report;
  return summary.rows
    .filter((row) => row.metric === main.metric && row.region === main.region && row.group === main.group)
    .filter((row) => page.report.methods.some((method) => method.name === row.method))
    .filter((row) => isNumber(row.mean) || !page.report.methods.some((method) => method.name === row.method && method.spec === "network"))
    .sort((a, b) => (b.mean ?? -9) - (a.mean ?? -9));
}

function metricText(page) {
  const { main, summary } = page.report;
  const metric = summary.metrics.find((item) => item.metric === main.metric && item.region === main.region);
  return metric ? lossWords(metric.description) : main.metric;
}

/* On this page an effect is a change of the score, and what it takes away from it a loss; the file's descriptions call the
 * mean loss of a position its mean effect. */
function lossWords(text) {
  return text.replaceAll("mean effects", "mean losses").replaceAll("mean effect", "mean loss");
}

/* What was done, and the words that the page is made of, where they are first needed. */
function whatWasDone(page) {
  const odds = page.unit === "log-odds" ? " (here log-odds: ln P/(1 \u2212 P) of the network\u2019s probability P)" : "";
  return el("p", { class: "second", id: "done" },
    "Each base of a window was replaced by each of the three others, and the network was asked again: the change of its score" + odds + " is the effect of that substitution. Its mean over a position with the sign turned, the ",
    el("em", null, "mean loss"), ", says what that base is worth to the network (damage is a positive loss). A method\u2019s contributions agree where they are large at positions with a large loss and negative where other bases would do better" + page.leftOut + ".");
}

function agreementFigure(page, rows) {
  const { report } = page;
  const data = rows.map((row) => ({
    label: page.label(row.method), colour: page.colour(row.method), mean: row.mean, lo: row.lo, hi: row.hi, text: interval(row),
    tip: page.label(row.method) + "\n" + interval(row, 3) + "\nn = " + plural(row.n, "window") + " of " + page.units(row.clusters),
  }));
  return figure({
    id: "agreement", title: "Agreement of each method with the mutations",
    alt: "Dots and 95% intervals of the methods, best first: " + rows.map((row) => page.label(row.method) + " " + interval(row)).join("; "),
    caption: metricText(page) + " within a window; mean" + (rows.some((row) => isNumber(row.lo)) ? " and 95% interval by " + page.unitOne + " (bootstrap)" : "") + ", " + page.groupText + ".",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: metricText(page) }),
    behind: table("Agreement of each method with the mutations, " + report.group.label, [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
      { label: "mean", key: "mean", format: (x) => fixed(x, 3) }, { label: "95% from", key: "lo", format: (x) => fixed(x, 3) },
      { label: "to", key: "hi", format: (x) => fixed(x, 3) }, { label: "median", key: "median", format: (x) => fixed(x, 3) },
      { label: "SD", key: "sd", format: (x) => fixed(x, 3) }, { label: "n (windows)", key: "n", format: count },
      { label: "undefined", key: "undefined", format: count }, { label: page.unitMany, key: "clusters", format: count },
      { label: "passes a window", key: "method", format: (name) => passesText(page, name) },
      { label: "ms a window", key: "method", format: (name) => costText(page, name) },
    ], rows),
  });
}

/* What a method costs: passes are a fact of the method, ms of the run's machine. */
function costOf(page, name) {
  return page.report.costs.find((row) => row.method === name) || {};
}

function passesText(page, name) {
  const { passes } = costOf(page, name);
  return passes === null ? "exact" : passes === undefined ? DASH : count(passes);
}

function costText(page, name) {
  const { ms } = costOf(page, name);
  return isNumber(ms) ? String(Number(ms.toPrecision(3))) : DASH;
}

/* --- what the answer depends on --- */

const CHOICES = [
  { key: "scale", title: "Scale of the score", values: ["log-odds", "probability"], words: ["log-odds", "probability"] },
  { key: "sign", title: "Sign", values: ["signed", "absolute"], words: ["signed", "absolute"] },
  { key: "reduction", title: "Effect of a position", values: ["mean", "worst"], words: ["mean of three", "worst of three"] },
];

/* The rows of the run's own choice and of that with one thing changed. */
function choicePair(sensitivity, choice) {
  const others = ["measure", "scale", "sign", "reduction"].filter((key) => key !== choice.key);
  return sensitivity.choices.filter((row) => others.every((key) => row[key] === sensitivity.base[key]) && choice.values.includes(row[choice.key]));
}

function choicesFigure(page) {
  const { sensitivity } = page.report;
  const panels = CHOICES.map((choice) => ({ choice, rows: choicePair(sensitivity, choice) }))
    .filter(({ choice, rows }) => choice.values.every((value) => rows.some((row) => row[choice.key] === value)));
  const node = figure({
    id: "choices", title: "What the answer depends on",
    alt: "Mean " + sensitivity.base.measure + " correlation of each method under two values of each of " + panels.length + " choices",
    caption: "Mean " + capital(sensitivity.base.measure) + " correlation with one choice changed and the others as in the run (left point of each panel), " + (panels.some((panel) => panel.rows.some((row) => isNumber(row.lo))) ? "95% intervals, " : "") +
      page.groupText + ". Where lines cross, the order of the methods hangs on the choice.",
    values: panels.flatMap((panel) => panel.rows.map((row) => row.mean)),
    draw: (place, width) => drawChoices(page, place, width, panels),
    behind: table("One choice changed", [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
      ...["scale", "sign", "reduction"].map((key) => ({ label: key, key, text: true })),
      { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, 3) }, { label: "place", key: "place", format: (_, row) => placeText(row) },
      { label: "n (windows)", key: "n", format: count },
    ], panels.flatMap((panel) => panel.rows)),
  });
  node.insertBefore(methodKey(page, mainRows(page).map((row) => row.method)), node.querySelector(".drawing"));
  return node;
}

function drawChoices(page, place, width, panels) {
  const across = width < 560 ? 1 : panels.length, gap = 28, left = 44;
  const inner = (width - left - (across - 1) * gap) / across, height = 190, step = height + 74;
  const values = panels.flatMap((panel) => panel.rows).flatMap((row) => [row.mean, row.lo, row.hi]).filter(isNumber);
  const marks = panels.map(({ choice, rows }, k) => {
    const column = k % across, line = Math.floor(k / across);
    const data = rows.filter((row) => isNumber(row.mean)).map((row) => ({
      x: choice.words[choice.values.indexOf(row[choice.key])], method: row.method, mean: row.mean, lo: row.lo ?? row.mean, hi: row.hi ?? row.mean,
      colour: page.colour(row.method),
      tip: page.label(row.method) + ", " + choice.words[choice.values.indexOf(row[choice.key])] + "\n" + interval(row, 3) + "\nplace " + placeText(row) + ", n = " + plural(row.n, "window"),
    }));
    return area(left + column * (inner + gap), 26 + line * step, inner, height, {
      data: [{ name: "points", values: data }],
      scales: [{ name: "x", type: "point", range: [0, inner], domain: choice.words, padding: 0.35 }],
      axes: [{ orient: "bottom", scale: "x", grid: true, domain: false, ticks: false },
        { orient: "left", scale: "y", grid: true, domain: false, ticks: false, tickCount: 5, labels: column === 0 }],
      marks: [panelTitle(choice.title),
        { type: "group", from: { facet: { name: "line", data: "points", groupby: "method" } }, marks: [{ type: "line", from: { data: "line" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "mean" }, stroke: { field: "colour" }, strokeWidth: { value: 2 } } } }] },
        { type: "rule", from: { data: "points" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "lo" }, y2: { scale: "y", field: "hi" }, stroke: { field: "colour" }, strokeWidth: { value: 2 } } } },
        { type: "symbol", from: { data: "points" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "mean" }, size: { value: 55 }, fill: { field: "colour" }, stroke: { value: "var(--paper)" }, tooltip: { field: "tip" } } } },
      ],
    });
  });
  drawChart(page, place, {
    width, height: 26 + Math.ceil(panels.length / across) * step - 40,
    scales: [{ name: "y", type: "linear", range: [height, 0], domain: [Math.min(...values), Math.max(...values)], nice: true, zero: false }], marks,
  });
}

function choicesTable(page) {
  const { orders } = page.report.sensitivity;
  const words = { spearman: "Spearman", pearson: "Pearson" };
  return details("All " + orders.length + " choices", table("Order of the methods under every choice", [
    { label: "choice", key: "choice", format: count }, { label: "correlation", key: "measure", text: true, format: (m) => words[m] || m },
    { label: "scale", key: "scale", text: true }, { label: "sign", key: "sign", text: true }, { label: "effect of a position", key: "reduction", text: true },
    { label: "surely best", key: "winner", text: true, format: (name) => (name ? page.label(name) : "none") },
    { label: "Kendall\u2019s \u03c4 with the run\u2019s order", key: "tau", format: (x) => fixed(x, 2) },
    { label: "order, best first", key: "order", text: true, long: true, format: (names) => names.map(page.label).join(", ") },
  ], orders));
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
