import { Command } from 'commander';
import { readConfig } from '../config.js';
import { UserError } from '../errors.js';
import { discordChecks } from './doctor/discord-checks.js';
import type { Check, Finding } from './doctor/finding.js';
import { labelsCheck, machineCheck, monitoringCheck, nodeCheck } from './doctor/machine-checks.js';
import { modelCheck } from './doctor/model-check.js';

const MARKS = { ok: 'ok     ', note: 'note   ', problem: 'PROBLEM' } as const satisfies Record<
  Finding['verdict'],
  string
>;

/** `glimpse doctor`: what works on this machine, what does not, and the mend. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('tell what works on this machine, what does not, and how to mend it')
    .action(async () => {
      const config = readConfig();
      const checks = [
        nodeCheck,
        machineCheck,
        modelCheck(config),
        labelsCheck,
        ...discordChecks(config.discord),
        monitoringCheck(config.monitoring),
      ];
      let problems = 0;
      for (const check of checks) {
        const finding = await look(check);
        problems += finding.verdict === 'problem' ? 1 : 0;
        process.stdout.write(`${MARKS[finding.verdict]}  ${check.name}: ${finding.says}\n`);
        if (finding.mend !== undefined) {
          process.stdout.write(`         ${finding.mend}\n`);
        }
      }
      process.exitCode = problems === 0 ? 0 : 1;
    });
}

async function look(check: Check): Promise<Finding> {
  try {
    return await check.look();
  } catch (error) {
    if (error instanceof UserError) {
      return { verdict: 'problem', says: error.message };
    }
    return {
      verdict: 'problem',
      says: `An unexpected fault: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
