// Coming in and going out.
import assert from 'node:assert/strict';
import { logIn, open } from '../visit.mjs';

export async function a_wrong_password_is_refused_and_the_right_one_opens_the_page_asked_for(tour) {
  const visit = await tour.stranger('town');
  const page = await visit.page();
  await page.goto(`${visit.house.url}/a/20261124-03`);
  assert.match(page.url(), /\/login\?next=%2Fa%2F20261124-03$/);
  visit.expects('status of 401');
  await logIn(page, visit.house.post, 'not the password at all');
  assert.match(await page.getByRole('alert').innerText(), /账号或密码不对/);
  assert.equal(await page.getByLabel('账号').inputValue(), visit.house.post);
  assert.equal(await page.getByLabel('密码').inputValue(), '', 'a password is shown again');
  await logIn(page, visit.house.post, visit.house.password);
  await page.waitForURL('**/a/20261124-03');
  assert.equal(await page.locator('h1').innerText(), '数据公布');
  await page.getByRole('button', { name: '退出' }).click();
  await page.waitForURL('**/login**');
  await page.goto(`${visit.house.url}/alerts`);
  assert.match(page.url(), /\/login\?next=%2Falerts$/, 'whoever has left is still in');
  await visit.end();
}
