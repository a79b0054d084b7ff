// Takes pictures of every page: node tests/browser/shots.mjs URL FOLDER [POST PASSWORD]
// NAME.light.png and NAME.dark.png (1240 wide), NAME.phone.png (375 wide), NAME.print.pdf (A4).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Chromium } from './chromium.mjs';
import { FOR_STRANGERS, PAGES } from './pages.mjs';
import { DESK, PHONE, Visit, logIn, open } from './visit.mjs';

const [url, folder, post, password] = process.argv.slice(2);
const LOOKS = [
  ['light', { viewport: DESK, colorScheme: 'light' }],
  ['dark', { viewport: DESK, colorScheme: 'dark' }],
  ['phone', { viewport: PHONE, colorScheme: 'light', deviceScaleFactor: 2 }],
];
const house = { url };
const chromium = new Chromium();

async function pictures(browser, [look, options], pages, isKnown) {
  const visit = await Visit.begin(browser, house, options);
  const page = await visit.page();
  if (isKnown && post) {
    await open(page, house, '/login');
    await logIn(page, post, password);
    await page.waitForURL(`${url}/`);
  }
  for (const [name, path] of pages) {
    await open(page, house, path);
    await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true });
    if (look === 'light') await page.pdf({ path: join(folder, `${name}.print.pdf`), preferCSSPageSize: true });
  }
  await visit.end();
}

try {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.start();
  for (const look of LOOKS) {
    await pictures(browser, look, PAGES, true);
    if (post) await pictures(browser, look, FOR_STRANGERS, false);
  }
} finally {
  await chromium.end();
}
