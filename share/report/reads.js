/* reads.js  section 3: mean effect by position, Kozak context */

function readsSection(page) {
  const { report } = page;
  const nodes = report.profile ? [profileFigure(page)] : [missingNote(report, "profile")];
  if (report.kozak) nodes.push(finding(page, "kozak"), kozakFigure(page), ...kozakTables(page));
  else if (report.profile) nodes.push(missingNote(report, "kozak"));
  return nodes;
}

/* --- by position --- */

function profileFigure(page) {
  const { report } = page;
  const bySource = Map.groupBy ? Map.groupBy(report.profile, (row) => row.source) : groupRows(report.profile, "source");
  const all = mainRows(page).map((row) => row.method), names = all.filter((name) => bySource.has(name));
  let chosen = report.verdict.leader || names[0];
  const select = el("select", { id: "profile-method", change: (event) => { chosen = event.target.value; node.redraw(true); } },
    names.map((name) => el("option", { value: name, selected: name === chosen }, page.label(name))));
  const node = figure({
    id: "profile", title: "Mean effect by position",
    alt: "Mean loss of score by position when the base is replaced, above the mean contribution that a method gives to the position",
    caption: "Top: how much of the score is lost on average when the base is replaced by another (mean over the three other bases). Below: the contribution that the chosen method gives the base. " +
      "Bands are 95% intervals; the start codon is shaded. " + capital(page.unitText) + "; " + page.groupText + "." + (names.length < all.length ? " The window is long: all methods are in profile.tsv." : ""),
    values: report.profile.map((row) => row.mean),
    draw: (place, width) => drawProfile(page, place, width, [
      { name: "mutations", title: "loss by mutation", rows: bySource.get("mutations") || [] },
      { name: chosen, title: page.label(chosen), rows: bySource.get(chosen) || [] }]),
    behind: table("Mean effect by position", [
      { label: "position", key: "position", format: positionText }, { label: "n (windows)", key: "n", format: count },
      { label: "mean loss [95% interval]", key: "mean", format: (_, row) => interval(row, 3) },
    ], bySource.get("mutations") || []),
  });
  node.insertBefore(el("p", { class: "choice" }, el("label", { for: "profile-method" }, "Compare with "), select), node.querySelector(".drawing"));
  return node;
}

function groupRows(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[key])) groups.set(row[key], []);
    groups.get(row[key]).push(row);
  }
  return groups;
}

/* An axis of positions: values are indices without a gap at 0. */
function positionAxis(first, last, width) {
  const every = [10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000].find((step) => (last - first) / step < width / 46) || 10000;
  const ticks = [0];
  for (let p = every; p <= last; p += every) ticks.push(p - 1);
  for (let p = -every; p >= first; p -= every) ticks.push(p);
  return {
    orient: "bottom", scale: "x", values: ticks, title: "position relative to the start codon, nt",
    encode: { labels: { update: { text: { signal: "datum.value < 0 ? '\u2212' + format(-datum.value, 'd') : '+' + format(datum.value + 1, 'd')" } } } },
  };
}

function drawProfile(page, place, width, panels) {
  const { run } = page.report, left = 52, inner = width - left - 8, high = 150, gap = 34;
  const first = positionIndex(run.first_position), last = positionIndex(run.last_position);
  const band = page.hasCodon ? [{ type: "rect", encode: { enter: { x: { scale: "x", value: -0.5 }, x2: { scale: "x", value: 2.5 }, y: { value: 0 }, y2: { value: high }, fill: { value: "var(--band)" } } } }] : [];
  const marks = panels.map((panel, k) => {
    const colour = page.colour(panel.name);
    const data = panel.rows.filter((row) => isNumber(row.mean)).map((row) => ({
      x: positionIndex(row.position), mean: row.mean, lo: row.lo ?? row.mean, hi: row.hi ?? row.mean,
      tip: panel.title + " at " + positionText(row.position) + "\n" + interval(row, 3) + "\nn = " + plural(row.n, "window"),
    }));
    return area(left, 22 + k * (high + gap + 10), inner, high, {
      data: [{ name: "points", values: data }],
      scales: [{ name: "y", type: "linear", range: [high, 0], domain: { data: "points", fields: ["lo", "hi"] }, nice: true, zero: true }],
      axes: [{ orient: "left", scale: "y", grid: true, domain: false, ticks: false, tickCount: 4, format: "~g", minExtent: 40, maxExtent: 40 },
        ...(k === panels.length - 1 ? [positionAxis(first, last, inner)] : [])],
      marks: [panelTitle(panel.title, colour), ...band,
        { type: "rule", encode: { enter: { x: { value: 0 }, x2: { value: inner }, y: { scale: "y", value: 0 }, stroke: { value: "var(--axis)" } } } },
        { type: "area", from: { data: "points" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "lo" }, y2: { scale: "y", field: "hi" }, fill: { value: colour }, fillOpacity: { value: 0.22 } } } },
        { type: "line", from: { data: "points" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "mean" }, stroke: { value: colour }, strokeWidth: { value: 1.6 } } } },
        { type: "symbol", from: { data: "points" }, encode: { enter: { x: { scale: "x", field: "x" }, y: { scale: "y", field: "mean" }, size: { value: 60 }, fill: { value: "transparent" }, tooltip: { field: "tip" } }, hover: { fill: { value: colour } }, update: { fill: { value: "transparent" } } } }],
    });
  });
  drawChart(page, place, {
    width, height: 22 + panels.length * (high + gap + 10),
    scales: [{ name: "x", type: "linear", range: [0, inner], domain: [first, last], zero: false }], marks,
  });
}

