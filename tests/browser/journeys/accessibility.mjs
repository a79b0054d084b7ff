// What WCAG 2.2 AA asks of every page, and what the design asks besides.
import assert from 'node:assert/strict';
import { ALL, COLOURS, violations, withAxe } from '../axe.mjs';
import { colourAlone, dumbCharts, overflow } from '../layout.mjs';
import { AT_THE_DOOR, FOR_STRANGERS, FRESH, MISSING, PAGES, UNREADABLE } from '../pages.mjs';
import { DESK, NARROW, PHONE, open } from '../visit.mjs';

/** Every page, loaded once, as whoever is logged in and as a stranger: what each look at it found. */
async function sweep(tour) {
  const found = { light: [], dark: [], telephone: [], charts: [] };
  const visit = await tour.visit('town');
  visit.expects('status of 404');
  const page = await look(visit, PAGES, found);
  await open(page, visit.house, MISSING, 404);
  await lookAt(page, 'missing', found);
  visit.expects('status of 400');
  await open(page, visit.house, UNREADABLE, 400);
  assert.match(await page.locator('h1').innerText(), /打不开/);
  await lookAt(page, 'unreadable', found);
  await visit.end();
  const claims = tour.houses.odd.claims.map((path, place) => [`claim ${place}`, path]);
  for (const [house, pages] of [['town', FOR_STRANGERS], ['odd', claims], ['fresh', FRESH], ['door', AT_THE_DOOR]]) {
    const stranger = await tour.stranger(house);
    await look(stranger, pages, found);
    await stranger.end();
  }
  return found;
}

async function look(visit, pages, found) {
  await withAxe(visit);
  const page = await visit.page();
  for (const [name, path] of pages) {
    await open(page, visit.house, path);
    await lookAt(page, name, found);
  }
  return page;
}

async function lookAt(page, name, found) {
  const note = (kind, findings) => found[kind].push(...findings.map((finding) => `${name}: ${finding}`));
  note('charts', [...(await colourAlone(page)), ...(await dumbCharts(page))]);
  note('light', await violations(page, ALL));
  await page.emulateMedia({ colorScheme: 'dark' });
  note('dark', await violations(page, COLOURS));
  await page.emulateMedia({ colorScheme: 'light' });
  for (const size of [PHONE, NARROW]) {
    await page.setViewportSize(size);
    note('telephone', await overflow(page));
  }
  await page.setViewportSize(DESK);
}

/** One sweep is enough for all who ask. */
async function nothingFound(tour, kind) {
  const found = await tour.keep('sweep', () => sweep(tour));
  assert.deepEqual(found[kind], []);
}

export const axe_finds_nothing_in_light = (tour) => nothingFound(tour, 'light');
export const axe_finds_nothing_in_dark = (tour) => nothingFound(tour, 'dark');
export const nothing_sticks_out_of_a_telephone = (tour) => nothingFound(tour, 'telephone');

export async function levels_have_words_and_charts_have_names_and_tables(tour) {
  await nothingFound(tour, 'charts');
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/a/20261124-03');
  await page.getByText('以表格查看').first().click();
  const rows = page.locator('section', { hasText: '近 24 小时走势' }).locator('tbody tr');
  assert.ok((await rows.count()) >= 5, 'the table behind the chart is empty');
  await visit.end();
}

/** Sheets of A4 that a page may take. */
const SHEETS = { overview: 3, alerts: 2, alert: 3, concern: 3, report: 3, search: 3, digest: 2, week: 2, handover: 1, sources: 1 };

export async function pages_print_on_few_sheets_without_buttons(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  const found = [];
  for (const [name, path] of PAGES.filter(([known]) => SHEETS[known])) {
    // A page of its own: one whose medium was emulated prints otherwise than a reader's.
    const printed = await visit.page();
    await open(printed, visit.house, path);
    const paper = (await printed.pdf({ preferCSSPageSize: true })).toString('latin1');
    await printed.close();
    await open(page, visit.house, path);
    const sheets = Math.max(...[...paper.matchAll(/\/Count (\d+)/g)].map(([, count]) => Number(count)));
    if (sheets > SHEETS[name]) found.push(`${name}: ${sheets} sheets`);
    await page.emulateMedia({ media: 'print' });
    for (const control of await page.locator('button, .button, input, summary, nav').all()) {
      if (await control.isVisible()) found.push(`${name}: ${await control.evaluate((element) => element.outerHTML.slice(0, 90))}`);
    }
    await page.emulateMedia({ media: null });
  }
  assert.deepEqual(found, []);
  await visit.end();
}
