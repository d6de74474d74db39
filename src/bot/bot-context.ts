import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Status } from '../commands/status.js';
import type { JobQueue } from '../inference/queue.js';
import type { Metrics } from '../monitoring/metrics.js';
import type { Cooldown } from './cooldown.js';
import type { DownloadSlots } from './download-slots.js';
import type { FirstResponses } from './first-responses.js';
import type { InteractionOrigins } from './interaction-origins.js';
import type { Owners } from './owners.js';
import type { PendingPictures } from './pending-pictures.js';
import type { SourcePicture } from './picture-source.js';
import type { RecentPictures } from './recent-pictures.js';
import type { RunningJobs } from './running-jobs.js';
import type { UnansweredStore } from './unanswered/unanswered-store.js';

/** All that the handlers of interactions share. */
export interface BotContext {
  readonly config: Config;
  readonly client: Client<true>;
  readonly inference: JobQueue;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly cooldown: Cooldown;
  readonly owners: Owners;
  readonly status: () => Status;
  /** Where interactions come from, and from whom. */
  readonly origins: InteractionOrigins;
  /** False once the bot is being stopped. */
  accepting: boolean;
  /** True once another process was found to answer for the same token. */
  othersAnswer: boolean;
  /** Tells a first response of ours from that of another process. */
  readonly firstResponses: FirstResponses;
  /** Answers under way. */
  readonly jobs: RunningJobs;
  /** The pictures of recent answers, for further questions. */
  readonly recent: RecentPictures<SourcePicture>;
  /** The pictures of messages whose member is still choosing or writing. */
  readonly pending: PendingPictures;
  /** Those that are being downloaded. */
  readonly downloads: DownloadSlots;
  /** The requests that another process has to answer if this one dies. */
  readonly unanswered: UnansweredStore;
}
