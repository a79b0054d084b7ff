// A visit: a browser context of its own at one house, which notices everything that must never happen: a request to
// another host, a script that runs or is refused, an error in the console, a dialogue.
import assert from 'node:assert/strict';

/** Widths of the pages: a desk, a telephone, and the narrowest that WCAG 2.2 wants (1.4.10). */
export const DESK = { width: 1240, height: 900 };
export const PHONE = { width: 375, height: 760 };
export const NARROW = { width: 320, height: 640 };

const PATIENCE = 30_000;

export class Visit {
  /** `options` are those of playwright's browser contexts. */
  static async begin(browser, house, options = {}) {
    const context = await browser.newContext({ viewport: DESK, locale: 'zh-CN', ...options });
    return new Visit(context, house, true);
  }

  /** The browser's first window is not the visit's own: without it the browser would end. */
  constructor(context, house, isOwn) {
    Object.assign(this, { context, house, isOwn, pages: [], requests: 0, wrong: [], expected: [] });
    context.setDefaultTimeout(PATIENCE);
    context.on('request', (request) => this.asked(request));
    context.on('console', (message) => this.heard(message));
    context.on('weberror', (error) => this.wrong.push(`error: ${error.error()}`));
    context.on('dialog', (dialog) => {
      this.wrong.push(`dialogue: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
  }

  asked(request) {
    this.requests += 1;
    if (new URL(request.url()).origin !== this.house.url) this.wrong.push(`request to ${request.url()}`);
  }

  heard(message) {
    const text = message.text();
    const is_expected = this.expected.some((part) => text.includes(part));
    if (['error', 'warning', 'assert'].includes(message.type()) && !is_expected) {
      this.wrong.push(`console: ${text} (${message.location().url})`);
    }
  }

  /** Chromium tells of every answer above 399; of this one the journey knows. */
  expects(part) {
    this.expected.push(part);
  }

  async page() {
    const page = await this.context.newPage();
    this.pages.push(page);
    return page;
  }

  async end() {
    await Promise.all(this.pages.map((page) => page.close()));
    if (this.isOwn) await this.context.close();
    assert.deepEqual(this.wrong, [], 'what must never happen');
    assert.ok(this.requests > 0, 'nothing was asked for');
  }
}

/** Opens a page of the house; every page answers 200 unless said otherwise. */
export async function open(page, house, path, status = 200) {
  const answer = await page.goto(house.url + path);
  assert.equal(answer.status(), status, path);
}

/** Types name and password into the login page that is shown. */
export async function logIn(page, post, password) {
  await page.getByLabel('账号').fill(post);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录' }).click();
}
