// Draws boards in a headless browser: `node build/draw.js BROWSER DRAWING.json PICTURE.png [DRAWING.json PICTURE.png ...]`.
// Prints one line of JSON per picture: which component drew each panel.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv, cwd, exit, stderr, stdout } from 'node:process';

import { type BrowserContext, chromium, type Page, type Route } from 'playwright-core';

const WIDTH = 1600;
// Tables do not draw rows outside the browser window.
const HIGHEST = 8000;
// This host does not exist: every request is served from local files.
const ORIGIN = 'http://boards.invalid';
const PACKAGES = join(cwd(), 'node_modules');
const FONTS: Record<string, string> = {
  'Inter-Regular': '400-normal',
  'Inter-Medium': '500-normal',
  'Inter-Italic': '400-italic',
  'Inter-MediumItalic': '500-italic',
};
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="stylesheet" href="/page.css">
<body style="margin: 0"><script src="/page.js"></script>`;

async function main(browserPath: string, ...files: string[]): Promise<void> {
  const browser = await chromium.launch({ executablePath: browserPath });
  try {
    const context = await browser.newContext({ viewport: { width: WIDTH, height: HIGHEST } });
    await context.route('**', serve);
    for (let place = 0; place < files.length; place += 2) {
      const [drawing, picture] = [files[place]!, files[place + 1]!];
      stdout.write(JSON.stringify(await draw(context, drawing, picture)) + '\n');
    }
  } finally {
    await browser.close();
  }
}

async function draw(context: BrowserContext, drawing: string, picture: string) {
  const page = await context.newPage();
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(String(error.stack ?? error)));
  await page.goto(ORIGIN);
  await page.evaluate((text) => window.draw(JSON.parse(text)), await readFile(drawing, 'utf-8'));
  await settled(page, picture);
  const empty = page.locator('[data-kind="table"]:not([data-drawn="nothing"]):not(:has([role="gridcell"]))');
  for (const table of await empty.all()) {
    broken.push(`${await table.getAttribute('data-panel')}: a table without rows`);
  }
  if (broken.length) {
    throw new Error(`${drawing}: ${broken.join('\n')}`);
  }
  const panels = await page.locator('[data-drawn]').evaluateAll((found) =>
    found.map((each) => ({ ...(each as HTMLElement).dataset }))
  );
  await page.close();
  return { picture, panels };
}

/** Fonts, icons and charts load asynchronously: the page is complete when two screenshots are identical. */
async function settled(page: Page, picture: string): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  const board = page.locator('body > div').first();
  if ((await board.boundingBox())!.height > HIGHEST) {
    throw new Error(`${picture}: the board is higher than ${HIGHEST} pixels`);
  }
  let before: Buffer | undefined;
  for (let tries = 0; tries < 20; tries += 1) {
    const now = await board.screenshot({ path: picture, animations: 'disabled' });
    if (before?.equals(now)) {
      return;
    }
    before = now;
    await page.waitForTimeout(250);
  }
  throw new Error(`${picture}: the page does not stop changing`);
}

async function serve(route: Route): Promise<void> {
  const { pathname } = new URL(route.request().url());
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  if (pathname === '/') {
    await route.fulfill({ contentType: 'text/html', body: PAGE });
  } else if (name === 'page.js' || name === 'page.css') {
    await route.fulfill({ path: join(cwd(), 'build', name) });
  } else if (pathname.startsWith('/public/build/img/')) {
    await route.fulfill({ path: join(PACKAGES, '@grafana/ui/dist', pathname.replace('/build', '')) });
  } else if (FONTS[name.replace('.woff2', '')]) {
    const file = `inter-latin-${FONTS[name.replace('.woff2', '')]}.woff2`;
    await route.fulfill({ path: join(PACKAGES, '@fontsource/inter/files', file) });
  } else {
    await route.abort();
  }
}

main(argv[2] ?? '', ...argv.slice(3)).catch((error: Error) => {
  stderr.write(`${error.message}\n`);
  exit(1);
});