/* --- Kozak context --- */

function kozakFigure(page) {
  const { kozak, verdict } = page.report, order = ["mutations", ...mainRows(page).map((row) => row.method)];
  const positions = [...new Set(kozak.rows.map((row) => row.position))];
  const rows = order.map((name) => ({
    name: name === "mutations" ? "mutations (loss of score)" : page.label(name), colour: page.colour(name),
    stacks: positions.map((position) => kozak.rows.filter((row) => row.source === name && row.position === position && isNumber(row.mean) && row.n > 0).map((row) => ({ base: row.base, height: row.mean }))),
  }));
  return figure({
    id: "kozak", title: "Kozak context: what the mutations say, and what each method says",
    alt: "Logos of positions " + positionText(positions[0]) + " to " + positionText(positions[positions.length - 1]) + ": mean loss by mutation of each base, above the mean contribution by each method",
    caption: "Height of a letter: mean over the windows that have this base there. Letters above the line speak for a start, those below against it. Each row has its own scale (" + page.unitText + "); the start codon is shaded; " + page.groupText + ".",
    values: kozak.rows.map((row) => row.mean),
    draw: (place, width) => logoColumn(place, width, rows, positions, [1, 3]),
    behind: table("Kozak context by position, base and source", [
      { label: "position", key: "position", format: positionText }, { label: "base", key: "base", text: true },
      { label: "source", key: "source", text: true, format: page.label }, { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, 3) },
      { label: "share of windows", key: "share", format: (x) => percent(x) }, { label: "n (windows)", key: "n", format: count },
    ], kozak.rows),
  });
}

function kozakTables(page) {
  const { kozak } = page.report, rank = ["score", "mutations", ...mainRows(page).map((row) => row.method)];
  const rows = [...kozak.features].sort((a, b) => a.feature.localeCompare(b.feature) * -1 || rank.indexOf(a.source) - rank.indexOf(b.source));
  const words = { score: "score of the windows", mutations: "loss by mutation" };
  const digits = digitsFor(kozak.effects);
  return [
    el("h3", null, "Purine at \u22123 and G at +4"),
    el("p", null, "What a base of the Kozak context is worth: windows that have it against those that do not (" + page.unitText + ")."),
    table("Windows with the feature against those without", [
      { label: "feature", key: "feature", text: true, format: (text) => text.replace("-", MINUS) },
      { label: "source", key: "source", text: true, format: (name) => words[name] || page.label(name), colour: (row) => page.colour(row.source) },
      { label: "with", key: "mean_with", format: (_, row) => interval(row, digits, "mean_with", "lo_with", "hi_with") },
      { label: "without", key: "mean_without", format: (_, row) => interval(row, digits, "mean_without", "lo_without", "hi_without") },
      { label: "difference [95% interval]", key: "difference", format: (_, row) => interval(row, digits, "difference") },
      { label: "n with / without", key: "n_with", format: (_, row) => count(row.n_with) + " / " + count(row.n_without) },
    ], rows),
    details("What it does to put a base into the context", table("Mean effect of putting a base where another stands", [
      { label: "position", key: "position", format: positionText }, { label: "base put", key: "base", text: true },
      { label: "mean effect [95% interval]", key: "mean", format: (_, row) => interval(row, digits) }, { label: "n (windows)", key: "n", format: count },
    ], kozak.effects)),
    details("Substitutions that take a feature away or make it", table("Effect of the substitutions", [
      { label: "feature", key: "feature", text: true, format: (text) => text.replace("-", MINUS) }, { label: "it is", key: "change", text: true },
      { label: "mean effect [95% interval]", key: "mean", format: (_, row) => interval(row, digits) }, { label: "n (substitutions)", key: "n", format: count },
    ], kozak.changes)),
  ];
}
