import type { Config } from '../../config.js';
import { UserError } from '../../errors.js';
import { explainMachineError } from '../../machine-errors.js';
import { discordChecks } from './discord-checks.js';
import type { Check, Finding } from './finding.js';
import { labelsCheck, machineCheck, monitoringCheck, nativePartsCheck, nodeCheck } from './machine-checks.js';
import { choiceCheck, modelCheck } from './model-check.js';
import { waitingCheck } from './waiting-check.js';

/** All checks one after another, each with what it found. */
export async function* examine(config: Config): AsyncGenerator<{ name: string; finding: Finding }> {
  const checks = [
    nodeCheck,
    nativePartsCheck,
    machineCheck,
    choiceCheck(config),
    modelCheck(config),
    labelsCheck,
    ...discordChecks(config.discord),
    waitingCheck(config.limits),
    monitoringCheck(config.monitoring),
  ];
  for (const check of checks) {
    yield { name: check.name, finding: await look(check) };
  }
}

async function look(check: Check): Promise<Finding> {
  try {
    return await check.look();
  } catch (error) {
    const told = explainMachineError(error);
    if (told instanceof UserError) {
      return { verdict: 'problem', says: told.message };
    }
    return {
      verdict: 'problem',
      says: `An unexpected fault: ${told instanceof Error ? told.message : String(told)}`,
    };
  }
}
