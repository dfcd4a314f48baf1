/* splice.js  of the task splice: consensus logos at both kinds of site, exon and intron, sites that substitutions make or strengthen */

addSection({ id: "splice", order: 40, nav: "Splice sites", title: "Donors and acceptors", make: (page) => spliceSection(page), key: "splice" });

WINDOW_OF_TASK.prepare = (page) => { page.band = { from: -0.04, to: 0.04, words: "the line is the cut between exon and intron" }; };

function spliceSection(page) {
  const { splice } = page.report;
  if (!splice) return [missingNote(page.report, "splice")];
  return [...kindsOf(splice.consensus).filter((kind) => kind !== null).flatMap((kind) => [
    consensusFigure(page, kind), spliceClassesFigure(page, kind), spliceClassesTable(page, kind)]), regionsFigure(page)];
}

/* "exon | intron": what lies on either side of the cut. */
const SIDES = { donor: ["exon", "intron"], acceptor: ["intron", "exon"] };

function consensusFigure(page, kind) {
  const all = page.report.splice.consensus.filter((row) => row.kind === kind), order = ["mutations", ...mainRows(page).map((row) => row.method)];
  const positions = [...new Set(all.map((row) => row.position))], [before, behind] = SIDES[kind];
  const rows = order.map((name) => ({
    name: name === "mutations" ? "mutations (loss of score)" : page.label(name), colour: page.colour(name),
    stacks: positions.map((position) => all.filter((row) => row.source === name && row.position === position && isNumber(row.mean) && row.n > 0)
      .map((row) => ({ base: row.base, height: row.mean * row.share }))),
  }));
  const n = Math.max(0, ...all.filter((row) => row.position === positions[positions.length - 1] && row.source === "mutations").map((row) => row.n / (row.share || 1)));
  return figure({
    id: "consensus-" + kind, title: capital(kind) + "s: what the mutations say at the consensus, and what each method says",
    alt: "Logos of positions " + positionText(positions[0]) + " to " + positionText(positions[positions.length - 1]) + " of " + kind + "s: loss by mutation of each base, above the contribution by each method",
    caption: "Height of a letter: its mean where it stands times the share of windows that have it there, so that a column adds up to the mean of the position. Letters above the line speak for the site, those below against it. " +
      "Position +1 is the first base behind the cut (" + before + " | " + behind + "). Each row has its own scale (" + page.unitText + "); n = " + plural(Math.round(n), "window") + " of " + kind + "s (" + page.report.group.label + ").",
    values: all.map((row) => row.mean),
    draw: (place, width) => logoColumn(page, place, width, rows, positions, null, positions.indexOf(1)),
    behind: table("Consensus of " + kind + "s by position, base and source", [
      { label: "position", key: "position", format: positionText }, { label: "base", key: "base", text: true },
      { label: "source", key: "source", text: true, format: page.label }, { label: "mean where it stands [95% interval]", key: "mean", format: (_, row) => interval(row, 3) },
      { label: "share of windows", key: "share", format: (x) => percent(x) }, { label: "n (windows)", key: "n", format: count },
    ], all),
  });
}

/* --- competitors: other GT or AG of the window --- */

function spliceWords(text, kind) {
  return text.replace("a GT or AG", kind === "donor" ? "a GT" : "an AG").replace("GT or AG", kind === "donor" ? "GT" : "AG");
}

function spliceClassesFigure(page, kind) {
  const needed = kind === "donor" ? "GT" : "AG", words = (text) => spliceWords(text, kind);
  const rows = page.report.splice.classes.filter((row) => row.kind === kind && row.source === "mutations" && row.n > 0);
  const digits = digitsFor(rows), cryptic = ["new_exon", "new_intron", "strengthened"];
  const data = rows.map((row) => ({
    label: words(row.label), colour: cryptic.includes(row.class) ? "var(--strong)" : "var(--plain)", mean: row.mean, lo: row.lo, hi: row.hi, text: interval(row, digits),
    tip: words(row.label) + "\n" + interval(row, digits) + "\nn = " + plural(row.n, "substitution"),
  }));
  return figure({
    id: "splice-classes-" + kind, title: capital(kind) + "s: effect of a substitution by what it does to this site and to others",
    alt: "Mean effect by class: " + data.map((row) => row.label + " " + row.text).join("; "),
    caption: "Mean effect on the score of the window\u2019s own site, " + page.unitText + "; a negative effect is damage. In colour: substitutions that make or strengthen another " + needed + ", which may become a cryptic " + kind +
      ". " + (kind === "donor" ? "A GT" : "An AG") + " is strengthened when it gains a base of the consensus and then has " + (kind === "donor" ? "6 of 9" : "11 of 15") + " or more. 95% intervals by " + page.unitOne + ".",
    values: data.map((row) => row.mean),
    draw: (place, width) => rowChart(page, place, width, data, { title: "mean effect, " + page.unit, reference: 0 }),
    behind: table("Effect by class of substitution, " + kind + "s", [
      { label: "class", key: "label", text: true, format: words }, { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, digits) },
      { label: "n (substitutions)", key: "n", format: count },
    ], rows),
  });
}

function spliceClassesTable(page, kind) {
  const rows = page.report.splice.classes.filter((row) => row.kind === kind && row.n > 0), digits = digitsFor(rows);
  const said = { D: "effect of the mutations", d: "its own prediction", a: "minus the contribution" };
  return details("What each method says of each class, " + kind + "s", table("Mean of what is said of a substitution, by class and source", [
    { label: "class", key: "label", text: true, format: (text) => spliceWords(text, kind) }, { label: "source", key: "source", text: true, format: page.label, colour: (row) => page.colour(row.source) },
    { label: "what", key: "what", text: true, format: (what) => said[what] || what }, { label: "mean [95% interval]", key: "mean", format: (_, row) => interval(row, digits) },
    { label: "n (substitutions)", key: "n", format: count },
  ], rows));
}
