/* reads.js  mean effect by position; what else the network reads comes from the scripts of tasks */

addSection({ id: "reads", order: 30, nav: "What it reads", title: "What does the network read?", make: (page) => readsSection(page) });

/* Functions of a page that give nodes, behind the figure by position. */
const READS_OF_TASK = [];

function readsSection(page) {
  const { report } = page;
  if (!report.profile) return [missingNote(report, "profile")];
  return [...kindsOf(report.profile).map((kind) => profileFigure(page, kind)), ...READS_OF_TASK.flatMap((make) => make(page))];
}

/* Kinds of windows that a table tells of: [null] where it has no such column. */
function kindsOf(rows) {
  const kinds = [...new Set(rows.map((row) => row.kind))].filter((kind) => kind !== undefined);
  return kinds.length > 0 ? kinds : [null];
}

/* --- by position --- */

function profileFigure(page, kind) {
  const { report } = page, rows = kind === null ? report.profile : report.profile.filter((row) => row.kind === kind);
  const bySource = groupRows(rows, "source"), suffix = kind === null ? "" : "-" + kind;
  const all = mainRows(page).map((row) => row.method), names = all.filter((name) => bySource.has(name));
  let chosen = report.verdict.leader || names[0];
  const select = el("select", { id: "profile-method" + suffix, change: (event) => { chosen = event.target.value; node.redraw(true); } },
    names.map((name) => el("option", { value: name, selected: name === chosen }, page.label(name))));
  const node = figure({
    id: "profile" + suffix, title: "Mean effect by position" + (kind === null ? "" : ": " + kind + "s"),
    alt: "Mean loss of score by position when the base is replaced, above the mean contribution that a method gives to the position",
    caption: "Top: how much of the score is lost on average when the base is replaced by another (mean over the three other bases). Below: the contribution that the chosen method gives the base. " +
      "Bands are 95% intervals" + (page.band ? "; " + page.band.words : "") + ". " + capital(page.unitText) + "; " + page.groupText + "." + (names.length < all.length ? " The window is long: all methods are in profile.tsv." : ""),
    values: rows.map((row) => row.mean),
    draw: (place, width) => drawProfile(page, place, width, [
      { name: "mutations", title: "loss by mutation", rows: bySource.get("mutations") || [] },
      { name: chosen, title: page.label(chosen), rows: bySource.get(chosen) || [] }]),
    behind: table("Mean effect by position", [
      { label: "position", key: "position", format: positionText }, { label: "n (windows)", key: "n", format: count },
      { label: "mean loss [95% interval]", key: "mean", format: (_, row) => interval(row, 3) },
    ], bySource.get("mutations") || []),
  });
  node.insertBefore(el("p", { class: "choice" }, el("label", { for: "profile-method" + suffix }, "Compare with "), select), node.querySelector(".drawing"));
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
function positionAxis(page, first, last, width) {
  const every = [10, 20, 30, 50, 100, 200, 500, 1000, 2000, 5000].find((step) => (last - first) / step < width / 46) || 10000;
  const ticks = [0];
  for (let p = every; p <= last; p += every) ticks.push(p - 1);
  for (let p = -every; p >= first; p -= every) ticks.push(p);
  return {
    orient: "bottom", scale: "x", values: ticks, title: page.axisTitle,
    encode: { labels: { update: { text: { signal: "datum.value < 0 ? '\u2212' + format(-datum.value, 'd') : '+' + format(datum.value + 1, 'd')" } } } },
  };
}

function drawProfile(page, place, width, panels) {
  const { run } = page.report, left = 52, inner = width - left - 8, high = 150, gap = 34;
  const first = positionIndex(run.first_position), last = positionIndex(run.last_position);
  const band = page.band ? [{ type: "rect", encode: { enter: { x: { scale: "x", value: page.band.from - 0.5 }, x2: { scale: "x", value: page.band.to - 0.5 }, y: { value: 0 }, y2: { value: high }, fill: { value: "var(--band)" } } } }] : [];
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
        ...(k === panels.length - 1 ? [positionAxis(page, first, last, inner)] : [])],
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
