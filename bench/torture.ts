/**
 * What Glimpse bears: each section does one kind of harm to the built bot and prints what came of it. The exit status is
 * 1 where a goal is missed. `--only NAME` runs one section.
 */
import { parseArgs } from 'node:util';
import type { TortureReport } from './torture/section.js';
import { SECTIONS } from './torture/sections.js';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = SECTIONS.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  const names = SECTIONS.map(({ name }) => `"${name}"`).join(', ');
  process.stderr.write(`There is no such section. There are: ${names}.\n`);
  process.exit(2);
}

let missed = 0;
console.log('| section | figure | measured | goal | |');
console.log('| --- | --- | --- | --- | --- |');
for (const section of chosen) {
  const report: TortureReport = {
    figure: (name, value, { goal, met }) => {
      missed += met ? 0 : 1;
      console.log(`| ${section.name} | ${name} | ${value} | ${goal} | ${met ? 'met' : 'MISSED'} |`);
    },
  };
  const started = performance.now();
  try {
    await section.run(report);
  } catch (error) {
    missed++;
    console.error(`The section "${section.name}" could not be finished.`, error);
  }
  process.stderr.write(`${section.name}: ${Math.round((performance.now() - started) / 1000)} s\n`);
}
process.exitCode = missed > 0 ? 1 : 0;
