/* trust.js  what speaks for and against the numbers, and where they come from */

addSection({ id: "trust", order: 90, nav: "Trust", title: "Can I trust it?", make: (page) => trustSection(page) });

function trustSection(page) {
  const { report } = page;
  return [limitsList(page), ...completenessNodes(page), ...provenanceNodes(page), ...missingList(report)];
}

/* Positions as ranges: -3, -1 to +4 */
function positionRanges(positions) {
  const ranges = [];
  for (const position of positions) {
    const last = ranges[ranges.length - 1];
    if (last && positionIndex(position) === positionIndex(last[1]) + 1) last[1] = position;
    else ranges.push([position, position]);
  }
  return ranges.map(([a, b]) => (a === b ? positionText(a) : positionText(a) + " to " + positionText(b))).join(", ");
}

function limitsList(page) {
  const { trust, group } = page.report, of = " of " + plural(group.windows, "window");
  const undefinedRows = trust.undefined.filter((row) => row.undefined > 0);
  const blind = trust.blind === null ? "not known: the run keeps no effects" : trust.blind.length === 0 ? "none" : trust.blind.length + " (" + positionRanges(trust.blind) + ")";
  const items = [
    ["Windows with positions" + WINDOW_OF_TASK.outside, count(trust.padded) + of],
    ["Windows with unknown bases", count(trust.unknown) + of],
    ["Positions that the network cannot see", blind],
    ["Windows in which a method has no value", undefinedRows.length === 0 ? "none" : undefinedRows.map((row) => page.label(row.method) + " " + count(row.undefined)).join(", ")],
  ];
  return el("dl", { class: "limits" }, items.map(([name, value]) => [el("dt", null, name), el("dd", null, value)]));
}

function completenessNodes(page) {
  const rows = page.report.trust.completeness.filter((row) => row.group === page.report.main.group);
  const claims = rows.filter((row) => row.claims);
  if (claims.length === 0) return [];
  const data = claims.map((row) => ({
    label: page.label(row.method), colour: page.colour(row.method), mean: row.median_error, lo: null, hi: null, text: fixed(row.median_error, 3) + ", SD " + fixed(row.sd_error, 3),
    tip: page.label(row.method) + "\nmedian " + fixed(row.median_error, 3) + "\nmean " + fixed(row.mean_error, 3) + ", SD " + fixed(row.sd_error, 3) + "\nn = " + plural(row.n, "window"),
  }));
  const silent = rows.filter((row) => !row.claims).map((row) => page.label(row.method));
  return [figure({
    id: "completeness", title: "Do the contributions add up?",
    alt: "Median completeness error: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Completeness error: sum of the contributions minus what they should sum to, " + page.unitText + "; median over windows, and standard deviation. 0 is exact." + (silent.length > 0 ? " No sum is claimed by " + silent.join(", ") + "." : ""),
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "median completeness error, " + page.unit, reference: 0, domain: errorDomain(data) }),
    behind: table("Completeness errors", [
      { label: "method", key: "method", text: true, format: page.label }, { label: "mean", key: "mean_error", format: (x) => fixed(x, 4) }, { label: "SD", key: "sd_error", format: (x) => fixed(x, 4) },
      { label: "median", key: "median_error", format: (x) => fixed(x, 4) }, { label: "n (windows)", key: "n", format: count },
    ], rows),
  })];
}

/* Around 0, and not so narrow that rounding errors look like something. */
function errorDomain(rows) {
  const [low, high] = domainOf(rows), least = 0.01;
  return [Math.min(low, -least), Math.max(high, least)];
}

function provenanceNodes(page) {
  const { provenance, methods } = page.report;
  const names = { version: "mutagree", revision: "revision", network: "network", model_sha256: "SHA-256 of the model", inputs: "input", counts: "what was read", seed: "seed", ranks: "MPI ranks", threads: "threads a rank",
    instruction_set: "kernels", libraries: "libraries", compiler: "compiler", started: "started (UTC)", seconds: "seconds" };
  const rows = Object.entries(names).filter(([key]) => provenance[key] !== null && provenance[key] !== undefined && provenance[key] !== "")
    .map(([key, name]) => ({ name, value: String(provenance[key]).trim().replace(/\n\s*/g, "; ") }));
  const command = provenance.command_line || "";
  return [
    el("h3", null, "The command that repeats this run"), copyBox(el("pre", { tabindex: "0" }, unbroken(command)), command),
    el("h3", null, "Where the numbers come from"),
    table("Provenance", [{ label: "what", key: "name", text: true }, { label: "value", key: "value", text: true, long: true }], rows),
    details("The methods", table("Methods, their settings and sources", [
      { label: "method", key: "label", text: true, colour: (row) => page.colour(row.name) }, { label: "as --methods takes it", key: "spec", text: true }, { label: "source", key: "source", text: true, long: true },
      { label: "passes a window", key: "name", format: (name) => passesText(page, name) }, { label: "ms a window", key: "name", format: (name) => costText(page, name) },
    ], methods), el("p", null, "Passes are forward and backward ones beside the window\u2019s own, at most; exact: an exact integral, which is no number of passes. Times are of this run, on one thread.")),
  ];
}

function missingList(report) {
  if (report.missing.length === 0) return [];
  return [el("h3", null, "What is not in this report"), el("ul", null, report.missing.map((item) => el("li", null, item.section + ": " + item.why + ".")))];
}
