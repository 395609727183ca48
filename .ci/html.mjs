// Looks at the HTML report as people will: narrow and wide, light and dark, with and without JavaScript, and printed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const program = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "rolechain-html-"));
const faults = [];
// A browser that hangs is a fault, too.
setTimeout(() => { console.error("no end after five minutes"); process.exit(1); }, 300_000).unref();
let looks = 0;

// Every foreign text of this record tries to be markup.
const evil = `"'></title></style><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>\u202e`;
const role = `arn:aws:iam::111122223333:role/${evil}`;
const hostile = {
  Records: [
    {
      eventVersion: "1.08", eventID: evil, eventTime: "2026-11-04T10:00:00Z", eventSource: "sts.amazonaws.com",
      eventName: "AssumeRole", awsRegion: evil, sourceIPAddress: evil, userAgent: evil, recipientAccountId: "111122223333",
      readOnly: true,
      userIdentity: {
        type: "IAMUser", principalId: "AIDAIOSFODNN7EXAMPLE", arn: `arn:aws:iam::111122223333:user/${evil}`,
        accountId: "111122223333", accessKeyId: "AKIAIOSFODNN7EXAMPLE", userName: evil,
      },
      requestParameters: { roleArn: role, roleSessionName: evil, externalId: evil },
      responseElements: {
        credentials: { accessKeyId: "ASIAIOSFODNN7EXAMPLE", expiration: "Nov 4, 2026, 11:00:00 AM" },
        assumedRoleUser: { assumedRoleId: `AROAIOSFODNN7EXAMPLE:${evil}`, arn: `arn:aws:sts::111122223333:assumed-role/x/${evil}` },
      },
    },
  ],
};

function render(name, source, ...more) {
  const page = join(folder, `${name}.html`);
  execFileSync(program, ["audit", source, "--format", "html", "--output", page, "--quiet", ...more]);
  return pathToFileURL(page).href;
}

writeFileSync(join(folder, "hostile.json"), JSON.stringify(hostile));
const pages = {
  samples: render("samples", "sample-logs"),
  healthy: render("healthy", "sample-logs/01-healthy", "--no-expectations", "--redact"),
  hostile: render("hostile", join(folder, "hostile.json"), "--no-expectations"),
};

// Starts with a fresh profile of its own.
const engine = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});

async function look(name, url, width, colorScheme, javaScriptEnabled) {
  const label = `${name}, ${width} px, ${colorScheme}, ${javaScriptEnabled ? "with" : "without"} JavaScript`;
  const fault = (words) => faults.push(`${label}: ${words}`);
  const context = await engine.newContext({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
  const page = await context.newPage();
  page.on("console", (message) => fault(`console: ${message.text()}`));
  page.on("pageerror", (error) => fault(`error: ${error}`));
  page.on("dialog", (dialog) => { fault(`a dialog opened: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url) fault(`asked for ${request.url()}`); });
  await page.goto(url);

  // Native parts work by themselves: the way to a part, and opening a group.
  await page.click('nav a[href="#controls"]');
  if (!page.url().endsWith("#controls")) fault("the contents lead nowhere");
  const closed = page.locator("details:not([open]) > summary").first();
  if (await closed.count()) {
    const before = await page.locator("details[open]").count();
    await closed.click();
    if ((await page.locator("details[open]").count()) !== before + 1) fault("a part does not open");
  }
  const wide = await page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
    return document.documentElement.scrollWidth - document.documentElement.clientWidth;
  });
  if (wide > 0) fault(`${wide} px too wide`);
  // One script is the page's own: the filter.
  const strange = await page.evaluate(() => {
    const own = document.querySelectorAll("script:not([src])").length;
    const others = "script[src], img, iframe, object, embed, link, [onload], [onerror], [style]";
    return Math.max(own - 1, 0) + document.querySelectorAll(others).length;
  });
  if (strange) fault(`${strange} elements that have no place on the page`);

  looks += 1;
  // Without JavaScript the page is the same, and axe could not run.
  if (!javaScriptEnabled) return context.close();
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => axe.run(document));
  if (!passes.length) fault("axe looked at nothing");
  for (const { id, impact, help, nodes } of violations) {
    fault(`axe ${impact} ${id}: ${help} (${nodes.length}, such as ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary?.split("\n")[1] ?? ""})`);
  }
  await context.close();
}

async function print(name, url) {
  const context = await engine.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.emulateMedia({ media: "print" });
  const hidden = await page.evaluate(() => {
    const closed = [...document.querySelectorAll("details:not([open])")];
    return closed.filter((part) => part.getBoundingClientRect().height <= part.querySelector("summary").getBoundingClientRect().height + 1).length;
  });
  if (hidden) faults.push(`${name}, printed: ${hidden} closed parts stay closed`);
  const pdf = await page.pdf({ format: "A4" });
  if (pdf.length < 10_000) faults.push(`${name}, printed: ${pdf.length} bytes`);
  looks += 1;
  await context.close();
}

try {
  for (const [name, url] of Object.entries(pages)) {
    // Any two of width, colors and JavaScript meet in one of these.
    await look(name, url, 380, "light", true);
    await look(name, url, 380, "dark", false);
    await look(name, url, 1400, "dark", true);
    await look(name, url, 1400, "light", false);
    await print(name, url);
  }
} finally {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
if (faults.length) {
  console.error([...new Set(faults)].join("\n"));
  console.error(`${faults.length} faults in ${looks} looks`);
  process.exit(1);
}
console.log(`${looks} looks at ${Object.keys(pages).length} pages: nothing loaded, nothing blocked, nothing too wide, nothing axe objects to`);
