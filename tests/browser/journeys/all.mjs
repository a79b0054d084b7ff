// Every journey by its name; tests/browser.rs has a test of the same name for each.
import * as access from './access.mjs';
import * as accessibility from './accessibility.mjs';
import * as duty from './duty.mjs';
import * as hostile from './hostile.mjs';
import * as keys from './keys.mjs';
import * as search from './search.mjs';

const written = { ...access, ...accessibility, ...duty, ...hostile, ...keys, ...search };
// What journeys share has a name in one word.
export const journeys = Object.fromEntries(Object.entries(written).filter(([name]) => name.includes('_')));
