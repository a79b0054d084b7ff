// The communications officer's way: searching, narrowing down, taking the result elsewhere, keeping a search.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { open } from '../visit.mjs';

/** Rows of a CSV file (RFC 4180). */
export function rowsOf(csv) {
  const cells = [...csv.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g)];
  const rows = [[]];
  for (const [, cell, after] of cells.slice(0, -1)) {
    rows.at(-1).push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (after !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

/** What a link downloads. */
export async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
  return readFile(await download.path(), 'utf8');
}

/** The posts as they stand on the page. */
export async function seen(page) {
  return page.locator('article.post').evaluateAll((posts) =>
    posts.map((post) => ({
      title: post.querySelector('h2')?.textContent ?? '',
      text: post.querySelector('p:not(.quiet)')?.textContent ?? '',
      time: post.querySelector('time').dateTime,
      group: post.querySelector('.quiet').textContent.split(' · ')[0],
      similar: Number(post.querySelector('.quiet').textContent.match(/相似 (\d+)/)?.[1] ?? 0),
      concerns: [...post.querySelectorAll('.tag')].map((tag) => tag.textContent.replace('关切：', '')),
      url: post.querySelector('a[rel=noreferrer]')?.href ?? null,
    })),
  );
}

async function total(page) {
  return Number((await page.locator('h1.total b').innerText()).replace(/\D/g, ''));
}

export async function a_search_is_narrowed_down_by_its_filters(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/');
  await page.getByRole('searchbox').fill('停水|水质 -广告');
  await page.getByRole('searchbox').press('Enter');
  await page.waitForURL('**/search?*');
  assert.match(await page.locator('.understood').innerText(), /停水 或 水质.* 不含 广告/);
  assert.equal(await page.locator('.chip.without').innerText(), '广告');
  const all = await total(page);
  const filters = page.getByRole('complementary', { name: '筛选' });
  const counted = {};
  for (const group of ['本地论坛', '微博']) {
    const box = filters.locator('label', { hasText: group });
    counted[group] = Number((await box.locator('.quiet').innerText()).replace(/\D/g, ''));
    await box.getByRole('checkbox').check();
  }
  const apply = () => Promise.all([page.waitForEvent('load'), filters.getByRole('button', { name: '应用' }).click()]);
  await apply();
  assert.match(await page.locator('.understood').innerText(), /信源为/);
  const both = counted['本地论坛'] + counted['微博'];
  assert.equal(await total(page), both, 'two filters find as many as they say');
  assert.ok(both < all);
  await filters.getByRole('checkbox', { name: '微博' }).uncheck();
  await apply();
  assert.equal(await total(page), counted['本地论坛']);
  assert.deepEqual([...new Set((await seen(page)).map((post) => post.group))], ['本地论坛']);
  assert.ok(await filters.getByRole('checkbox', { name: '本地论坛' }).isChecked());
  await filters.getByRole('radio', { name: '近 24 小时' }).check();
  await filters.getByRole('checkbox', { name: '合并相似' }).uncheck();
  await apply();
  await page.waitForURL('**since=24h**fold=no**');
  assert.ok((await total(page)) < counted['本地论坛']);
  assert.ok((await page.locator('article.post mark').count()) > 0, 'nothing is highlighted');
  for (const _ of [1, 2, 3]) await page.goBack();
  assert.equal(await total(page), all, 'each state is an address');
  await page.locator('.for-wide .chart a').last().click();
  await page.waitForURL('**from=**');
  assert.ok((await total(page)) < all, 'a bar of the chart narrows down');
  await visit.end();
}

export async function an_export_holds_what_is_on_the_screen(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/search?q=%E8%87%AA%E6%9D%A5%E6%B0%B4%7C%E5%81%9C%E6%B0%B4&since=7d');
  const posts = await seen(page);
  assert.ok(posts.length >= 10 && posts.some((post) => post.url) && posts.some((post) => post.similar), 'too plain');
  const csv = await downloaded(page, '导出 CSV');
  assert.equal(csv.codePointAt(0), 0xfeff, 'Excel needs the mark');
  const [head, ...rows] = rowsOf(csv.slice(1));
  assert.deepEqual(head, 'time,source,group,publisher,title,excerpt,similar,concerns,url'.split(','));
  assert.equal(rows.length, posts.length);
  const json = JSON.parse(await downloaded(page, '导出 JSON'));
  const listed = json.posts ?? json;
  assert.equal(listed.length, posts.length);
  posts.forEach((post, place) => {
    const [time, , group, , title, excerpt, similar, concerns, url] = rows[place];
    const one = listed[place];
    assert.deepEqual([time, group, title], [post.time, post.group, post.title]);
    assert.deepEqual([one.time, one.group, one.title], [post.time, post.group, post.title]);
    const text = post.text || post.title;
    assert.deepEqual([excerpt, concerns, url], [text, post.concerns.join('、'), post.url ?? '']);
    assert.deepEqual([one.excerpt, one.concerns, one.url], [text, post.concerns, post.url]);
    assert.deepEqual([Number(similar), one.similar], [post.similar || 1, post.similar || 1]);
  });
  await visit.end();
}

export async function a_search_is_kept_and_forgotten(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/search?q=%E8%AF%81%E6%98%8E&since=30d&fold=no');
  const found = await total(page);
  await page.locator('summary', { hasText: '保存这个搜索' }).click();
  await page.getByLabel('名称').fill('返岚证明');
  await page.getByRole('button', { name: '保存' }).click();
  await page.waitForURL('**/search**');
  await open(page, visit.house, '/search');
  await page.getByRole('link', { name: '返岚证明' }).click();
  await page.waitForURL('**since=30d**');
  assert.equal(await total(page), found);
  await page.getByRole('button', { name: '删除 返岚证明' }).click();
  await page.waitForURL('**/search**');
  await open(page, visit.house, '/search');
  assert.equal(await page.getByRole('link', { name: '返岚证明' }).count(), 0);
  await visit.end();
}

export async function a_word_list_is_tried_before_it_becomes_a_concern(tour) {
  const visit = await tour.visit('town');
  visit.context.setDefaultTimeout(120_000);
  const page = await visit.page();
  await open(page, visit.house, '/search?q=%E8%87%AA%E6%9D%A5%E6%B0%B4');
  await page.getByRole('link', { name: '转为关切' }).click();
  await page.waitForURL('**/concerns/new?**');
  assert.equal(await page.getByLabel('关切词').inputValue(), '自来水');
  await page.getByLabel('名称').fill('水管');
  await page.getByLabel('责任单位').selectOption('市水务集团');
  await page.getByLabel('关切词').fill('自来水 黄\n停水');
  await page.getByLabel('排除词').fill('桶装水');
  await page.getByRole('button', { name: '试算' }).click();
  await page.getByRole('heading', { name: '各条词对上的帖数' }).waitFor();
  assert.ok((await page.locator('.post').count()) > 0, 'no posts are shown');
  assert.ok((await page.locator('.list .level').count()) > 0, 'the week of the yellow water raised nothing');
  const snippet = await page.locator('pre').innerText();
  assert.match(snippet, /\[\[concern\]\]\nname\s+= "水管"/);
  assert.match(snippet, /"自来水 黄"/);
  await visit.end();
}

export async function the_settings_are_told_with_their_place_and_without_secrets(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/settings');
  const language = page.getByRole('row', { name: /语言/ });
  assert.match(await language.innerText(), /zh-CN[\s\S]*guanlan\.toml:\d+/);
  const text = await page.locator('main').innerText();
  assert.ok(!/@qinglan\.example/.test(text.replace(/from[^\n]*/g, '')), 'an address of somebody is shown');
  assert.equal(await page.locator('main form, main input, main button').count(), 0, 'it can be changed here');
  await visit.end();
}
