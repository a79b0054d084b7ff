// Every journey by its name; tests/browser.rs has a test of the same name for each.
import * as access from './access.mjs';
import * as accessibility from './accessibility.mjs';

export const journeys = { ...access, ...accessibility };
