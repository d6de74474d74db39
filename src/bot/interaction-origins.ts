import { ChannelType, Events, GatewayDispatchEvents, type Client, type Snowflake } from 'discord.js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Place } from './access.js';
import type { AnswerableInteraction } from './interactions.js';

/** Interactions that have come and are not looked at yet: during a start, all that came before it was over. */
const MOST = 10_000;
const THREADS: ReadonlySet<unknown> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);

/** The part of an interaction's payload that says where it comes from and from whom. */
const packet = z.object({
  t: z.literal(GatewayDispatchEvents.InteractionCreate),
  d: z.object({
    id: z.string(),
    channel: z
      .object({ type: z.number().optional(), parent_id: z.string().nullish() })
      .optional()
      .catch(undefined),
    member: z
      .object({ roles: z.array(z.string()) })
      .optional()
      .catch(undefined),
  }),
});
type Origin = z.infer<typeof packet>['d'];

/**
 * Where interactions come from, by what Discord says in each of them. discord.js drops the channel and filters the roles
 * by what it has been told of a server before, which is too little: nobody tells a bot of a private thread that it is not
 * in, of a thread below a channel that it may not view, or of anything in a server of which it is no member.
 */
export class InteractionOrigins {
  readonly #origins = new LRUCache<Snowflake, Origin>({ max: MOST });

  /** @param client whose events are listened to; before it logs in, so that none is missed */
  constructor(client: Client) {
    client.on(Events.Raw, (received: unknown) => {
      const { data } = packet.safeParse(received);
      if (data !== undefined) {
        this.#origins.set(data.d.id, data.d);
      }
    });
  }

  /** The place of an interaction. Each is asked for once, and forgotten then. */
  take(interaction: AnswerableInteraction): Place {
    const origin = this.#origins.get(interaction.id);
    this.#origins.delete(interaction.id);
    const { guildId, channelId, user } = interaction;
    const { isThread, parent } = origin === undefined ? cachedChannel(interaction) : channelOf(origin);
    return {
      ...(guildId === null ? {} : { serverId: guildId }),
      channelId: channelId ?? '',
      ...(isThread && parent !== undefined ? { parentChannelId: parent } : {}),
      // Where even its kind is unknown, it may be a thread.
      parentUnknown: isThread !== false && parent === undefined,
      // @everyone, whose id is the server's, is in nobody's list.
      roleIds: [
        ...(origin?.member?.roles ?? cachedRoles(interaction)),
        ...(guildId === null ? [] : [guildId]),
      ],
      memberId: user.id,
    };
  }
}

interface KnownChannel {
  /** undefined: nobody says. */
  readonly isThread: boolean | undefined;
  readonly parent: Snowflake | undefined;
}

function channelOf({ channel }: Origin): KnownChannel {
  return {
    isThread: channel?.type === undefined ? undefined : THREADS.has(channel.type),
    parent: channel?.parent_id ?? undefined,
  };
}

function cachedChannel({ channel }: AnswerableInteraction): KnownChannel {
  return {
    isThread: channel?.isThread(),
    parent: channel?.isThread() === true ? (channel.parentId ?? undefined) : undefined,
  };
}

function cachedRoles({ member }: AnswerableInteraction): readonly Snowflake[] {
  const roles = member?.roles ?? [];
  return Array.isArray(roles) ? roles : [...roles.cache.keys()];
}
