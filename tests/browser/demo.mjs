// Moves the sliders of the demo in build/demo in Chromium; see docs/testing.md.
//   node tests/browser/demo.mjs [FOLDER for a screenshot]
import { spawn } from "node:child_process";
import path from "node:path";
import { check, count, open, until } from "./browser.mjs";

const port = "8765";
const argv = ["-m", "http.server", port, "--bind", "127.0.0.1", "-d", "build/demo"];
const server = spawn(process.env.PYTHON ?? "python", argv, { stdio: "ignore" });
try {
  let opened;
  await until(async () => (opened = await open(`http://127.0.0.1:${port}/`, { width: 480, height: 720 })
    .catch(() => null)), "the demo is open");
  const { browser, page } = opened;
  const pixels = () => page.$eval("#image", (canvas) => canvas.toDataURL());
  const loaded = () => page.$eval("#status", (status) => / ms$/.test(status.textContent));
  await until(loaded, "the network has run");
  const seen = new Set([await pixels()]);
  for (const [slider, steps] of [["digit", 3], ["style", 40], ["digit", 1]]) {
    await page.focus(`#${slider}`);
    for (let step = 0; step < steps; step += 1) await page.keyboard.press("ArrowRight");
    await until(async () => !seen.has(await pixels()), `slider ${slider} makes another digit`);
    seen.add(await pixels());
  }
  check(page.refused.length === 0, `no request left this machine: ${page.refused}`);
  if (process.argv[2]) await page.screenshot({ path: path.join(process.argv[2], "demo.png") });
  await browser.close();
} finally {
  server.kill();
}
console.log(`${count()} checks passed`);
