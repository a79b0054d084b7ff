// What the journeys share: one browser, the houses, one session in each of them.
import { Chromium } from './chromium.mjs';
import { House } from './houses.mjs';
import { Visit, logIn, open } from './visit.mjs';

export class Tour {
  /** `houses`: by name, how each is started and entered. */
  constructor(houses) {
    this.chromium = new Chromium();
    this.houses = Object.fromEntries(Object.entries(houses).map(([name, house]) => [name, new House(house)]));
    this.once = new Map();
  }

  /** The value that `make` made when it was asked for first. */
  keep(name, make) {
    if (!this.once.has(name)) this.once.set(name, make());
    return this.once.get(name);
  }

  browser() {
    return this.keep('browser', () => this.chromium.start());
  }

  /** A visit of a stranger. */
  async stranger(name, options = {}) {
    await this.keep(`session ${name}`, () => this.session(name));
    return Visit.begin(await this.browser(), this.houses[name], options);
  }

  /** A visit of whoever is on duty, logged in. */
  async visit(name, options = {}) {
    const storageState = await this.keep(`session ${name}`, () => this.session(name));
    return this.stranger(name, { ...options, storageState });
  }

  /** A visit in the browser's own window, where tabs hide one another; one at a time. */
  async window(name) {
    const { cookies } = await this.keep(`session ${name}`, () => this.session(name));
    const [context] = (await this.browser()).contexts();
    await context.addCookies(cookies);
    return new Visit(context, this.houses[name], false);
  }

  /** Opens a house: its program runs; where that is asked for, somebody has logged in, and the newest counts have been judged. */
  async session(name) {
    const house = this.houses[name];
    const [browser] = await Promise.all([this.browser(), house.start()]);
    if (!house.post) return undefined;
    const visit = await Visit.begin(browser, house);
    const page = await visit.page();
    await open(page, house, '/login');
    await logIn(page, house.post, house.password);
    await page.waitForURL(`${house.url}/`);
    const began = performance.now();
    while ((await page.locator('article.alert').count()) === 0) {
      if (performance.now() - began > 60_000) throw new Error(`${name}: no alert ever stood on the overview`);
      await open(page, house, '/');
    }
    const state = await visit.context.storageState();
    await visit.end();
    return state;
  }

  async end() {
    for (const house of Object.values(this.houses)) house.end();
    await this.chromium.end();
  }
}
