/* heat.js  windows side by side: loss by mutation, and the leading method's contribution, window by position */

addSection({ id: "heat", order: 60, nav: "Heat map", title: "Windows side by side", make: (page) => heatSection(page), key: "heat" });

function heatSection(page) {
  const { heat, group } = page.report;
  if (!heat || heat.rows.length === 0) return [missingNote(page.report, "heat")];
  const all = heat.rows.length === group.windows, alone = heat.each === 1;
  return [figure({
    id: "heat", title: "Where in each window the score comes from", wide: true,
    alt: "Heat map of " + heat.rows.length + " windows, the highest score first, by position: mean loss by mutation" + (heat.method ? " and contribution of " + page.label(heat.method) : ""),
    caption: plural(heat.rows.length, "window") + (all ? "" : " of " + count(group.windows) + ", from all over the scores") + ofGroup(group) + ", the highest score on top; " +
      (alone ? "a column is a position" : "a column is the mean of " + heat.each + " positions") + ". Blue: the base speaks for the score; red: against it. Each map has its own colours, which end at the 99% quantile of the magnitudes (" + page.unitText + ").",
    values: heat.rows.flatMap((row) => row.mutations),
    draw: (place, width) => drawHeatMaps(page, place, width),
  })];
}

function drawHeatMaps(page, place, width) {
  const { heat } = page.report, maps = [["mutations", "loss by mutation", "mutations"], ...(heat.method ? [[heat.method, shortened(page.label(heat.method)), "method"]] : [])];
  const across = width < 760 ? 1 : maps.length, gap = 24, head = 22, foot = 42, line = Math.max(2, Math.min(6, 420 / heat.rows.length)), high = line * heat.rows.length;
  const inner = (width - (across - 1) * gap) / across, root = svgRoot(width, Math.ceil(maps.length / across) * (head + high + foot));
  maps.forEach(([name, title, key], k) => {
    const x = (k % across) * (inner + gap), y = Math.floor(k / across) * (head + high + foot) + head;
    root.append(svg("rect", { x, y: y - 16, width: 9, height: 9, rx: 2, fill: page.colour(name) }), svgText(title, x + 14, y - 8, { "font-weight": "bold" }));
    drawHeatMap(root, heat, key, { x, y, inner, high, line });
    drawHeatAxis(page, root, heat, { x, y: y + high, inner });
  });
  followHeat(page, root, maps, { across, inner, gap, head, foot, high, line });
  place.append(root);
}

function drawHeatMap(root, heat, key, { x, y, inner, high, line }) {
  const sizes = heat.rows.flatMap((row) => row[key]).filter(isNumber).map(Math.abs).sort((a, b) => a - b);
  const limit = sizes[Math.floor(0.99 * (sizes.length - 1))] || 1, step = inner / heat.from.length, group = svg("g", { "shape-rendering": "crispEdges" });
  heat.rows.forEach((row, i) => row[key].forEach((value, c) => {
    const size = isNumber(value) ? Math.min(1, Math.abs(value) / limit) : 0;
    if (size > 0.04) group.append(svg("rect", { x: round2(x + c * step), y: round2(y + i * line), width: round2(step + 0.1), height: round2(line + 0.1), fill: value > 0 ? "var(--more)" : "var(--less)", "fill-opacity": round2(size) }));
  }));
  root.append(group, svg("rect", { x, y, width: round2(inner), height: round2(high), fill: "none", stroke: "var(--axis)" }));
}

function drawHeatAxis(page, root, heat, { x, y, inner }) {
  const step = inner / heat.from.length, every = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((n) => (n / heat.each) * step > 44) || 10000;
  let last = -100;
  heat.from.forEach((position, c) => {
    const next = c + 1 < heat.from.length ? heat.from[c + 1] : position + heat.each, holds = (p) => p >= position && p < next;
    const tick = holds(1) ? 1 : Math.ceil(position / every) * every, at = c * step;
    if (!holds(tick) || tick === 0 || at - last < 34) return;
    last = at;
    root.append(svg("line", { x1: round2(x + at + step / 2), x2: round2(x + at + step / 2), y1: y, y2: y + 4, stroke: "var(--axis)" }),
      svgText(positionText(tick), Math.min(x + inner - 14, Math.max(x + 12, x + at + step / 2)), y + 16, { "text-anchor": "middle", "font-size": 11, fill: "var(--muted)" }));
  });
  root.append(svgText(page.axisTitle, x + inner / 2, y + 34, { "text-anchor": "middle", "font-size": 12 }));
}

function followHeat(page, root, maps, { across, inner, gap, head, foot, high, line }) {
  const { heat } = page.report;
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect(), scale = root.viewBox.baseVal.width / box.width;
    const px = (event.clientX - box.left) * scale, py = (event.clientY - box.top) * scale, row = Math.floor(py / (head + high + foot)), column = Math.floor(px / (inner + gap));
    const c = Math.floor(((px - column * (inner + gap)) / inner) * heat.from.length), i = Math.floor((py - row * (head + high + foot) - head) / line), map = maps[row * across + column];
    if (!map || i < 0 || i >= heat.rows.length || c < 0 || c >= heat.from.length) return hideTip();
    return showTip(event, [heat.rows[i].window + " from " + positionText(heat.from[c]), map[1] + " " + fixed(heat.rows[i][map[2]][c], 4), "F = " + fixed(heat.rows[i].score, 3)]);
  });
  root.addEventListener("pointerleave", hideTip);
}
