// SPDX-License-Identifier: Apache-2.0
// Draws the charts of a report with uPlot: policies overlaid, one cursor and one zoom for all
// charts, policies switched on and off everywhere at once. The data is the JSON element of the
// page; colours are the style sheet's variables. Plain JavaScript, no other library.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const kHeight = 230;
  const kPrintWidth = 660;
  const shown = data.policies.map(() => true);
  const views = data.charts.map((chart) => ({ chart, plot: null, outputs: [], chips: [] }));
  let colors = null;
  let zoom = null; // [from, to] in seconds, null for everything
  let zooming = false;

  // --- Words and numbers ---

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // 3725 -> "1h 02m 05s"; parts that are zero at the end are left out.
  const timeText = (seconds) => {
    const total = Math.max(0, Math.round(seconds));
    const h = Math.floor(total / 3600);
    const m = Math.floor((total % 3600) / 60);
    const s = total % 60;
    const two = (n) => String(n).padStart(2, "0");
    if (h > 0) return `${h}h` + (m || s ? ` ${two(m)}m` : "") + (s ? ` ${two(s)}s` : "");
    if (m > 0) return `${m}m` + (s ? ` ${two(s)}s` : "");
    return `${s}s`;
  };

  const valueText = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-US");
    return String(Number(value.toPrecision(3)));
  };

  const axisText = (value) => {
    const size = Math.abs(value);
    if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
    if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
    return valueText(value);
  };

  const withUnit = (text, unit) =>
    text === "–" || !unit ? text : unit === "%" ? `${text} %` : `${text} ${unit}`;

  // --- Colours ---

  const readColors = () => {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    colors = {
      ink: get("--ink"),
      soft: get("--ink-soft"),
      grid: get("--grid"),
      panel: get("--panel"),
      fault: get("--fault"),
      warmup: get("--warmup"),
      demandFill: get("--demand-fill"),
      demandLine: get("--demand-line"),
      policies: [0, 1, 2, 3, 4, 5, 6].map((i) => get(`--policy-${i}`)),
    };
  };
  const policyColor = (policy) =>
    policy < 0 ? colors.demandLine : colors.policies[policy % colors.policies.length];
  const lineName = (line) =>
    line.policy < 0 ? line.label : `${data.policies[line.policy].name}: ${line.label}`;
  const isShown = (line) => line.policy < 0 || shown[line.policy];

  // --- What is drawn besides the lines: warm-up, faults, scaling ---

  const drawUnder = (u) => {
    if (!(data.warmup_s > 0)) return;
    const { ctx, bbox } = u;
    const from = Math.max(u.valToPos(0, "x", true), bbox.left);
    const to = Math.min(u.valToPos(data.warmup_s, "x", true), bbox.left + bbox.width);
    if (to <= from) return;
    ctx.save();
    ctx.fillStyle = colors.warmup;
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.fillStyle = colors.soft;
    ctx.textAlign = "left";
    const label = "warm-up";
    const margin = 5 * devicePixelRatio;
    if (ctx.measureText(label).width + 2 * margin < to - from) {
      ctx.textBaseline = "top";
      ctx.fillText(label, from + margin, bbox.top + margin);
    }
    ctx.restore();
  };

  const drawFaults = (u) => {
    const { ctx, bbox } = u;
    const dpr = devicePixelRatio;
    let free = -Infinity; // where the next label may begin
    ctx.save();
    ctx.font = `${11 * dpr}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    for (const marker of data.markers) {
      if (marker.kind !== "fault") continue;
      const x = Math.round(u.valToPos(marker.time_s, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = colors.fault;
      ctx.lineWidth = dpr;
      ctx.setLineDash([4 * dpr, 3 * dpr]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const width = ctx.measureText(marker.label).width;
      const right = x + 4 * dpr + width <= bbox.left + bbox.width;
      const from = right ? x + 4 * dpr : x - 4 * dpr - width;
      if (from <= free) continue;
      ctx.globalAlpha = 0.8;
      ctx.fillStyle = colors.panel;
      ctx.fillRect(from - 2 * dpr, bbox.top + 2 * dpr, width + 4 * dpr, 15 * dpr);
      ctx.globalAlpha = 1;
      ctx.fillStyle = colors.fault;
      ctx.fillText(marker.label, from, bbox.top + 4 * dpr);
      free = from + width + 8 * dpr;
    }
    ctx.restore();
  };

  // A row of triangles per visible policy along the bottom: up for a scale-up, else down.
  const drawScaling = (u) => {
    const { ctx, bbox } = u;
    const size = 3 * devicePixelRatio;
    ctx.save();
    for (const marker of data.markers) {
      if (marker.kind === "fault" || !shown[marker.policy]) continue;
      const x = u.valToPos(marker.time_s, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const row = shown.slice(marker.policy + 1).filter(Boolean).length;
      const y = bbox.top + bbox.height - (2 + row * 2.8) * size;
      const tip = marker.kind === "scale_up" ? -size : size;
      ctx.fillStyle = policyColor(marker.policy);
      ctx.beginPath();
      ctx.moveTo(x, y + tip);
      ctx.lineTo(x - size, y - tip);
      ctx.lineTo(x + size, y - tip);
      ctx.fill();
    }
    ctx.restore();
  };

  // --- Legend, cursor values, tooltip ---

  const buildLegend = (view, host) => {
    host.replaceChildren();
    view.outputs = [];
    view.chips = [];
    const chipOf = new Map();
    view.chart.lines.forEach((line, index) => {
      let chip = chipOf.get(line.policy);
      if (!chip) {
        chip = element(line.policy < 0 ? "span" : "button", "chip");
        if (line.policy >= 0) {
          chip.type = "button";
          chip.dataset.policy = line.policy;
          chip.title = "Show or hide this policy in all charts";
          chip.append(element("b", "", data.policies[line.policy].name));
          chip.addEventListener("click", () => toggle(line.policy, !shown[line.policy]));
          view.chips.push(chip);
        }
        chipOf.set(line.policy, chip);
        host.append(chip);
      }
      const item = element("span", "item");
      const key = element("span", `key ${line.style}`);
      key.style.borderTopColor = policyColor(line.policy);
      const output = element("output", "", "");
      item.append(key, element("span", "", line.label), output);
      chip.append(item);
      view.outputs[index] = output;
    });
  };

  const fillTooltip = (view, index) => {
    const table = element("table");
    const order = view.chart.lines.map((line, i) => [line, i]);
    order.sort(([one], [other]) => one.policy - other.policy); // stable: demand, then by policy
    for (const [line, i] of order) {
      if (!isShown(line)) continue;
      const row = element("tr");
      const swatch = element("span", "swatch");
      swatch.style.background = policyColor(line.policy);
      const name = element("td");
      name.append(swatch, lineName(line));
      const value = valueText(view.plot.data[i + 1][index]);
      row.append(name, element("td", "", withUnit(value, view.chart.unit)));
      table.append(row);
    }
    view.tip.replaceChildren(element("b", "", timeText(view.plot.data[0][index])), table);
  };

  const onCursor = (view) => {
    const u = view.plot;
    const index = u ? u.cursor.idx : null;
    const left = u ? u.cursor.left : -1;
    const on = index !== null && index !== undefined && left >= 0;
    view.chart.lines.forEach((line, i) => {
      view.outputs[i].textContent = on ? valueText(u.data[i + 1][index]) : "";
    });
    if (!on || !view.hovered) {
      view.tip.style.display = "none";
      return;
    }
    fillTooltip(view, index);
    view.tip.style.display = "block";
    const over = u.over;
    const room = over.clientWidth - left > view.tip.offsetWidth + 20;
    const x = over.offsetLeft + (room ? left + 14 : left - view.tip.offsetWidth - 14);
    view.tip.style.left = `${Math.max(0, x)}px`;
    view.tip.style.top = `${over.offsetTop + 10}px`;
  };

  // --- Charts ---

  const kTimeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
    43200, 86400, 172800, 604800];

  const axes = () => [
    {
      stroke: () => colors.soft,
      grid: { stroke: () => colors.grid, width: 1 },
      ticks: { stroke: () => colors.grid, width: 1 },
      incrs: kTimeSteps,
      space: 80,
      size: 34,
      values: (_, splits) => splits.map(timeText),
    },
    {
      stroke: () => colors.soft,
      grid: { stroke: () => colors.grid, width: 1 },
      ticks: { show: false },
      size: 58,
      values: (_, splits) => splits.map(axisText),
    },
  ];

  // Where policies lie on top of each other, the wider line of the earlier one still shows.
  const lineWidth = (line) => {
    if (line.style === "area") return 1;
    return line.style === "solid" ? Math.max(1.3, 2.7 - 0.7 * Math.max(0, line.policy)) : 1.5;
  };

  const series = (chart) => chart.lines.map((line) => ({
    label: lineName(line),
    show: isShown(line),
    stroke: () => policyColor(line.policy),
    width: lineWidth(line),
    dash: { dashed: [6, 4], dotted: [2, 3] }[line.style],
    fill: line.style === "area" ? () => colors.demandFill : undefined,
    points: { show: false },
    spanGaps: false,
    paths: chart.stepped ? uPlot.paths.stepped({ align: -1 }) : uPlot.paths.linear(),
  }));

  const chartData = (chart) => {
    const count = Math.max(0, ...chart.lines.map((line) => line.values.length));
    const times = Array.from({ length: count }, (_, i) =>
      Math.min((i + 1) * chart.step_s, data.duration_s));
    return [times, ...chart.lines.map((line) => line.values)];
  };

  const widthOf = (host) =>
    document.documentElement.classList.contains("printing") ? kPrintWidth : host.clientWidth;

  const setZoom = (from, to) => {
    if (zooming) return;
    zooming = true;
    zoom = from <= 0 && to >= data.duration_s ? null : [from, to];
    const [min, max] = zoom || [0, data.duration_s];
    for (const view of views) view.plot.setScale("x", { min, max });
    const reset = document.getElementById("reset-zoom");
    if (reset) reset.hidden = zoom === null;
    zooming = false;
  };

  const draw = (view) => {
    const host = document.getElementById(`chart-${view.chart.id}`);
    const place = host.querySelector(".plot");
    if (view.plot) view.plot.destroy();
    view.plot = null;
    buildLegend(view, host.querySelector(".legend"));
    view.tip = element("div", "tooltip");
    place.replaceChildren();
    const [from, to] = zoom || [0, data.duration_s];
    view.plot = new uPlot({
      width: widthOf(place),
      height: kHeight,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false, min: from, max: to, range: (_, min, max) => [min, max] },
        y: { range: (_, min, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: axes(),
      series: [{ label: "time" }, ...series(view.chart)],
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        sync: { key: "report", filters: { pub: (type) => /^mouse(move|leave)$/.test(type) } },
        bind: { dblclick: () => () => setZoom(0, data.duration_s) },
      },
      hooks: {
        drawAxes: [drawUnder],
        draw: view.chart.shows_scaling ? [drawFaults, drawScaling] : [drawFaults],
        setCursor: [() => onCursor(view)],
        setSelect: [(u) => {
          if (u.select.width < 3) return;
          const left = u.posToVal(u.select.left, "x");
          const right = u.posToVal(u.select.left + u.select.width, "x");
          u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          setZoom(Math.max(0, left), Math.min(data.duration_s, right));
        }],
      },
    }, chartData(view.chart), place);
    view.plot.over.addEventListener("mouseenter", () => { view.hovered = true; });
    view.plot.over.addEventListener("mouseleave", () => {
      view.hovered = false;
      onCursor(view);
    });
    place.append(view.tip);
  };

  const showPressed = () => {
    for (const view of views) {
      for (const chip of view.chips) chip.ariaPressed = String(shown[chip.dataset.policy]);
    }
    for (const box of document.querySelectorAll("input[data-policy]")) {
      box.checked = shown[box.dataset.policy];
    }
  };

  const toggle = (policy, on) => {
    shown[policy] = on;
    for (const view of views) {
      view.chart.lines.forEach((line, i) => {
        if (line.policy === policy) view.plot.setSeries(i + 1, { show: on });
      });
      view.plot.redraw(false);
    }
    showPressed();
  };

  const drawAll = () => {
    readColors();
    for (const view of views) draw(view);
    showPressed();
  };

  const start = () => {
    drawAll();
    for (const box of document.querySelectorAll("input[data-policy]")) {
      box.addEventListener("change", () => toggle(Number(box.dataset.policy), box.checked));
    }
    const reset = document.getElementById("reset-zoom");
    if (reset) reset.addEventListener("click", () => setZoom(0, data.duration_s));
    let pending = 0;
    window.addEventListener("resize", () => {
      cancelAnimationFrame(pending);
      pending = requestAnimationFrame(() => {
        for (const view of views) {
          const width = widthOf(view.plot.root.parentElement);
          if (width !== view.plot.width) view.plot.setSize({ width, height: kHeight });
        }
      });
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
    const printing = (on) => () => {
      document.documentElement.classList.toggle("printing", on);
      drawAll();
    };
    window.addEventListener("beforeprint", printing(true));
    window.addEventListener("afterprint", printing(false));
    window.wsfleetReport = { views, shown }; // for tests and the curious
  };

  start();
})();
