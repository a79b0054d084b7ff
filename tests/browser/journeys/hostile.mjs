// Texts that want to be more than text. The house `odd` has them in its posts, in the names of a concern, of sources
// and of groups (tests/support/browser.rs); here they are typed into every field as well.
import assert from 'node:assert/strict';
import { overflow } from '../layout.mjs';
import { PAGES } from '../pages.mjs';
import { PHONE, open } from '../visit.mjs';
import { downloaded, rowsOf } from './search.mjs';

const SCRIPT = '<script>alert(1)</script>';
const HANDLER = '"\'><img src=x onerror=alert(2)><svg onload=alert(3)>';
const RIGHT_TO_LEFT = '\u202e\u2067gnilaes\u200f\u061c';
const ZALGO = `z${'\u0335\u0321\u0349'.repeat(40)}algo`;
const FORMULA = "=cmd|' /C calc'!A0";
const ESCAPES = '\u001b[31mred\u001b[0m\u0007\u009b2J';
const LONG = 'W'.repeat(10_000);
/** As wide as the text of an A4 page. */
const PAPER = { width: 688, height: 1000 };
/** Characters that turn, hide or steer what stands around them. */
const SIGNS = /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const ALL = [SCRIPT, HANDLER, RIGHT_TO_LEFT, ZALGO, FORMULA, ESCAPES].join(' ');

/** Elements that only somebody's text can have made, and signs that change what stands around them; a line each. */
async function acting(page) {
  return page.evaluate((signs) => {
    const found = [];
    const strange = 'main script, img, iframe, object, embed, main style, main b[onclick], [onerror], [onload]';
    for (const element of document.querySelectorAll(strange)) found.push(`made: ${element.outerHTML.slice(0, 80)}`);
    for (const link of document.querySelectorAll('a[href]')) {
      const to = new URL(link.getAttribute('href'), location);
      if (!/^https?:$/.test(to.protocol)) found.push(`leads to ${String(to).slice(0, 80)}`);
    }
    const sign = document.documentElement.textContent.match(new RegExp(signs));
    if (sign) found.push(`a sign that acts: U+${sign[0].codePointAt(0).toString(16)} ${place(sign[0])}`);
    function place(character) {
      const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        if (walker.currentNode.data.includes(character)) return walker.currentNode.parentElement.outerHTML.slice(0, 160);
      }
      return '';
    }
    return found;
  }, SIGNS.source);
}

/** Every page of the odd house, loaded once: what was found on a telephone's screen and on paper. */
async function sweep(tour) {
  const found = { screen: [], paper: [], seen: 0 };
  const visit = await tour.visit('odd', { viewport: PHONE });
  const page = await visit.page();
  for (const [name, path] of PAGES) {
    const note = (kind, findings) => found[kind].push(...findings.map((finding) => `${name}: ${finding}`));
    await open(page, visit.house, path);
    found.seen += (await page.locator('main').innerText()).split(SCRIPT).length - 1;
    note('screen', [...(await acting(page)), ...(await overflow(page))]);
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize(PAPER);
    note('paper', await overflow(page));
    const paper = await page.pdf({ preferCSSPageSize: true });
    if (paper.length < 5_000) note('paper', ['nothing was printed']);
    await page.emulateMedia({ media: null });
    await page.setViewportSize(PHONE);
  }
  await visit.end();
  return found;
}

export async function hostile_text_is_text_on_every_page_and_fits_a_telephone(tour) {
  const { screen, seen } = await tour.keep('odd sweep', () => sweep(tour));
  assert.deepEqual(screen, []);
  assert.ok(seen > 10, `the pages hold the text only ${seen} times: this proves nothing`);
}

export async function hostile_text_is_text_on_paper(tour) {
  const { paper } = await tour.keep('odd sweep', () => sweep(tour));
  assert.deepEqual(paper, []);
}

