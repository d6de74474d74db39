import { Command } from 'commander';
import { readConfig } from '../config.js';
import type { Finding } from './doctor/finding.js';

const MARKS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const satisfies Record<
  Finding['verdict'],
  string
>;

/** `glimpse doctor`: what works on this machine, what does not, and the mend. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('tell what works on this machine, what does not, and how to mend it')
    .action(async () => {
      const { examine } = await import('./doctor/examine.js');
      let problems = 0;
      for await (const { name, finding } of examine(readConfig())) {
        problems += finding.verdict === 'problem' ? 1 : 0;
        process.stdout.write(`${MARKS[finding.verdict]}  ${name}: ${finding.says}\n`);
        if (finding.mend !== undefined) {
          process.stdout.write(`         ${finding.mend}\n`);
        }
      }
      process.exitCode = problems === 0 ? 0 : 1;
    });
}
