// Uses every control of `keras-gan-zoo explore` in Chromium; see docs/testing.md.
//   node tests/browser/explore.mjs [FOLDER for screenshots]
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { check, count, open, pause, until } from "./browser.mjs";

const python = process.env.PYTHON ?? "python";
const shots = process.argv[2];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "explore-"));
const inFolder = (name) => path.join(folder, name);

execFileSync(python, ["-c", `
import numpy as np
from PIL import Image
y, x = np.mgrid[:90, :120]
round_ = (x - 60) ** 2 + (y - 45) ** 2 < 900
photo = np.stack([np.where(round_, 220, x), np.where(round_, 60, y), np.where(round_, 40, 255 - x)], -1)
Image.fromarray(photo.astype("uint8")).save("photo.png")
open("broken.png", "wb").write(open("photo.png", "rb").read()[:200])
open("text.png", "w").write("no picture")
np.savez("directions.npz", slant=np.random.default_rng(0).standard_normal(100))
`], { cwd: folder });

async function serve(model, options, use) {
  console.log(`== ${model}`);
  const argv = ["-m", "keras_gan_zoo", "explore", model, "--no-browser", ...options];
  const temporary = fs.mkdtempSync(inFolder("temporary-"));
  const env = { ...process.env, TMPDIR: temporary };
  const server = spawn(python, argv, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => server.on("exit", done));
  try {
    const address = await new Promise((found, failed) => {
      createInterface({ input: server.stdout }).on("line", (line) => {
        const address = /^(http:\S+) \(Ctrl-C ends it\)$/.exec(line);
        if (address) found(address[1]);
        else failed(new Error(`the server printed ${line}`));
      });
      ended.then((status) => failed(new Error(`the server ended with status ${status}`)));
    });
    const { browser, page } = await open(address);
    const cdp = await page.createCDPSession();
    await cdp.send("Page.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
    try {
      await use(new Widgets(page), address);
      check(page.refused.length === 0, `no request left this machine: ${page.refused}`);
    } catch (error) {
      await page.screenshot({ path: inFolder("failed.png"), fullPage: true });
      console.log(inFolder("failed.png"));
      throw error;
    } finally {
      await browser.close();
    }
  } finally {
    server.kill("SIGINT");
  }
  check((await ended) === 130, "Ctrl-C ends the server");
  const left = fs.readdirSync(temporary, { recursive: true });
  check(!left.some((name) => /png|gif|npz/.test(name)), `no picture is left on the disk: ${left}`);
}

// What a person sees and clicks on.
class Widgets {
  constructor(page) {
    this.page = page;
  }

  pictures(name) {
    return this.page.$$eval(`#${name} img`, (images) => images.map((image) => image.currentSrc));
  }

  // The file of the first picture, which is the same for the same pixels; null if there is none.
  file(name) {
    return this.page.evaluate(async (name) => {
      const image = document.querySelector(`#${name} img`);
      const bytes = image && new Uint8Array(await (await fetch(image.currentSrc)).arrayBuffer());
      return bytes && bytes.join();
    }, name);
  }

  async changes(name, action, what) {
    const before = await this.file(name);
    await action();
    await until(async () => {
      const now = await this.file(name);
      return now !== null && now !== before;
    }, what);
  }

  // A click on the track of the slider with this label, at a fraction of its length.
  async slide(label, fraction) {
    const slider = await this.page.$(`input[type=range][aria-label*="${label}"]`);
    await slider.scrollIntoView();
    const { x, y, width, height } = await slider.boundingBox();
    await this.page.mouse.click(x + width * fraction, y + height / 2);
  }

  labels(kind) {
    const prefix = /^range slider for /;
    return this.page.$$eval(`input[type=${kind}]`, (found) => found.map((x) => x.ariaLabel ?? "")).then(
      (names) => names.filter((name) => prefix.test(name)).map((name) => name.replace(prefix, "")),
    );
  }

  async press(text) {
    const buttons = await this.page.$$("button, a[download]");
    for (const button of buttons) {
      const own = await button.evaluate((x) => x.textContent.trim());
      if (own === text) return button.evaluate((x) => x.click());
    }
    throw new Error(`no button ${text}`);
  }

  async choose(label, option) {
    await this.page.click(`input[aria-label="${label}"]`);
    await this.page.waitForSelector("[role=option]");
    for (const item of await this.page.$$("[role=option]")) {
      if ((await item.evaluate((x) => x.ariaLabel ?? x.textContent.trim())) === String(option)) {
        await item.click();
        return this.page.waitForFunction(() => !document.querySelector("[role=option]"));
      }
    }
    throw new Error(`no option ${option} of ${label}`);
  }

  async tick(label) {
    for (const box of await this.page.$$("label:has(input[type=checkbox])")) {
      if ((await box.evaluate((x) => x.innerText.trim())).startsWith(label)) return box.click();
    }
    throw new Error(`no box ${label}`);
  }

  value(label) {
    return this.page.$eval(`input[aria-label="${label}"]`, (input) => input.value);
  }

  async item(gallery, index) {
    const items = await this.page.$$(`#${gallery} button.thumbnail-item`);
    await items[index].evaluate((x) => x.click());
  }

  // The error in the page, one line, which is closed again.
  async error(pattern) {
    let text = "";
    await until(async () => {
      const texts = await this.page.$$eval(".toast-message-text", (all) => all.map((x) => x.innerText));
      text = texts.find((found) => pattern.test(found)) ?? "";
      return text;
    }, `the page says ${pattern}`);
    check(!text.trim().includes("\n"), `in one line: ${text.trim()}`);
    for (const button of await this.page.$$(".toast-close")) await button.evaluate((x) => x.click());
    await until(async () => !(await this.page.$(".toast-body")), "the error can be closed");
  }

  async upload(name) {
    const clear = await this.page.$('#file button[aria-label="Clear"], #file button[aria-label="Remove this file"]');
    if (clear) await clear.evaluate((x) => x.click());
    await this.page.waitForSelector("#file input[type=file]");
    const input = await this.page.$("#file input[type=file]");
    await input.uploadFile(inFolder(name));
  }

  async shot(name) {
    if (shots) await this.page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  }
}

async function latents(see, model, { choices = [], numbers = [], styles = false, directions = false }) {
  await until(async () => (await see.pictures("samples")).length === 12, "12 samples at the start");
  check((await see.file("picture")) !== null, "one of them is the picture");
  const sliders = await see.labels("range");
  const components = sliders.filter((name) => name.startsWith("component"));
  check(components.length === 6, "six components");
  check(sliders.includes("slant") === directions, `direction of the file: ${directions}`);
  check(sliders.includes("truncation") === styles, `truncation: ${styles}`);
  check(sliders.some((name) => name.startsWith("Style mixing")) === styles, `style mixing: ${styles}`);

  await see.press("Walk from the first to the second");
  await see.error(/Two pictures are needed/);
  await see.changes("samples", () => see.press("New samples"), "new samples");
  const setSeed = async (seed) => {
    await see.page.click('input[aria-label="Seed"]', { count: 3 });
    await see.page.keyboard.type(seed);
  };
  await see.changes("samples", () => setSeed("5"), "samples of a seed");
  await see.changes("picture", () => see.item("samples", 7), "a click on a sample");
  const picked = await see.file("picture");
  for (const name of [...components, ...(directions ? ["slant"] : []), ...numbers]) {
    await see.changes("picture", () => see.slide(`for ${name}`, 0.9), `slider ${name}`);
  }
  if (numbers.length === 0) {
    await see.press("Reset the directions");
    await until(async () => (await see.file("picture")) === picked, "the directions are reset");
  }
  for (const name of choices) {
    const other = (await see.value(name)) === "3" ? 8 : 3;
    await see.changes("picture", () => see.choose(name, other), `another ${name}`);
    await see.tick("New samples have the class");
    await see.changes("samples", () => see.press("New samples"), `samples of this ${name}`);
    await see.tick("New samples have the class");
  }
  if (styles) {
    await see.changes("picture", () => see.slide("for truncation", 0.3), "truncation");
    await see.changes("picture", () => see.slide("for truncation", 0.66), "less truncation");
  }

  await see.press("Keep");
  await until(async () => (await see.pictures("kept")).length === 1, "a kept picture");
  const first = await see.file("picture");
  await see.changes("picture", () => see.item("samples", 2), "another sample");
  await see.press("Keep");
  await until(async () => (await see.pictures("kept")).length === 2, "two kept pictures");
  await until(async () => (await see.value("First")) === "1", "the first of them is chosen");
  check((await see.value("Second")) === "2", "and the second");
  await see.changes("picture", () => see.slide("for Mix", 0.4), "a mix of both");
  await see.item("kept", 0);
  await until(async () => (await see.file("picture")) === first, "a click on a kept picture");
  await see.slide("for Frames", 0.05);
  await see.changes("walk", () => see.press("Walk from the first to the second"), "a walk");
  await see.choose("First", 2);
  await see.choose("Second", 1);
  const walk = "Walk from the first to the second";
  await see.changes("walk", () => see.press(walk), "a walk the other way");
  await see.tick("and back to the first");
  await see.changes("walk", () => see.press(walk), "and back");
  await download(see, "Download the GIF", "walk.gif", "GIF8");
  await download(see, "Download the latents", "latents.npz", "PK");
  if (styles) {
    await see.changes("styles", () => see.press("Mix styles"), "style mixing");
    await see.changes("styles", () => see.slide("for Style mixing", 0.1), "style mixing at another layer");
  }
  await see.shot(model);
  await see.press("Remove all");
  await until(async () => (await see.pictures("kept")).length === 0, "all are removed");
  await setSeed("-3");
  await see.error(/minimum|0 or more/);
}

async function download(see, button, name, start) {
  fs.rmSync(inFolder(name), { force: true });
  await see.press(button);
  await until(() => fs.existsSync(inFolder(name)), `${name} is downloaded`);
  await pause(300);
  check(fs.readFileSync(inFolder(name)).subarray(0, start.length).toString() === start, `it is ${start}`);
}

// Each tab has its own pictures.
async function tabs(see, address) {
  const { page, browser } = await open(address);
  const other = new Widgets(page);
  await until(async () => (await other.pictures("samples")).length === 12, "a second tab");
  await see.press("Keep");
  await until(async () => (await see.pictures("kept")).length === 1, "a picture kept in the first tab");
  await other.press("Keep");
  await until(async () => (await other.pictures("kept")).length === 1, "another in the second tab");
  await other.press("Keep");
  await until(async () => (await other.pictures("kept")).length === 2, "and one more");
  check((await see.pictures("kept")).length === 1, "the first tab still has one");
  await browser.close();
}

async function pictures(see, model, { directions }) {
  const radios = await see.page.$$eval("input[type=radio]", (all) => all.length);
  check(radios === (directions ? 2 : 0), `directions: ${radios}`);
  await see.changes("made", () => see.upload("photo.png"), "a result of a picture");
  check((await see.file("given")) !== (await see.file("made")), "which is another picture");
  const before = await see.file("made");
  await see.changes("made", () => see.slide("for Longer side", 0.15), "another size");
  if (directions) {
    const radio = (await see.page.$$("input[type=radio]"))[1];
    await see.changes("made", () => radio.evaluate((x) => x.click()), "the other direction");
  }
  check((await see.file("made")) !== before, "and another result");
  await see.shot(model);
  await see.upload("text.png");
  await see.error(/cannot be read/);
  await see.upload("broken.png");
  await see.error(/cannot be read/);
  await see.changes("made", () => see.upload("photo.png"), "a picture after errors");
}

const models = {
  dcgan_mnist_28: [latents, { directions: true }],
  conditionalgan_mnist_28: [latents, { choices: ["class"] }],
  infogan_mnist_28: [latents, { choices: ["category 1"], numbers: ["code 1", "code 2"] }],
  stylegan2_mnist_28: [latents, { styles: true }],
  cyclegan_lemons_64: [pictures, { directions: true }],
  pix2pix_nebula_64: [pictures, { directions: false }],
  faststyletransfer_nebula_64: [pictures, { directions: false }],
};
for (const [model, [use, expected]] of Object.entries(models)) {
  if (process.env.MODELS && !process.env.MODELS.split(",").includes(model)) continue;
  const options = expected.directions === true && use === latents;
  const argv = options ? ["--directions", inFolder("directions.npz")] : [];
  await serve(model, argv, async (see, address) => {
    await use(see, model, expected);
    if (use === latents) await tabs(see, address);
  });
}
fs.rmSync(folder, { recursive: true });
console.log(`${count()} checks passed`);
