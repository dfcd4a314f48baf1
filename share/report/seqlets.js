/* seqlets.js  the strongest stretches of windows: patterns that they share, who finds them, and a list of them */

addSection({ id: "seqlets", order: 50, nav: "Motifs", title: "The strongest stretches", make: (page) => seqletsSection(page), key: "seqlets" });

function seqletsSection(page) {
  const { seqlets } = page.report;
  if (!seqlets) return [missingNote(page.report, "seqlets")];
  if (seqlets.n === 0) return [el("p", { class: "notice" }, "No position of any window has an effect.")];
  return [el("p", null, "Of each window the " + seqlets.length + " nt with the largest sum of effects, and the next ones that do not overlap them; the strongest " + count(seqlets.n) +
      " of all windows, put together where they are alike (on either strand)."),
    seqlets.patterns.length > 0 ? patternsFigure(page) : el("p", { class: "notice" }, "No " + "3 of them are alike."), foundFigure(page), topSeqlets(page)];
}

function patternStacks(page, pattern, source, places) {
  const rows = page.report.seqlets.logos.filter((row) => row.pattern === pattern && row.source === source);
  return places.map((k) => rows.filter((row) => row.position === k && isNumber(row.height)).map((row) => ({ base: row.base, height: row.height })));
}

function patternsFigure(page) {
  const { seqlets, verdict } = page.report, names = mainRows(page).map((row) => row.method);
  const places = Array.from({ length: seqlets.length + 2 * seqlets.flank }, (_, k) => k + 1);
  let chosen = verdict.leader || names[0];
  const select = el("select", { id: "pattern-method", change: (event) => { chosen = event.target.value; node.redraw(true); } },
    names.map((name) => el("option", { value: name, selected: name === chosen }, page.label(name))));
  const node = figure({
    id: "patterns", title: "What they share",
    alt: "Logos of " + seqlets.patterns.length + " patterns: " + seqlets.patterns.map((row) => row.spelled).join(", "),
    caption: "Each pattern twice: loss by mutation, and the contribution of the chosen method. Height of a letter: its mean over the stretches that have a base there (" + page.unitText +
      "). Patterns are made greedily, the strongest stretch first, as TF-MoDISco does in its plainest form; mutagree export --format modisco writes the input of TF-MoDISco itself.",
    values: seqlets.logos.map((row) => row.height),
    draw: (place, width) => drawPatterns(page, place, width, places, chosen),
    behind: table("Patterns", [
      { label: "pattern", key: "pattern", format: count }, { label: "spelled", key: "spelled", text: true }, { label: "stretches", key: "seqlets", format: count },
      { label: "of them on the other strand", key: "reverse", format: count }, { label: "mean sum of |effect|, " + page.unit, key: "mean_sum", format: (x) => fixed(x, 3) },
    ], seqlets.patterns),
  });
  node.insertBefore(el("p", { class: "choice" }, el("label", { for: "pattern-method" }, "Compare with "), select), node.querySelector(".drawing"));
  return node;
}

function drawPatterns(page, place, width, places, method) {
  const { patterns } = page.report.seqlets, across = width < 760 ? 1 : 2, gap = 30, high = 62, head = 22, left = 40;
  const inner = (width - (across - 1) * gap) / across - left - 4, step = inner / places.length, each = head + 2 * high + 28;
  const root = svgRoot(width, Math.ceil(patterns.length / across) * each);
  patterns.forEach((row, k) => {
    const x = (k % across) * (inner + left + 4 + gap) + left, y = Math.floor(k / across) * each + head;
    root.append(svgText(row.pattern + "   n = " + count(row.seqlets), x, y - 8, { "font-weight": "bold" }));
    [["mutations", "loss by mutation"], [method, shortened(page.label(method))]].forEach(([source, words], line) => {
      const top = y + line * (high + 10), stacks = patternStacks(page, row.pattern, source, places), range = logoRange(stacks);
      const drawn = logo(stacks, { left: x, step, top, height: high, ...range });
      root.append(svg("line", { x1: x, x2: round2(x + inner), y1: round2(drawn.zero), y2: round2(drawn.zero), stroke: "var(--axis)", "stroke-width": 0.6 }), drawn.group);
      logoScale(root, x - 6, top, high, range);
      root.append(svg("rect", { x: x + 1, y: top, width: textWidth(words, 11) + 18, height: 13, fill: "var(--paper)", opacity: 0.8 }), svg("rect", { x: x + 2, y: top + 2, width: 8, height: 8, rx: 2, fill: page.colour(source) }), svgText(words, x + 14, top + 10, { "font-size": 11, fill: "var(--muted)" }));
    });
  });
  place.append(root);
}

function foundFigure(page) {
  const rows = [...page.report.seqlets.found].sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
  const data = rows.map((row) => ({
    label: page.label(row.method), colour: page.colour(row.method), mean: row.share, lo: row.lo, hi: row.hi, text: percentInterval(row, "share", "lo", "hi"),
    tip: page.label(row.method) + "\n" + percentInterval(row, "share", "lo", "hi") + "\nn = " + plural(row.n, "window"),
  }));
  return figure({
    id: "found", title: "Who finds the strongest stretch of a window?",
    alt: "Share of windows in which a method\u2019s strongest stretch is that of the mutations: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Share of windows in which the " + page.report.seqlets.length + " nt with the largest sum of |contribution| overlap those with the largest sum of |effect| by half or more; 95% intervals by " + page.unitOne + ", " + page.groupText + ".",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "share of windows", format: ".0%", domain: [0, 1] }),
    behind: table("Windows whose strongest stretch is found", [
      { label: "method", key: "method", text: true, format: page.label, colour: (row) => page.colour(row.method) },
      { label: "share [95% interval]", key: "share", format: (_, row) => percentInterval(row, "share", "lo", "hi") }, { label: "n (windows)", key: "n", format: count },
    ], rows),
  });
}

function topSeqlets(page) {
  const { top } = page.report.seqlets;
  return details("The " + top.length + " strongest", table("The strongest stretches", [
    { label: "window", key: "window", text: true }, { label: "from", key: "from", format: positionText }, { label: "to", key: "to", format: positionText }, { label: "sequence", key: "sequence", text: true },
    { label: "sum of |effect|, " + page.unit, key: "sum", format: (x) => fixed(x, 3) }, { label: "pattern", key: "pattern", format: (x) => (x === null ? DASH : count(x)) },
  ], top));
}
