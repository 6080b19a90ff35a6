// SPDX-License-Identifier: Apache-2.0
// Opens generated reports in headless Chromium: charts are drawn, switches and cursor work, nothing
// is requested and nothing goes wrong in the console.
//   node browser_test.mjs SAMPLE_REPORT_PROGRAM [DIRECTORY_FOR_SCREENSHOTS]
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";

const kArguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update",
  "--disable-sync"];

function findChromium() {
  const named = process.env.CHROMIUM ? [process.env.CHROMIUM] : [];
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const inPath = (process.env.PATH || "").split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)));
  const found = [...named, ...inPath].find((path) => existsSync(path));
  if (!found) {
    throw new Error("the report's browser test needs Chromium: install the Debian package " +
      "'chromium' ('./dev test' does), or name a program in CHROMIUM");
  }
  return found;
}

async function loadPlaywright() {
  try {
    return (await import("playwright-core")).chromium;
  } catch {
    throw new Error("the report's browser test needs playwright-core: run " +
      "'npm ci --prefix results/report'");
  }
}

const [program, screenshots] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "wsfleet-report-"));
let browser = null;

// A page with the report of that kind, and what went wrong on it.
async function openReport(kind, options = {}) {
  const path = join(directory, `${kind}.html`);
  if (!existsSync(path)) execFileSync(program, [kind, path], { stdio: "inherit" });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(path).href;
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) wrong.push(request.url());
  });
  await page.goto(url);
  await page.waitForFunction(() => window.wsfleetReport !== undefined);
  return { page, wrong, close: () => context.close() };
}

// How many pixels of the chart's canvas have the colour that the policy has now.
function pixelsOf(page, chart, policy) {
  return page.evaluate(([id, index]) => {
    const canvas = document.querySelector(`#chart-${id} canvas`);
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    const probe = copy.getContext("2d", { willReadFrequently: true });
    const style = getComputedStyle(document.documentElement);
    probe.fillStyle = style.getPropertyValue(`--policy-${index}`);
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    probe.clearRect(0, 0, 1, 1);
    probe.drawImage(canvas, 0, 0);
    const { data } = probe.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const near = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
      if (data[i + 3] > 200 && near < 12) count += 1;
    }
    return count;
  }, [chart, policy]);
}

/** Waits until the chart has that policy's line in its present colour. */
async function drawn(page, chart, policy) {
  for (let i = 0; i < 100; i++) {
    if (await pixelsOf(page, chart, policy) > 20) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`policy ${policy} is not drawn in ${chart}`);
}

const chartIds = (page) =>
  page.$$eval("figure.chart", (all) => all.map((one) => one.id.replace("chart-", "")));

