import { SlashCommandBuilder, type RESTPostAPIChatInputApplicationCommandsJSONBody } from 'discord.js';
import type { Translate } from '../locales/locales.js';
import type { Task } from '../task.js';
import { EVERYWHERE } from './definition.js';
import { describeTo } from './localisation.js';
import { PICTURE_COMMANDS } from './picture-commands.js';

/** How the bot is doing. */
export interface Status {
  /** The name of the checkpoint's folder. */
  readonly model: string;
  /** What the model runs on and how its weights are stored, such as `cpu, q4`. */
  readonly provider: string;
  readonly waiting: number;
  readonly running: number;
  /** Of the recent answers to each kind of task, in milliseconds. */
  readonly medians: Partial<Readonly<Record<Task['kind'], number>>>;
  readonly startedAt: Date;
  readonly workerRestarts: number;
  /** Resident memory of the gateway process. Bytes. */
  readonly gatewayMemory: number;
}

/** `/status`, which answers the owner alone. */
export const STATUS: RESTPostAPIChatInputApplicationCommandsJSONBody = describeTo(
  new SlashCommandBuilder(),
  (t) => ({
    name: t('commands.status.name'),
    description: t('commands.status.description'),
  }),
)
  .setIntegrationTypes(EVERYWHERE.integrations)
  .setContexts(EVERYWHERE.contexts)
  // In servers, Discord shows it to administrators only; the owner of the bot sees it in direct messages too.
  .setDefaultMemberPermissions(0)
  .toJSON();

/** The status as Discord markdown. */
export function statusReport(status: Status, t: Translate): string {
  const medians = Object.values(PICTURE_COMMANDS).flatMap(({ kind }) => {
    const milliseconds = status.medians[kind];
    const task = `/${t(`commands.${kind}.name`)}`;
    return milliseconds === undefined
      ? []
      : [t('status.time', { task, seconds: Math.round(milliseconds / 100) / 10 })];
  });
  const started = Math.floor(status.startedAt.getTime() / 1000);
  const lines = [
    [t('status.model'), `\`${status.model.replaceAll('`', '')}\``],
    [t('status.provider'), status.provider],
    [t('status.queue'), t('status.queueState', { waiting: status.waiting, running: status.running })],
    [t('status.times'), medians.join(t('answers.separator')) || t('status.noTimes')],
    [t('status.uptime'), `<t:${started}:R>`],
    [t('status.restarts'), String(status.workerRestarts)],
    [t('status.memory'), `${Math.round(status.gatewayMemory / 2 ** 20)} MiB`],
  ] as const;
  return lines.map(([name, value]) => t('status.line', { name, value })).join('\n');
}
