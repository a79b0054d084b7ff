// Without a mouse, and while time goes by.
import assert from 'node:assert/strict';
import { open } from '../visit.mjs';

/** What has the focus, as a screen reader would name it. */
async function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    return (at.getAttribute('aria-label') ?? at.innerText ?? '').trim().replace(/\s+/g, ' ') || at.localName;
  });
}

export async function everything_is_reached_by_the_keyboard(tour) {
  const visit = await tour.stranger('town');
  const page = await visit.page();
  await open(page, visit.house, '/login?next=%2F');
  await page.keyboard.type(visit.house.post);
  await page.keyboard.press('Tab');
  await page.keyboard.type(visit.house.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${visit.house.url}/`);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), '跳到正文');
  assert.ok((await page.locator('.skip').boundingBox()).x >= 0, 'whoever tabs does not see the skip link');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.querySelector('main').contains(document.activeElement)), 'not skipped');
  await reload(page);
  const order = [];
  while (order.at(-1) !== 'main') {
    await page.keyboard.press('Tab');
    const inMain = await page.evaluate(() => document.querySelector('main').contains(document.activeElement));
    order.push(inMain ? 'main' : await focused(page));
    assert.ok(order.length < 30, order.join(', '));
    assert.ok(inMain || (await outlined(page)), `no focus is seen on ${order.at(-1)}`);
  }
  const expected = ['跳到正文', /观澜/, '总览', '关切', '搜索', /预警/, '日报', /交接/, '信源', '设置', /搜索/, 'English', /操作记录/, '退出', 'main'];
  expected.forEach((name, place) => assert.match(order[place], new RegExp(name), order.join(', ')));
  await visit.end();
}

async function reload(page) {
  await page.goto(page.url().split('#')[0]);
}

async function outlined(page) {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
}

export async function keys_search_go_and_help(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/sources?lang=en');
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  assert.match(await page.getByRole('dialog').innerText(), /g o/);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  assert.ok(await page.getByRole('searchbox').evaluate((box) => box === document.activeElement));
  await page.keyboard.type('g o ? /');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'g o ? /', 'keys act while somebody types');
  await page.locator('h1').click();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await page.waitForURL(`${visit.house.url}/?lang=en`);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForURL(`${visit.house.url}/alerts?lang=en`);
  await visit.end();
}

/** Counts how often a page refreshes itself. */
function refreshes(page) {
  const counted = { seen: 0 };
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch') counted.seen += 1;
  });
  return counted;
}

const isRefresh = (answer) => answer.request().resourceType() === 'fetch';

export async function a_refresh_keeps_the_focus_and_what_is_being_read(tour) {
  const [visit, desk] = await Promise.all([tour.visit('town'), tour.visit('town')]);
  const page = await visit.page();
  await page.clock.install();
  await open(page, visit.house, '/alerts');
  const link = page.locator('article', { hasText: '供水水质' }).getByRole('link', { name: '静默' });
  await link.focus();
  const before = await page.evaluate(() => document.activeElement.getAttribute('href'));
  const watching = await visit.page();
  await open(watching, visit.house, '/a/20261124-01');
  // It has neither a name nor an address.
  await watching.locator('summary', { hasText: '写备注' }).focus();
  const other = await desk.page();
  await open(other, desk.house, '/a/20261124-01');
  await other.getByRole('button', { name: '认领处置' }).click();
  await other.locator('.title .tag', { hasText: '已认领' }).waitFor();
  assert.equal(await page.locator('article', { hasText: '供水水质' }).getByText('认领处置').count(), 1);
  await Promise.all([page.waitForResponse(isRefresh), page.clock.fastForward(60_000)]);
  await page.locator('article', { hasText: '供水水质' }).getByText('认领处置').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), before, 'the focus is lost');
  await watching.locator('#take').waitFor({ state: 'detached' });
  assert.equal(await focused(watching), '写备注', 'the focus is lost where it has no name');
  await watching.close();
  await open(page, visit.house, '/c/%E4%BE%9B%E6%B0%B4%E6%B0%B4%E8%B4%A8');
  const table = page.locator('[data-live="chart"] details');
  await table.locator('summary').click();
  await other.locator('summary', { hasText: '写备注' }).click();
  await other.locator('#note textarea').fill('管网已查');
  await other.locator('#note button').click();
  await other.locator('.log', { hasText: '管网已查' }).waitFor();
  await page.clock.fastForward(60_000);
  await page.locator('.log', { hasText: '管网已查' }).waitFor();
  assert.ok(await table.evaluate((element) => element.open), 'a table that is being read is closed');
  // What is read is renewed all the same, and a page that cannot be renewed says so.
  await open(page, visit.house, '/');
  await page.locator('main summary').first().click();
  const [fragment, note] = [page.locator('[data-live="overview"]'), page.locator('#stale')];
  await fragment.evaluate((element) => element.append('as it was before'));
  await Promise.all([page.waitForResponse(isRefresh), page.clock.fastForward(60_000)]);
  await fragment.getByText('as it was before').waitFor({ state: 'detached' });
  assert.ok(await page.locator('main details').first().evaluate((element) => element.open));
  assert.equal(await note.isVisible(), false);
  visit.expects('net::ERR_FAILED');
  await page.route('**/*', (route) => route.abort());
  for (let time = 0; time < 2; time += 1) {
    await Promise.all([page.waitForEvent('requestfailed'), page.clock.fastForward(60_000)]);
  }
  await note.waitFor();
  await page.unroute('**/*');
  await Promise.all([page.waitForResponse(isRefresh), page.clock.fastForward(60_000)]);
  await note.waitFor({ state: 'hidden' });
  await Promise.all([visit.end(), desk.end()]);
}

/** In the browser's own window, where another tab hides this one, as for any user. */
export async function a_page_in_a_tab_behind_asks_for_nothing_and_catches_up_in_front(tour) {
  const visit = await tour.window('town');
  const [page, other] = [await visit.page(), await visit.page()];
  await page.clock.install();
  await page.bringToFront();
  await open(page, visit.house, '/');
  const counted = refreshes(page);
  await Promise.all([page.waitForResponse(isRefresh), page.clock.fastForward(60_000)]);
  assert.equal(counted.seen, 1);
  await other.bringToFront();
  while (await page.evaluate(() => !document.hidden));
  await page.clock.fastForward(600_000);
  assert.equal(counted.seen, 1, 'it asks while nobody sees it');
  await Promise.all([page.waitForResponse(isRefresh), page.bringToFront()]);
  assert.equal(counted.seen, 2);
  await visit.end();
}
