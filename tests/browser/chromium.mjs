// One real Chromium, in the profile of nobody. It is started by us rather than by playwright: only pages of its own
// window may be hidden as a user hides them, by another tab in front.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-default-browser-check',
  '--disable-background-networking', '--hide-scrollbars', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  // Whatever asked for another host would not get there; the tests see that it asked.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--remote-debugging-port=0', 'about:blank',
];

export class Chromium {
  async start() {
    this.profile = mkdtempSync(join(tmpdir(), 'guanlan-chromium-'));
    const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
    this.child = spawn(program, [`--user-data-dir=${this.profile}`, ...FLAGS], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said = [];
    const address = await new Promise((resolve, reject) => {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        said.push(line);
        const found = line.match(/listening on (ws:\S+)/);
        if (found) resolve(found[1]);
      });
      this.child.on('error', () => reject(new Error(`${program} cannot be started: run .ci/test once`)));
      this.child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said.join('\n')}`)));
    });
    this.browser = await chromium.connectOverCDP(address, { noDefaults: true });
    return this.browser;
  }

  /** Closes it, and removes its profile when nobody writes there any more. */
  async end() {
    if (!this.child) return;
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    if (this.child.exitCode === null) {
      const orders = this.browser && (await this.browser.newBrowserCDPSession().catch(() => null));
      if (orders) orders.send('Browser.close').catch(() => {});
      else this.child.kill('SIGKILL');
      await ended;
    }
    await rm(this.profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
