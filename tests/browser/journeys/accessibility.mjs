// What WCAG 2.2 AA asks of every page.
import assert from 'node:assert/strict';
import { violations, withAxe } from '../axe.mjs';
import { open } from '../visit.mjs';

const PAGES = ['/'];

async function axeFindsNothing(tour, colorScheme) {
  const visit = await tour.visit('town', { colorScheme });
  await withAxe(visit);
  const page = await visit.page();
  const found = [];
  for (const path of PAGES) {
    await open(page, visit.house, path);
    found.push(...(await violations(page)).map((violation) => `${path}: ${violation}`));
  }
  assert.deepEqual(found, []);
  await visit.end();
}

export const axe_finds_nothing_in_light = (tour) => axeFindsNothing(tour, 'light');
export const axe_finds_nothing_in_dark = (tour) => axeFindsNothing(tour, 'dark');
