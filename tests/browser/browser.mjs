// Chromium for the scripts of this folder, and a count of their checks.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.env.BROWSER_MODULES;
if (!modules) {
  throw new Error("BROWSER_MODULES must be a folder with puppeteer-core and @sparticuz/chromium");
}
const { resolve } = createRequire(path.join(path.resolve(modules), "x.js"));
const load = (name) => import(pathToFileURL(resolve(name)));
const { default: puppeteer } = await load("puppeteer-core");
const { default: chromium } = await load("@sparticuz/chromium");

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

let checks = 0;
export function check(condition, what) {
  if (!condition) throw new Error(`failed: ${what}`);
  checks += 1;
  console.log(`ok  ${what}`);
}
export const count = () => checks;

export async function until(predicate, what, seconds = 60) {
  for (let waited = 0; waited < seconds * 10; waited += 1) {
    if (await predicate()) return check(true, what);
    await pause(100);
  }
  return check(false, `${what}, within ${seconds} s`);
}

// A page that may only talk to this machine; `page.refused` has all other addresses that it asked for.
export async function open(address, viewport = { width: 1280, height: 1000 }) {
  const executablePath = await chromium.executablePath();
  const browser = await puppeteer.launch({ args: chromium.args, executablePath, headless: "shell" });
  const page = await browser.newPage();
  await page.setViewport(viewport);
  page.refused = [];
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (["127.0.0.1", "localhost"].includes(url.hostname) || !url.protocol.startsWith("http")) {
      request.continue();
    } else {
      page.refused.push(request.url());
      request.abort();
    }
  });
  await page.goto(address, { waitUntil: "networkidle2", timeout: 60000 });
  return { browser, page };
}
