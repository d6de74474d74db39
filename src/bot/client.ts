import { Client, GatewayIntentBits, Options } from 'discord.js';
import type { DiscordConfig } from '../config.js';

/**
 * discord.js is set to 50 requests a second, Discord's limit for a bot. Answers to interactions are exempt from it, and
 * are nearly all that this bot sends: with the limit, the 200th of 200 members who ask at once would wait four seconds
 * and see "The application did not respond".
 */
const REQUESTS_PER_SECOND = 1000;
/** A request that Discord leaves unanswered for longer is tried again. Milliseconds. */
const REQUEST_TIMEOUT = 15_000;
/**
 * A longer pause that Discord asks for before an interaction is answered is not waited for inside discord.js, where
 * nothing can end the waiting: those who answer decide whether it is worth while. Milliseconds.
 */
const LONGEST_PAUSE = 5000;
const ANSWERS = /^\/(interactions|webhooks)\//;

/** The connection to Discord, not opened yet. It hears of servers and of interactions, and reads no messages. */
export function createClient({ apiUrl }: DiscordConfig): Client {
  return new Client({
    intents: [GatewayIntentBits.Guilds],
    // As many as Discord recommends: it demands several from 2,500 servers on. They share this process and its queue.
    shards: 'auto',
    // No answer needs what a server tells of itself, and one that is away must not hold up all others.
    waitGuildTimeout: 0,
    // Nothing that a picture, a model or a member says may notify anyone.
    allowedMentions: { parse: [], repliedUser: false },
    rest: {
      api: apiUrl,
      globalRequestsPerSecond: REQUESTS_PER_SECOND,
      timeout: REQUEST_TIMEOUT,
      rejectOnRateLimit: ({ retryAfter, route }) => retryAfter > LONGEST_PAUSE && ANSWERS.test(route),
    },
    // Interactions carry all that is needed; what discord.js would keep of them only grows.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user.id },
      GuildMemberManager: { maxSize: 10, keepOverLimit: (member) => member.id === member.client.user.id },
      DMMessageManager: 0,
      GuildMessageManager: 0,
      ReactionManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      ThreadMemberManager: 0,
      StageInstanceManager: 0,
      GuildScheduledEventManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
      GuildInviteManager: 0,
      GuildBanManager: 0,
      AutoModerationRuleManager: 0,
    }),
  });
}
