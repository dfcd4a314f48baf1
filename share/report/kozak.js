/* kozak.js  of the task starts: the Kozak context */

READS_OF_TASK.push((page) => {
  const { report } = page;
  if (!report.kozak) return report.profile ? [missingNote(report, "kozak")] : [];
  return [finding(page, "kozak"), kozakFigure(page), ...kozakTables(page)];
});

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
    draw: (place, width) => logoColumn(page, place, width, rows, positions, [1, 3]),
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
