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

  /** A house whose program runs. */
  async house(name) {
    const house = this.houses[name];
    await this.keep(`house ${name}`, () => house.start());
    return house;
  }

  /** A visit of a stranger. */
  async stranger(name, options = {}) {
    const [browser, house] = await Promise.all([this.browser(), this.house(name)]);
    return Visit.begin(browser, house, options);
  }

  /** A visit of whoever is on duty, logged in. */
  async visit(name, options = {}) {
    const storageState = await this.keep(`session ${name}`, () => this.session(name));
    return this.stranger(name, { ...options, storageState });
  }

  async session(name) {
    const visit = await this.stranger(name);
    const page = await visit.page();
    await open(page, visit.house, '/login?next=%2Fdigests');
    await logIn(page, visit.house.post, visit.house.password);
    await page.waitForURL('**/digests');
    const state = await visit.context.storageState();
    await visit.end();
    return state;
  }

  async end() {
    for (const house of Object.values(this.houses)) house.end();
    await this.chromium.end();
  }
}
