#!/usr/bin/env node
import { report, watchOutput } from './cli/report.js';

watchOutput();
try {
  // Loaded here: what can't be loaded on this machine is to be told in a sentence as well.
  const { makeProgram } = await import('./cli/program.js');
  await makeProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
