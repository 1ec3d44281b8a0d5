// A shop in a folder of its own, served by the real program, and a browser that notices everything
// a page complains about.
import { spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.LUCKYGAS_BIN ?? join(here, "../../target/debug/luckygas");
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
export const sample = join(here, "../sample");

export const DESK = { width: 1366, height: 768 };
export const PHONE = { width: 360, height: 640 };

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Starts `luckygas` with `words` on a fresh folder, or on `folder`; resolves when it answers. In the practice shop it is the middle of the afternoon. */
export async function openShop(words = ["serve"], folder = mkdtempSync(join(tmpdir(), "luckygas-browser-"))) {
  if (words[0] === "demo") words = [...words, "--clock", "15:30"];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, [...words, "--data", folder, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  const shop = { url, folder, said: "", child };
  const hear = (text) => { shop.said += text; };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok) break;
    assert.ok(tries < 600 && child.exitCode === null, `the program does not answer:\n${shop.said}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  shop.close = async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    assert.equal(await gone, 0, `the program did not leave well:\n${shop.said}`);
    rmSync(folder, { recursive: true, force: true });
  };
  return shop;
}

/** A headless Chromium that looks up nothing outside. */
export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

/** A page of `size` on `shop`; `page.complaints` gathers console errors, page errors and CSP violations. */
export async function openPage(browser, shop, size = DESK) {
  const context = await browser.newContext({ viewport: size, baseURL: shop.url, locale: "zh-TW", acceptDownloads: true });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    // A form sent back with 409 or 422 is an answer, though the browser calls it an error.
    if (message.type() === "error" && !/status of (409|422|401|404)/.test(message.text())) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
  });
  return page;
}

/** The first run of `shop` in `page`: its owner, signed in. */
export async function makeOwner(page, shop, password) {
  await page.goto(`/setup/owner?code=${shop.said.match(/[A-Z0-9]{4}-[A-Z0-9]{4}/)[0]}`);
  await page.fill("#shop_name", "範例煤氣行");
  await page.fill("#name", "老闆");
  await page.fill("#username", "boss");
  await page.fill("#password", password);
  await page.fill("#again", password);
  await page.locator("main form button").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
}

/** Looks at the page as it stands: a picture, no sideways scrolling, nothing serious for axe, no complaint. */
export async function look(page, name) {
  const shots = process.env.LUCKYGAS_SHOTS;
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name}.png`) });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name}: the page scrolls sideways by ${wide} px`);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return result.violations.filter((one) => ["serious", "critical"].includes(one.impact))
      .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
  assert.deepEqual(found, [], `${name}: axe`);
  assert.deepEqual(page.complaints, [], `${name}: the browser complains`);
}

/** Looks at the page at both sizes. */
export async function lookTwice(page, name) {
  for (const [suffix, size] of [["desk", DESK], ["phone", PHONE]]) {
    await page.setViewportSize(size);
    await look(page, `${name}-${suffix}`);
  }
  await page.setViewportSize(DESK);
}

/** What everybody of the demonstration shop signs in with. */
export const PASSWORD = "lianxi-2025";

/** Somebody of the demonstration shop in `page`, signed in and at 今日. */
export async function signIn(page, name) {
  await page.goto("/sign-in");
  await page.fill("#username", name);
  await page.fill("#password", PASSWORD);
  await page.locator("main form button").click();
  await page.waitForURL((url) => url.pathname === "/");
}

/** Asks the JSON API of `shop` as `name` of the demonstration shop: `api("GET", "/due")`. What fails is a failure of the test. */
export async function openApi(shop, name) {
  const ask = async (method, path, body, token) => {
    const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const answer = await fetch(`${shop.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    const json = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(json)}`);
    return json;
  };
  const { token } = await ask("POST", "/auth/login", { username: name, password: PASSWORD });
  return (method, path, body) => ask(method, path, body, token);
}
