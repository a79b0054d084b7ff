// What axe-core finds on a page: WCAG 2.0 to 2.2, levels A and AA, and its best practice.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Everything that axe judges by these tags. */
export const ALL = { runOnly: { type: 'tag', values: TAGS } };
/** What another palette can change. */
export const COLOURS = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

/** Brings axe into every page of a visit, past the policy that forbids the pages other scripts. */
export async function withAxe(visit) {
  await visit.context.addInitScript(SOURCE);
}

/** Violations of the page as it stands, a line each. */
export async function violations(page, what = ALL) {
  const found = await page.evaluate((options) => axe.run(document, { ...options, resultTypes: ['violations'] }), what);
  if (found.passes.length + found.violations.length === 0) return ['axe judged nothing'];
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`),
  );
}
