/* codons.js  of tasks with codons: words, the codons beneath a window, names of substitutions */

Object.assign(WINDOW_OF_TASK, {
  prepare: (page) => {
    if (page.report.run.last_position >= 3) page.band = { from: 0, to: 3, words: "the start codon is shaded" };
    page.leftOut = "; the start codon itself is left out, since nearly any change of it ends the call";
    page.claimed.push(", and telling premature stops");
  },
  source: (run) => " of " + plural(run.transcripts, "transcript"),
  hint: "transcript or gene",
  facts: (page, window) => ["codon at " + count(window.start) + " (from 0)", { 1: "annotated start", 0: "not annotated as a start", [-1]: "no annotation" }[window.label]],
  outside: " outside the transcript",
  trackHeight: 30,
  drawTrack: drawCodonTrack,
  drawBehind: drawBand,
  trackWords: ", codons and amino acids up to the first stop",
  columns: [{ label: "protein", key: "protein", text: true, format: (text) => text || DASH }, { label: "class", key: "label", text: true }],
  turns: "call",
});

function drawBand(root, window, { left, column }, height) {
  const start = [...window.sequence].findIndex((_, i) => positionAt(window, i) === 1);
  if (start >= 0) root.append(svg("rect", { x: round2(left + start * column), y: 0, width: round2(3 * column), height, fill: "var(--band)" }));
}

function drawCodonTrack(root, labels, window, { left, column, n, titles }, y) {
  trackLabel(labels, { left, titles }, "codons", titles > 0 ? y - 2 : y + 15);
  const top = y + (titles > 0 ? 6 : 0), words = column >= 8;
  window.codons.forEach((codon, k) => {
    if (codon.offset + 3 > n) return;
    const x = left + codon.offset * column, stop = codon.amino_acid === "*", middle = x + 1.5 * column;
    root.append(svg("rect", { x: round2(x + 0.5), y: top, width: round2(3 * column - 1), height: words ? 26 : 16, rx: 2, fill: stop ? "var(--strong)" : k % 2 === 0 ? "var(--stripe-a)" : "var(--stripe-b)" }));
    const attributes = { "text-anchor": "middle", fill: stop ? "var(--on-colour)" : "var(--ink)" };
    root.append(svgText(codon.amino_acid, middle, top + 12, { ...attributes, "font-size": words ? 11 : Math.min(11, 2.2 * column) }));
    if (words) root.append(svgText(codon.codon, middle, top + 23, { ...attributes, "font-size": 8.5, fill: stop ? "var(--on-colour)" : "var(--muted)" }));
  });
}
