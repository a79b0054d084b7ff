// The duty officer's way: from the overview to an alert, taking it, recording an answer.
import assert from 'node:assert/strict';
import { logIn, open } from '../visit.mjs';

export async function an_alert_is_seen_taken_and_answered(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/');
  const card = page.locator('article', { has: page.getByRole('heading', { name: '数据公布' }) });
  const numbers = await card.locator('.numbers').innerText();
  await card.getByRole('link', { name: '数据公布' }).click();
  await page.waitForURL('**/a/20261124-03');
  const finding = await page.locator('.finding').innerText();
  const posts = numbers.match(/\d+ 帖/)[0];
  assert.ok(finding.includes(posts), `${finding} and ${numbers} are not the same`);
  await page.getByRole('button', { name: '认领处置' }).click();
  await page.locator('.log', { hasText: '值班室' }).waitFor();
  assert.equal(await page.locator('.title .tag').innerText(), '已认领');
  assert.equal(await page.getByRole('button', { name: '认领处置' }).count(), 0, 'it can be taken twice');
  await page.locator('summary', { hasText: '登记回应' }).click();
  await page.getByLabel('谁回应的').fill('市卫健委');
  await page.getByRole('textbox', { name: '网址' }).fill('https://www.qinglan.example/tongbao/1124');
  await page.locator('#answer').getByRole('button', { name: '登记' }).click();
  await page.locator('.title .tag', { hasText: '已回应' }).waitFor();
  const log = await page.locator('.log').innerText();
  assert.match(log, /市卫健委/, log);
  await page.locator('summary', { hasText: '撤回回应' }).click();
  await page.locator('#withdraw').getByLabel('原因').fill('登记错了，发布的是另一件事');
  await page.locator('#withdraw button').click();
  await page.locator('.title .tag', { hasText: '已认领' }).waitFor();
  assert.equal(await page.locator('#withdraw').count(), 0, 'nothing is left to withdraw');
  await page.locator('summary', { hasText: '登记回应' }).click();
  visit.expects('status of 422');
  await page.locator('#answer').getByRole('button', { name: '登记' }).click();
  await page.getByText('要给出回应的依据').waitFor();
  await page.getByRole('link', { name: '回到这项预警' }).click();
  await page.waitForURL('**/a/20261124-03');
  await open(page, visit.house, '/a/20261124-03?form=answer');
  await page.getByLabel('口头或线下回应').check();
  await page.locator('#answer').getByRole('button', { name: '登记' }).click();
  await page.locator('.title .tag', { hasText: '已回应' }).waitFor();
  await open(page, visit.house, '/audit');
  const deeds = await page.locator('tbody').innerText();
  assert.match(deeds, /值班室\s+认领\s+20261124-03/);
  await visit.end();
}

export async function the_main_way_needs_no_script(tour) {
  const visit = await tour.stranger('town', { javaScriptEnabled: false });
  const page = await visit.page();
  await page.goto(`${visit.house.url}/`);
  await logIn(page, visit.house.post, visit.house.password);
  await page.getByRole('link', { name: '返岚人员政策' }).first().click();
  await page.waitForURL(/\/a\/20261124-02|\/c\//);
  await open(page, visit.house, '/alerts');
  const row = page.locator('article', { hasText: '返岚人员政策' });
  await row.getByRole('link', { name: '登记回应' }).click();
  assert.ok(await page.getByLabel('谁回应的').isVisible(), 'the form is not open');
  await page.getByLabel('谁回应的').fill('市卫健委');
  await page.getByRole('textbox', { name: '网址' }).fill('https://www.qinglan.example/fanlan');
  await page.locator('#answer').getByRole('button', { name: '登记' }).click();
  await page.locator('.title .tag', { hasText: '已回应' }).waitFor();
  await page.locator('summary', { hasText: '写备注' }).click();
  await page.locator('#note textarea').fill('已转市卫健委核实口径');
  await page.locator('#note button').click();
  await page.locator('.log', { hasText: '已转市卫健委核实口径' }).waitFor();
  await page.getByRole('searchbox').fill('自来水');
  await page.getByRole('searchbox').press('Enter');
  await page.waitForURL('**/search?q=*');
  assert.ok((await page.locator('article.post').count()) > 3);
  await page.getByText('以表格查看').first().click();
  assert.ok(await page.locator('details[open] tbody tr').first().isVisible());
  await visit.end();
}

export async function another_language_is_one_click_away_and_stays(tour) {
  const visit = await tour.visit('town');
  const page = await visit.page();
  await open(page, visit.house, '/a/20261124-01');
  await page.getByRole('link', { name: 'English' }).click();
  await page.waitForURL('**/a/20261124-01?lang=en');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.equal(await page.locator('h1').innerText(), '供水水质 (Tap water)');
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.waitForURL('**/alerts?lang=en');
  await page.getByRole('searchbox').fill('停水');
  await page.getByRole('searchbox').press('Enter');
  await page.waitForURL(/\/search\?.*lang=en/);
  assert.match(await page.locator('.understood').innerText(), /^Understood as/);
  await page.getByRole('link', { name: '中文' }).click();
  await page.waitForURL((address) => !address.search.includes('lang=en'));
  assert.match(await page.locator('.understood').innerText(), /^系统理解为/);
  await visit.end();
}
