// Walks journeys through the pages in real Chromium. The first argument is a JSON object: the houses (see houses.mjs)
// and `folder`, which is removed at the end. Each line of the input names a journey; each line of the output tells how
// one went: {"journey", "failure" (null or text), "seconds"}. Ends, and all it started with it, when the input ends.
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { journeys } from './journeys/all.mjs';
import { Tour } from './tour.mjs';

const { folder, houses } = JSON.parse(process.argv[2]);
const tour = new Tour(houses);

async function walk(name) {
  const began = performance.now();
  let failure = null;
  try {
    if (name === 'names') failure = Object.keys(journeys).join(' ');
    else if (!journeys[name]) throw new Error('no journey has this name');
    else await journeys[name](tour);
  } catch (error) {
    failure = error.stack ?? String(error);
  }
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`${JSON.stringify({ journey: name, failure, seconds })}\n`);
}

async function end() {
  await tour.end();
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit();
}

createInterface({ input: process.stdin }).on('line', walk).on('close', end);
// Whoever listened may be gone before the end of this line: what was started is ended all the same.
process.stdout.on('error', () => {});
process.on('SIGTERM', end).on('SIGINT', end);
