"use strict";
const report = JSON.parse(document.getElementById("report").textContent);

// The slider and the zoom survive a reload.
const key = "keras-gan-zoo " + location.pathname;
const saved = (() => {
  try { return JSON.parse(sessionStorage.getItem(key)) || {}; } catch { return {}; }
})();
function save(change) {
  Object.assign(saved, change);
  try { sessionStorage.setItem(key, JSON.stringify(saved)); } catch { /* the browser forbids it */ }
}

// Snapshots
const slider = document.getElementById("slider");
if (slider) {
  const last = report.snapshots.length - 1;
  const show = () => {
    const [label, source] = report.snapshots[slider.value];
    document.getElementById("snapshot").src = source;
    document.getElementById("label").textContent = label;
  };
  slider.addEventListener("input", () => {
    show();
    save({ snapshot: slider.value < last ? report.snapshots[slider.value][0] : null });
  });
  const index = report.snapshots.findIndex(([label]) => label === saved.snapshot);
  slider.value = index < 0 ? last : index;
  show();
}

// Charts
const box = document.getElementById("charts");
if (box) {
  const first = report.epochs[0];
  const whole = [first, Math.max(report.epochs[report.epochs.length - 1], first + 1)];
  const reset = document.createElement("button");
  reset.id = "reset";
  reset.textContent = "Show all epochs";
  reset.hidden = true;
  box.append(reset);
  const charts = [];
  let zoomed = saved.zoom || null;

  function zoom(range) {
    zoomed = range;
    reset.hidden = range === null;
    save({ zoom: range });
    for (const chart of charts) chart.setScale("x", { min: (range || whole)[0], max: (range || whole)[1] });
  }
  function markWarnings(chart) {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.strokeStyle = "#c0392b";
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const epoch of report.warnings) {
      const x = chart.valToPos(epoch, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }
  const format = (value) => (value == null ? "-" : String(Number(value.toPrecision(4))));

  for (const panel of report.panels) {
    const cell = box.appendChild(document.createElement("div"));
    const chart = new uPlot({
      title: panel.title,
      width: cell.clientWidth,
      height: 240,
      scales: { x: { time: false, min: whole[0], max: whole[1] }, y: { distr: panel.log ? 3 : 1 } },
      axes: [
        { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
        { size: 64, values: (_, ticks) => ticks.map((tick) => (tick == null ? null : format(tick))) },
      ],
      cursor: { sync: { key: "epochs", setSeries: false }, drag: { setScale: false } },
      series: [
        { label: "epoch" },
        ...panel.curves.map((curve, index) => ({
          label: curve.name,
          stroke: report.colours[index % report.colours.length],
          width: 1.5,
          spanGaps: true,
          points: { show: report.epochs.length <= 30 },
          value: (_, value) => format(value),
        })),
      ],
      hooks: {
        draw: [markWarnings],
        setSelect: [(chart) => {
          const { left, width } = chart.select;
          if (width < 4) return;
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          zoom([chart.posToVal(left, "x"), chart.posToVal(left + width, "x")]);
        }],
      },
    }, [report.epochs, ...panel.curves.map((curve) => curve.values)], cell);
    chart.over.addEventListener("dblclick", () => zoom(null));
    charts.push(chart);
    new ResizeObserver(() => chart.setSize({ width: cell.clientWidth, height: 240 })).observe(cell);

    // uPlot listens to a mouse: a finger that moves sideways acts as one.
    const mouse = { touchstart: "mousedown", touchmove: "mousemove", touchend: "mouseup" };
    for (const [type, name] of Object.entries(mouse)) {
      chart.over.addEventListener(type, (event) => {
        if (event.touches.length > 1) return;
        const { clientX, clientY } = event.changedTouches[0];
        const options = { clientX, clientY, movementX: 1, bubbles: true };
        if (name === "mousedown") chart.over.dispatchEvent(new MouseEvent("mousemove", options));
        (name === "mouseup" ? document : chart.over).dispatchEvent(new MouseEvent(name, options));
      }, { passive: true });
    }
  }
  reset.addEventListener("click", () => zoom(null));
  if (zoomed) zoom(zoomed);
}

// Reload while the training goes on
if (report.reload !== null) {
  if (Date.now() / 1000 - report.written < report.patience) {
    setTimeout(() => location.reload(), 1000 * report.reload);
  } else {
    document.getElementById("state").textContent += " No news since then: the training was probably stopped.";
  }
}