export async function hostile_text_is_text_in_exports(tour) {
  const visit = await tour.visit('odd');
  const page = await visit.page();
  await open(page, visit.house, '/search?q=%E5%85%AC%E5%91%8A%E5%A6%82%E4%B8%8B&fold=no&since=24h');
  const csv = await downloaded(page, '导出 CSV');
  const rows = rowsOf(csv.slice(1));
  assert.ok(rows.length > 5);
  for (const row of rows) assert.equal(row.length, rows[0].length, `a cell broke its row: ${row}`);
  for (const cell of rows.flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r]/, 'a formula');
  assert.ok(rows.flat().some((cell) => cell.startsWith("'=cmd")), 'no formula was there to be disarmed');
  assert.doesNotMatch(csv, SIGNS, 'a sign that acts');
  const json = await downloaded(page, '导出 JSON');
  const { posts } = JSON.parse(json);
  const titles = posts.map((post) => post.title);
  for (const { title, excerpt } of posts) assert.doesNotMatch(title + excerpt, SIGNS, 'a sign that acts');
  assert.ok(titles.some((title) => title.includes(SCRIPT)), 'JSON has the words as they were written');
  await visit.end();
}

export async function what_somebody_types_is_text_in_every_field(tour) {
  const visit = await tour.visit('odd', { viewport: PHONE });
  const page = await visit.page();
  const found = [];
  const look = async (what) => {
    found.push(...(await acting(page)).map((one) => `${what}: ${one}`));
    found.push(...(await overflow(page)).map((one) => `${what}: ${one}`));
  };
  const fill = async (form, fields) => {
    await open(page, visit.house, `/a/20261124-03?form=${form}`);
    for (const [name, text] of Object.entries(fields)) {
      // Longer than the form allows: whoever forges one is not held up by it.
      await page.locator(`#${form} [name=${name}]`).evaluate((field, value) => {
        field.removeAttribute('maxlength');
        field.value = value;
      }, text);
    }
    await Promise.all([page.waitForEvent('load'), page.locator(`#${form} button`).click()]);
    await look(form);
  };
  visit.expects('status of 422');
  await fill('note', { text: ALL });
  await fill('note', { text: LONG });
  await fill('answer', { by: `${SCRIPT}${RIGHT_TO_LEFT}`, url: 'https://www.qinglan.example/"><script>alert(4)</script>' });
  await fill('answer', { by: LONG, url: 'https://www.qinglan.example/x' });
  await fill('answer', { by: '市卫健委', url: 'https://www.qinglan.example/x', at: '2020-01-01 10:00' });
  assert.match(await page.locator('main').innerText(), /最多比预警早 30 天/);
  await fill('mute', { reason: ALL });
  await fill('false-alarm', { reason: ALL });
  for (const path of ['/a/20261124-03', '/alerts?show=false', '/audit', '/handover', '/']) {
    await open(page, visit.house, path);
    await look(path);
  }
  assert.deepEqual(found, []);
  await open(page, visit.house, '/a/20261124-03');
  assert.ok((await page.locator('.log').innerText()).includes(SCRIPT), 'the note is not shown as it was written');
  await visit.end();
}

export async function whatever_is_searched_for_is_text(tour) {
  const visit = await tour.visit('odd', { viewport: PHONE });
  const page = await visit.page();
  const found = [];
  for (const query of [SCRIPT, HANDLER, RIGHT_TO_LEFT, ZALGO, FORMULA, ESCAPES, 'W'.repeat(900), `信源:${HANDLER}`, '(((((']) {
    await open(page, visit.house, `/search?q=${encodeURIComponent(query)}`);
    const shown = query.slice(0, 12);
    found.push(...(await acting(page)).map((one) => `${shown}: ${one}`));
    found.push(...(await overflow(page)).map((one) => `${shown}: ${one}`));
  }
  await open(page, visit.house, `/concerns/new?name=${encodeURIComponent(ALL)}&words=${encodeURIComponent(`${ALL}\n${LONG}`)}`);
  found.push(...(await acting(page)).map((one) => `trial: ${one}`));
  found.push(...(await overflow(page)).map((one) => `trial: ${one}`));
  await open(page, visit.house, '/search?q=%E6%95%B0%E6%8D%AE');
  await page.locator('summary', { hasText: '保存这个搜索' }).click();
  await page.getByLabel('名称').fill(`${SCRIPT}${RIGHT_TO_LEFT}`);
  await page.getByRole('button', { name: '保存' }).click();
  await open(page, visit.house, '/search');
  assert.match(await page.locator('main').innerText(), /<script>alert\(1\)/);
  found.push(...(await acting(page)).map((one) => `kept: ${one}`));
  visit.expects('status of 404');
  await open(page, visit.house, `/${encodeURIComponent(HANDLER)}?lang=${encodeURIComponent(SCRIPT)}`, 404);
  found.push(...(await acting(page)).map((one) => `missing: ${one}`));
  assert.deepEqual(found, []);
  await visit.end();
}
