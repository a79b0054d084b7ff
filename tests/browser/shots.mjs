// Takes pictures of every page: node tests/browser/shots.mjs URL FOLDER [NAME=VALUE…], where the names are
//   post, password   who looks, where an account is asked for
//   claim            the address behind the button of a mail
//   fresh, door      where an installation of this moment listens, and one that logs people in elsewhere
// NAME.light.png and NAME.dark.png (1240 wide), NAME.phone.png (375 wide), NAME.print.pdf (A4).
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chromium } from './chromium.mjs';
import { AT_THE_DOOR, FOR_STRANGERS, FRESH, MISSING, PAGES, UNREADABLE } from './pages.mjs';
import { DESK, PHONE, Visit, logIn, open } from './visit.mjs';

const [url, folder, ...named] = process.argv.slice(2);
const known = Object.fromEntries(named.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
const UNMADE = readFileSync(new URL('../../src/web/templates/unmade.html', import.meta.url), 'utf8');
const LOOKS = [
  ['light', { viewport: DESK, colorScheme: 'light' }],
  ['dark', { viewport: DESK, colorScheme: 'dark' }],
  ['phone', { viewport: PHONE, colorScheme: 'light', deviceScaleFactor: 2 }],
];
const chromium = new Chromium();

async function picture(page, name, look) {
  await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true });
  if (look === 'light') await page.pdf({ path: join(folder, `${name}.print.pdf`), preferCSSPageSize: true });
}

/** Pages of one house, then whatever else this visitor sees there. */
async function pictures(browser, [look, options], { house, pages, first = async () => {}, last = async () => {} }) {
  const visit = await Visit.begin(browser, { url: house }, options);
  visit.expects('status of');
  const page = await visit.page();
  await first(page);
  for (const [name, path] of pages) {
    await open(page, { url: house }, path);
    await picture(page, name, look);
  }
  await last(page, look);
  await visit.end();
}

async function entered(page) {
  if (!known.post) return;
  await open(page, { url }, '/login');
  await logIn(page, known.post, known.password);
  await page.waitForURL(`${url}/`);
}

/** What is shown when something is wrong: no such page, too many tries, a page that could not be made. */
async function errors(page, look) {
  await page.goto(url + MISSING);
  await picture(page, 'error-404', look);
  await page.goto(url + UNREADABLE);
  await picture(page, 'error-400', look);
  await page.route('**/unmade', (route) => route.fulfill({ body: UNMADE, contentType: 'text/html' }));
  await page.goto(`${url}/unmade`);
  await picture(page, 'error-500', look);
}

async function tooManyTries(page, look) {
  await page.goto(`${url}/login`);
  for (let tries = 0; tries < 12 && !(await page.getByText('试错的次数太多').count()); tries += 1) {
    await logIn(page, '没有这个岗位', `wrong ${tries}`);
    await page.getByRole('alert').waitFor();
  }
  await picture(page, 'error-429', look);
}

try {
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.start();
  const claim = known.claim ? [['claim', known.claim]] : [];
  const visitors = [
    { house: url, pages: PAGES, first: entered, last: errors },
    known.claim && { house: url, pages: claim },
    known.post && { house: url, pages: FOR_STRANGERS, last: tooManyTries },
    known.fresh && { house: known.fresh, pages: FRESH },
    known.door && { house: known.door, pages: AT_THE_DOOR },
  ];
  for (const visitor of visitors.filter(Boolean)) {
    for (const look of LOOKS) await pictures(browser, look, visitor);
  }
} finally {
  await chromium.end();
}
