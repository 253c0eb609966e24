"use strict";
(function () {
  const box = document.getElementById("explorer");
  const NS = "http://www.w3.org/2000/svg";
  const MINUS = "\u2212";
  const make = (name, attributes, text) => {
    const one = document.createElementNS(NS, name);
    for (const key in attributes) one.setAttribute(key, attributes[key]);
    if (text !== undefined) one.textContent = text;
    return one;
  };
  const element = (name, text) => {
    const one = document.createElement(name);
    if (text !== undefined) one.textContent = text;
    return one;
  };

  // Every table of a chart can be shown or hidden at once.
  const tables = Array.from(document.querySelectorAll("details.data"));
  if (tables.length) {
    const button = element("button", "Show every table");
    button.type = "button";
    button.addEventListener("click", () => {
      const open = tables.some((one) => !one.open);
      tables.forEach((one) => { one.open = open; });
      button.textContent = open ? "Hide every table" : "Show every table";
    });
    const place = document.getElementById("tools");
    place.append(button);
    place.hidden = false;
  }
  if (!box) return;
  const data = JSON.parse(box.dataset.results);

  const shown = (kind, value, signed) => {
    if (value === null) return "not known";
    const scaled = kind === "share" ? value * 100 : value;
    const size = Math.abs(scaled);
    const digits = size >= 100 || kind === "gbp" ? 0 : size >= 10 ? 1 : 2;
    let text = size.toLocaleString("en-GB", { minimumFractionDigits: 0, maximumFractionDigits: digits });
    if (kind === "gbp") text = "\u00a3" + (size >= 1e6 ? (size / 1e6).toFixed(2) + " million" : text);
    if (kind === "share") text += signed ? " points" : "%";
    if (["days", "hours", "minutes", "nights"].includes(kind)) text += " " + kind;
    return (scaled < 0 ? MINUS : signed && scaled > 0 ? "+" : "") + text;
  };

  const chooser = (id, label, entries) => {
    const holder = element("p");
    const tag = element("label", label + " ");
    tag.htmlFor = id;
    const select = element("select");
    select.id = id;
    entries.forEach(([value, text]) => {
      const option = element("option", text);
      option.value = value;
      select.append(option);
    });
    holder.append(tag, select);
    box.append(holder);
    select.addEventListener("change", draw);
    return select;
  };

  const options = data.scenarios.filter((one) => one.name !== data.baseline);
  const label = (name) => data.scenarios.find((one) => one.name === name).label;
  const measure = chooser("explorer-measure", "Measure", data.measures.map((one, at) => [String(at), one.name]));
  const scenario = chooser("explorer-scenario", "Option", options.map((one) => [one.name, one.label]));
  scenario.value = options[options.length - 1].name;
  const view = chooser("explorer-view", "Show", [["levels", "levels"], ["difference", "difference from the baseline"]]);
  const picture = make("svg", { viewBox: "0 0 720 320", role: "img", tabindex: "0" });
  const scroll = element("div");
  scroll.className = "scroll";
  scroll.append(picture);
  const readout = element("p");
  readout.className = "readout";
  readout.setAttribute("role", "status");
  const help = element("p", "Point at a month, or use the left and right arrow keys on the chart.");
  help.className = "quiet";
  box.append(scroll, readout, help);
  const LEFT = 70, RIGHT = 700, TOP = 20, FOOT = 280;
  let month = data.months.length - 1;
  let cursor, across;

  function draw() {
    picture.replaceChildren();
    const one = data.measures[Number(measure.value)];
    const apart = view.value === "difference";
    const chosen = one.scenarios[scenario.value];
    const lines = apart
      ? [{ look: "option", mean: chosen.difference[0], low: chosen.difference[1], high: chosen.difference[2] }]
      : [{ look: "baseline", ...one.scenarios[data.baseline] }, { look: "option", ...chosen }];
    const values = lines.flatMap((line) => [...line.mean, ...line.low, ...line.high]).filter((v) => v !== null);
    let low = Math.min(0, ...values), high = Math.max(0, ...values);
    if (high === low) high = low + 1;
    const rough = (high - low) / 4, ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((one) => one * ten >= rough) * ten;
    low = Math.floor(low / step + 1e-9) * step;
    high = Math.ceil(high / step - 1e-9) * step;
    const up = (v) => FOOT - ((v - low) / (high - low)) * (FOOT - TOP);
    across = (at) => LEFT + (at / Math.max(1, data.months.length - 1)) * (RIGHT - LEFT);
    for (let v = low; v <= high + step / 2; v += step) {
      picture.append(make("line", { x1: LEFT, x2: RIGHT, y1: up(v), y2: up(v), class: "grid" }));
      picture.append(make("text", { x: LEFT - 6, y: up(v) + 4, "text-anchor": "end" }, shown(one.kind, v, apart)));
    }
    picture.append(make("line", { x1: LEFT, x2: RIGHT, y1: up(0), y2: up(0), class: "zero" }));
    data.months.forEach((name, at) => {
      if (at % 6 === 0) picture.append(make("text", { x: across(at), y: FOOT + 20, "text-anchor": "start" }, name));
    });
    lines.forEach((line) => {
      const there = data.months.map((_, at) => at).filter((at) => line.low[at] !== null && line.high[at] !== null);
      const forth = there.map((at) => `${across(at)},${up(line.high[at])}`);
      const back = there.slice().reverse().map((at) => `${across(at)},${up(line.low[at])}`);
      picture.append(make("polygon", { points: [...forth, ...back].join(" "), class: "band " + line.look }));
      const points = data.months.map((_, at) => at).filter((at) => line.mean[at] !== null)
        .map((at) => `${across(at)},${up(line.mean[at])}`);
      picture.append(make("polyline", { points: points.join(" "), class: "line " + line.look }));
    });
    cursor = make("line", { y1: TOP, y2: FOOT, class: "cursor" });
    picture.append(cursor);
    tell();
  }

  function tell() {
    const one = data.measures[Number(measure.value)];
    const kind = one.kind;
    const before = one.scenarios[data.baseline], after = one.scenarios[scenario.value];
    const [gap, least, most] = after.difference.map((values) => values[month]);
    cursor.setAttribute("x1", across(month));
    cursor.setAttribute("x2", across(month));
    const interval = least === null ? "" : ` (95% interval ${shown(kind, least, true)} to ${shown(kind, most, true)})`;
    readout.textContent = `${data.months[month]}. ${label(data.baseline)} (dashed): ${shown(kind, before.mean[month])}. ` +
      `${label(scenario.value)}: ${shown(kind, after.mean[month])}. Difference ${shown(kind, gap, true)}${interval}.`;
    picture.setAttribute("aria-label", `${one.name} by month, ${label(scenario.value)} against ${label(data.baseline)}. ` + readout.textContent);
  }

  picture.addEventListener("pointermove", (event) => {
    const frame = picture.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * 720;
    const at = Math.round(((x - LEFT) / (RIGHT - LEFT)) * (data.months.length - 1));
    month = Math.max(0, Math.min(data.months.length - 1, at));
    tell();
  });
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    month = Math.max(0, Math.min(data.months.length - 1, month + step));
    tell();
  });
  draw();
  box.hidden = false;
  document.getElementById("explorer-heading").hidden = false;
})();