const tests = {
  async "every chart draws every policy, without a request or a complaint"() {
    const { page, wrong, close } = await openReport("comparison");
    const ids = await chartIds(page);
    assert.ok(ids.length >= 8, `only ${ids.length} charts`);
    // Lines may lie on top of each other: alone, each must be there in the charts of levels.
    for (const id of ["replicas", "connections", "cpu", "evenness"]) {
      assert.ok(ids.includes(id), id);
      for (const policy of [0, 1, 2]) {
        assert.ok(await pixelsOf(page, id, policy) > 20, `policy ${policy} is not in ${id}`);
      }
    }
    for (const id of ids) {
      let drawn = 0;
      for (const policy of [0, 1, 2]) drawn += await pixelsOf(page, id, policy);
      assert.ok(drawn > 20, `${id} is blank`);
    }
    assert.deepEqual(wrong, []);
    await close();
  },

  async "a policy that is switched off disappears from all charts, and comes back"() {
    const { page, wrong, close } = await openReport("comparison");
    const ids = await chartIds(page);
    const before = await pixelsOf(page, "connections", 1);
    await page.click(".toolbar input[data-policy='1']");
    for (const id of ids) assert.equal(await pixelsOf(page, id, 1), 0, id);
    const chip = page.locator("#chart-cpu .chip[data-policy='1']");
    assert.equal(await chip.getAttribute("aria-pressed"), "false");
    await page.click("#chart-connections .chip[data-policy='1']");
    assert.ok(await page.isChecked(".toolbar input[data-policy='1']"));
    assert.equal(await pixelsOf(page, "connections", 1), before);
    assert.deepEqual(wrong, []);
    await close();
  },

  async "the cursor shows values here and in the other charts"() {
    const { page, wrong, close } = await openReport("comparison");
    const over = page.locator("#chart-replicas .u-over");
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    await over.hover({ position: { x: box.width / 2, y: box.height / 2 } });
    const tooltip = page.locator("#chart-replicas .tooltip");
    await tooltip.waitFor({ state: "visible" });
    const text = await tooltip.innerText();
    assert.match(text, /^(29m|30m)/);
    assert.match(text, /demand\s+\d+ pods/);
    assert.match(text, /hpa: ready\s+\d+ pods/);
    const other = await page.locator("#chart-connections output").allInnerTexts();
    assert.ok(other.every((value) => /^[\d,]+$/.test(value)), other.join("|"));
    await page.mouse.move(2, 2);
    await tooltip.waitFor({ state: "hidden" });
    assert.deepEqual(wrong, []);
    await close();
  },

  async "a zoom is the same in all charts and can be taken back"() {
    const { page, close } = await openReport("comparison");
    const ranges = () => page.evaluate(() =>
      window.wsfleetReport.views.map(({ plot }) => [plot.scales.x.min, plot.scales.x.max]));
    const over = page.locator("#chart-connections .u-over");
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    for (const [min, max] of await ranges()) {
      assert.ok(Math.abs(min - 900) < 20 && Math.abs(max - 1800) < 20, `${min} to ${max}`);
    }
    await page.click("#reset-zoom");
    for (const range of await ranges()) assert.deepEqual(range, [0, 3600]);
    assert.ok(await page.isHidden("#reset-zoom"));
    await close();
  },

  async "colours follow the system's theme"() {
    const { page, wrong, close } = await openReport("comparison", { colorScheme: "dark" });
    await drawn(page, "connections", 0);
    await page.emulateMedia({ colorScheme: "light" });
    // The charts are drawn anew some time after the page hears of it.
    await drawn(page, "connections", 0);
    assert.deepEqual(wrong, []);
    await close();
  },

  async "a single run has its charts and its expectations"() {
    const { page, wrong, close } = await openReport("run");
    assert.ok(await pixelsOf(page, "replicas", 0) > 20);
    assert.match(await page.innerText("#expectations"), /refused_share < 0.01[^]*met[^]*missed/);
    assert.deepEqual(wrong, []);
    await close();
  },

  async "nothing scrolls sideways from 900 to 1600 pixels"() {
    const { page, close } = await openReport("comparison");
    for (const width of [900, 1280, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(100);
      const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      assert.ok(fits, `wider than ${width}`);
      const plot = await page.locator("#chart-cpu .uplot").boundingBox();
      assert.ok(plot.width > width * 0.7 && plot.width < width, `${plot.width} of ${width}`);
    }
    await close();
  },

  async "hostile names stay text"() {
    const { page, wrong, close } = await openReport("hostile");
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.equal(await page.locator("img").count(), 0);
    assert.match(await page.innerText("h1"), /<\/script><script>window\.broken=1/);
    assert.deepEqual(wrong, []);
    await close();
  },
};

async function takeScreenshots() {
  const shots = [["comparison", "light", 1280], ["comparison", "dark", 1280],
    ["comparison", "light", 900], ["run", "light", 1280]];
  for (const [kind, colorScheme, width] of shots) {
    const viewport = { width, height: 900 };
    const { page, close } = await openReport(kind, { colorScheme, viewport });
    const name = join(screenshots, `${kind}-${colorScheme}-${width}`);
    await page.screenshot({ path: `${name}.png`, fullPage: true });
    await page.locator("#chart-replicas .u-over").hover({ position: { x: 300, y: 90 } });
    await page.screenshot({ path: `${name}-cursor.png` });
    if (colorScheme === "dark") await page.pdf({ path: `${name}.pdf`, format: "A4" });
    await close();
  }
}

let failed = 0;
try {
  const chromium = await loadPlaywright();
  browser = await chromium.launch({ executablePath: findChromium(), args: kArguments });
  if (screenshots) await takeScreenshots();
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.stack}`);
    }
  }
} catch (error) {
  failed += 1;
  console.error(`error: ${error.message}`);
} finally {
  if (browser) await browser.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
