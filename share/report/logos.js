/* logos.js  sequence logos and heat maps, drawn as SVG: letters are paths, so they need no font */

/* A letter in a box of 100 x 100. */
const GLYPHS = {
  A: "M0 100L37 0H63L100 100H78L70.500 76H29.500L22 100ZM35 59H65L50 13Z",
  C: "M100 33C96 12 78 0 52 0C20 0 0 20 0 50C0 80 20 100 52 100C78 100 96 88 100 66L79 62C76 76 67 83 52 83C32 83 21 71 21 50C21 29 32 17 52 17C66 17 75 24 79 37Z",
  G: "M100 30C95 11 77 0 52 0C20 0 0 20 0 50C0 80 20 100 53 100C73 100 90 93 100 82V46H52V62H80V74C73 80 64 83 53 83C32 83 21 71 21 50C21 29 32 17 52 17C66 17 75 23 79 34Z",
  T: "M0 0H100V17H60.500V100H39.500V17H0Z",
  N: "M0 100V0H22L78 70V0H100V100H78L22 30V100Z",
};
const BASES = "ACGT";

/* The letter in the box at (x, y) of width x height. */
function letter(base, x, y, width, height) {
  return svg("path", {
    d: GLYPHS[base] || GLYPHS.N, fill: BASES.includes(base) ? "var(--base-" + base + ")" : "var(--muted)", "fill-rule": "evenodd",
    transform: "translate(" + round2(x) + " " + round2(y) + ") scale(" + round4(width / 100) + " " + round4(height / 100) + ")",
  });
}

function round2(x) {
  return Math.round(x * 100) / 100;
}

function round4(x) {
  return Math.round(x * 10000) / 10000;
}

/* One logo: stacks[i] is an array of {base, height}; positive letters go up from the base line, the largest on top, negative
 * ones down. top and bottom: y of the highest and lowest value; x of column i is left + i * step. */
function logo(stacks, { left, step, top, height, most, least }) {
  const group = svg("g");
  const scale = height / (most - least || 1), zero = top + most * scale;
  stacks.forEach((stack, i) => {
    let up = zero, down = zero;
    for (const { base, height: value } of [...stack].sort((a, b) => Math.abs(a.height) - Math.abs(b.height))) {
      const h = Math.abs(value) * scale;
      if (!(h > 0.15)) continue;
      const y = value > 0 ? (up -= h) : down;
      if (value < 0) down += h;
      group.append(letter(base, left + i * step + step * 0.03, y, step * 0.94, h));
    }
  });
  return { group, zero };
}

/* Highest and lowest ends of the stacks. */
function logoRange(stacks) {
  let most = 0, least = 0;
  for (const stack of stacks) {
    most = Math.max(most, stack.reduce((sum, l) => sum + Math.max(0, l.height || 0), 0));
    least = Math.min(least, stack.reduce((sum, l) => sum + Math.min(0, l.height || 0), 0));
  }
  return { most, least };
}

function svgText(text, x, y, attributes) {
  return svg("text", { x: round2(x), y: round2(y), "font-family": FONT, "font-size": 12, fill: "var(--ink)", ...attributes }, text);
}

function svgRoot(width, height) {
  return svg("svg", { viewBox: "0 0 " + round2(width) + " " + round2(height), width: round2(width), height: round2(height), xmlns: "http://www.w3.org/2000/svg" });
}

/* --- rows of logos in one column, with the same positions below each other --- */

/* rows: {name (label), colour, stacks, unit}; positions: of the columns; band: first and last position that is shaded; cut: column that a
 * line stands before */
function logoColumn(page, place, width, rows, positions, band, cut = -1) {
  const narrow = width < 560, left = narrow ? 44 : 230, right = 10, rowHeight = narrow ? 78 : 72, gap = narrow ? 26 : 16;
  const step = Math.min(66, (width - left - right) / positions.length), top0 = narrow ? 22 : 10;
  const height = top0 + rows.length * (rowHeight + gap) + 34;
  const root = svgRoot(width, height);
  const first = band ? positions.indexOf(band[0]) : -1, last = band ? positions.indexOf(band[1]) : -1;
  if (first >= 0 && last >= 0) {
    root.append(svg("rect", { x: left + first * step, y: 0, width: (last - first + 1) * step, height: height - 34, fill: "var(--band)" }));
  }
  rows.forEach((row, k) => {
    const top = top0 + k * (rowHeight + gap), range = logoRange(row.stacks);
    const drawn = logo(row.stacks, { left, step, top, height: rowHeight, ...range });
    root.append(svg("line", { x1: left, x2: left + step * positions.length, y1: drawn.zero, y2: drawn.zero, stroke: "var(--axis)" }), drawn.group);
    logoScale(root, left - 8, top, rowHeight, range);
    if (narrow) {
      root.append(svgText(row.name, left, top - 8, { "font-weight": "bold", fill: "var(--ink)" }), svg("rect", { x: 0, y: top - 17, width: 10, height: 10, fill: row.colour }));
    } else {
      root.append(svg("rect", { x: 0, y: top + rowHeight / 2 - 5, width: 10, height: 10, rx: 2, fill: row.colour }),
        svgText(row.name, 18, top + rowHeight / 2 + 4, { "font-size": 13 }));
    }
  });
  if (cut >= 0) root.append(svg("line", { x1: round2(left + cut * step), x2: round2(left + cut * step), y1: 0, y2: height - 34, stroke: "var(--axis)", "stroke-dasharray": "4 3" }));
  const every = step < 24 ? 2 : 1; // labels that do not touch
  positions.forEach((position, i) => (i % every === 0 || position === 1) && root.append(svgText(positionText(position), left + (i + 0.5) * step, height - 18, { "text-anchor": "middle", "font-size": 11, fill: "var(--muted)" })));
  root.append(svgText(page.axisTitle, left + (step * positions.length) / 2, height - 2, { "text-anchor": "middle", "font-size": 12 }));
  place.append(root);
}

function logoScale(root, x, top, height, { most, least }) {
  const small = { "text-anchor": "end", "font-size": 10, fill: "var(--muted)" };
  const scale = height / (most - least || 1);
  root.append(svg("line", { x1: x + 3, x2: x + 3, y1: top, y2: top + height, stroke: "var(--axis)" }));
  const ends = [[most, top], [least, top + height]].filter(([value]) => Math.abs(value) * scale > 9);
  for (const [value, y] of ends) root.append(svgText(shortNumber(value), x, y + 4, small));
  root.append(svgText("0", x, top + most * scale + 4, small));
}

function shortNumber(x) {
  const size = Math.abs(x);
  if (size > 0 && size < 0.001) return (x < 0 ? MINUS : "") + size.toExponential(0).replace("e-", "e" + MINUS);
  return fixed(x, size >= 10 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3);
}
