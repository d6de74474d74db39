import { randomBytes } from 'node:crypto';
import { ApiServer, type RecordedRequest } from './api-server.js';
import type { Attachment } from './attachment.js';
import { Cdn } from './cdn.js';
import { CommandRegistry } from './commands.js';
import { Gateway, INTENTS } from './gateway.js';
import { InteractionDesk } from './interaction-desk.js';
import type { Json } from './json.js';
import { MemberActions } from './member-actions.js';
import { Member, type MemberOptions } from './member.js';
import { MessageWriter } from './message-writer.js';
import type { Message } from './message.js';
import { postAs, type PostOptions } from './people-messages.js';
import { Server, type Channel, type ServerOptions } from './places.js';
import { PlayedFailures, type PlayedFailure, type RequestMatch } from './played-failures.js';
import { RateLimits, type RateLimit } from './rate-limits.js';
import { snowflake } from './snowflake.js';
import { Violations, type Violation } from './violations.js';
import { World } from './world.js';

export { Attachment } from './attachment.js';
export { Interaction, type Acknowledgement, type Choice } from './interaction.js';
export { Member } from './member.js';
export { Message } from './message.js';
export { Modal } from './modal.js';
export { Channel, Server } from './places.js';
export type { RecordedRequest } from './api-server.js';
export type { Violation } from './violations.js';

const MEBIBYTE = 2 ** 20;

export interface StrictDiscordOptions {
  /** Of one file; 10 MiB unless said otherwise. */
  readonly maxUploadBytes?: number;
  /** How soon an interaction must have its first response; 3 s unless said otherwise. */
  readonly firstResponseMs?: number;
  /** How long an interaction's token lives; 15 minutes unless said otherwise. */
  readonly tokenLifeMs?: number;
  /** Between two heartbeats; about 41 s unless said otherwise. */
  readonly heartbeatMs?: number;
  /** How many requests there may be in a second, but for answers to interactions; 50 unless said otherwise. */
  readonly requestsPerSecond?: number;
  /** How many shards a bot has to have; 1 unless said otherwise. */
  readonly shards?: number;
  /** How many sessions of the gateway may be begun until tomorrow; 1,000 unless said otherwise. */
  readonly sessionStarts?: number;
  /** After READY, servers are told of one by one, as long after each other; all at once unless said otherwise. */
  readonly serverEveryMs?: number;
  /** How many requests with status 401, 403 or 429 are no violation; 10,000 unless said otherwise. */
  readonly invalidRequestLimit?: number;
}

export interface UploadOptions {
  readonly name?: string;
  readonly spoiler?: boolean;
  /** Its alternative text. */
  readonly description?: string;
  readonly contentType?: string;
  readonly expiresInMs?: number;
  readonly ephemeral?: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly omitDimensions?: boolean;
}

/**
 * A Discord on loopback that is stricter than the real one: its API, its gateway and its CDN. It refuses what Discord
 * refuses, as Discord does, and keeps a list of it.
 */
export class StrictDiscord {
  readonly token: string;
  readonly applicationId = snowflake();
  /** The person whom the application belongs to. */
  readonly owner: Member;
  /** The bot, as other members see it. */
  readonly applicationMember: Member;
  readonly #world = new World();
  readonly #violations = new Violations();
  readonly #failures: PlayedFailures;
  readonly #rateLimits: RateLimits;
  readonly #commands = new CommandRegistry(this.applicationId);
  readonly #gateway: Gateway;
  readonly #desk: InteractionDesk;
  readonly #actions: MemberActions;
  readonly #cdn: Cdn;
  readonly #maxUploadBytes: number;
  #api!: ApiServer;

  private constructor(options: StrictDiscordOptions, failures: PlayedFailures, cdn: Cdn) {
    this.#failures = failures;
    this.#rateLimits = new RateLimits(options.requestsPerSecond ?? 50);
    this.#cdn = cdn;
    this.#maxUploadBytes = options.maxUploadBytes ?? 10 * MEBIBYTE;
    this.token = [Buffer.from(this.applicationId), randomBytes(4), randomBytes(28)]
      .map((part) => part.toString('base64url'))
      .join('.');
    this.#gateway = new Gateway({
      token: this.token,
      heartbeatMs: options.heartbeatMs ?? 41_250,
      shards: options.shards ?? 1,
      sessionStarts: options.sessionStarts ?? 1000,
      serverEveryMs: options.serverEveryMs ?? 0,
      greeting: (isOurs) => this.#greeting(isOurs),
      address: () => this.#gatewayUrl,
    });
    this.#desk = new InteractionDesk({
      gateway: this.#gateway,
      violations: this.#violations,
      applicationId: this.applicationId,
      firstResponseMs: options.firstResponseMs ?? 3000,
      tokenLifeMs: options.tokenLifeMs ?? 15 * 60_000,
      maxUploadBytes: this.#maxUploadBytes,
    });
    this.#actions = new MemberActions(this.#world, this.#commands, this.#desk);
    this.applicationMember = new Member({ id: this.applicationId, name: 'Glimpse' }, this.#actions, true);
    this.owner = this.addMember({ name: 'The owner' });
    // What Discord is known to allow for the messages of one webhook.
    this.rateLimit({ route: /^\/webhooks\// }, { limit: 5, perMs: 2000 });
  }

  static async start(options: StrictDiscordOptions = {}): Promise<StrictDiscord> {
    const failures = new PlayedFailures();
    const cdn = await Cdn.start(failures);
    const discord = new StrictDiscord(options, failures, cdn);
    await discord.#listen(options);
    return discord;
  }

  /** What `DISCORD_API_URL` is set to. */
  get apiUrl(): string {
    return `http://127.0.0.1:${this.#api.port}/api`;
  }

  /** What `ATTACHMENT_HOSTS` is set to. */
  get attachmentHost(): string {
    return this.#cdn.host;
  }

  get violations(): readonly Violation[] {
    return this.#violations.list;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#api.requests;
  }

  /** How many requests had status 401, 403 or 429, for which Discord bans in the end. */
  get invalidRequests(): number {
    return this.#api.invalidRequests;
  }

  /** The intents of each bot that is connected. */
  get intents(): readonly number[] {
    return this.#gateway.intents;
  }

  addServer(options: ServerOptions = {}): Server {
    const server = new Server(
      { ...options, attachmentSizeLimit: options.attachmentSizeLimit ?? this.#maxUploadBytes },
      (channel) => {
        this.#announce(channel);
      },
    );
    server.addChannel();
    this.#world.servers.push(server);
    if (server.botIsMember && !server.unavailable) {
      this.#arrive(server);
    }
    return server;
  }

  /** The people of a server invite the bot into it, or its outage is over. */
  welcome(server: Server): void {
    server.botIsMember = true;
    server.unavailable = false;
    this.#arrive(server);
  }

  #arrive(server: Server): void {
    const bot = this.applicationMember.toMemberJson();
    this.#gateway.dispatch('GUILD_CREATE', server.toJson(bot), INTENTS.guilds);
  }

  addMember(options: MemberOptions = {}): Member {
    const member = new Member(options, this.#actions);
    this.#world.members.set(member.id, member);
    options.server?.members.push(member);
    return member;
  }

  /** The channel in which a member and the bot write to each other. */
  directMessages(member: Member): Channel {
    return this.#world.directMessages(member);
  }

  /** A channel in which a member and other people write to each other. */
  groupMessages(member: Member): Channel {
    return this.#world.groupMessages(member);
  }

  /** A file that a person has uploaded. */
  upload(bytes: Uint8Array, options: UploadOptions = {}): Attachment {
    return this.#cdn.store({ channelId: snowflake(), name: 'picture.png', ...options, bytes });
  }

  /** A picture elsewhere on the web, as the preview of a link shows it: with the address of Discord's copy. */
  linked(bytes: Uint8Array, url = 'https://example.org/picture.png'): Json {
    return this.#cdn.proxy(bytes, url);
  }

  /** A message of a person, or of the bot at another time. Discord's rules for bots are not applied to it. */
  postMessage(options: PostOptions): Message {
    return postAs(options, { world: this.#world, cdn: this.#cdn, gateway: this.#gateway });
  }

  /** Deletes a message, as a moderator would. */
  deleteMessage({ id, channel }: Message): void {
    this.#world.message(id)?.remove();
    const place = channel.server === undefined ? {} : { guild_id: channel.server.id };
    this.#gateway.dispatch(
      'MESSAGE_DELETE',
      { id, channel_id: channel.id, ...place },
      channel.server === undefined ? INTENTS.directMessages : INTENTS.guildMessages,
    );
  }

  /** Plays a failure to the next requests that match. They are not carried out, unless it says so. */
  failNext(match: RequestMatch, failure: PlayedFailure): void {
    this.#failures.add(match, failure);
  }

  /** Limits requests from now on, in the place of an earlier limit. */
  rateLimit(match: RequestMatch, rule: RateLimit): void {
    this.#rateLimits.add(match, rule);
  }

  /**
   * Cuts the connections to the gateway. Resolves when they are cut; what happens until a bot resumes is told to it then.
   *
   * @param options with `resumable` false the sessions are forgotten, and the bots have to begin anew
   */
  async dropGateway({ resumable = true }: { resumable?: boolean } = {}): Promise<void> {
    await this.#gateway.drop(resumable);
  }

  /** Ends the connections to the gateway with a code; 1006 for none. Sessions that it is the end of are forgotten. */
  async closeGateway(code: number): Promise<void> {
    await this.#gateway.drop(code < 4004 || code === 4008, code);
  }

  /** Asks the bots to connect anew, as Discord does when it moves them to another machine. */
  askToReconnect(): void {
    this.#gateway.askToReconnect();
  }

  async close(): Promise<void> {
    this.#desk.close();
    this.#gateway.close();
    await Promise.all([this.#api.close(), this.#cdn.close()]);
  }

  async #listen(options: StrictDiscordOptions): Promise<void> {
    const backend = {
      world: this.#world,
      commands: this.#commands,
      desk: this.#desk,
      writer: new MessageWriter(this.#cdn, this.#violations),
      gateway: this.#gateway,
      application: this.applicationMember,
      owner: this.owner,
      gatewayUrl: () => this.#gatewayUrl,
      maxUploadBytes: this.#maxUploadBytes,
    };
    this.#api = await ApiServer.start({
      token: this.token,
      violations: this.#violations,
      failures: this.#failures,
      rateLimits: this.#rateLimits,
      maxRequestBytes: 10 * this.#maxUploadBytes + MEBIBYTE,
      invalidRequestLimit: options.invalidRequestLimit ?? 10_000,
      backend: () => backend,
    });
  }

  get #gatewayUrl(): string {
    return `ws://127.0.0.1:${this.#api.port}`;
  }

  #greeting(isOurs: (serverId: string) => boolean): { ready: Json; events: (readonly [string, Json])[] } {
    const servers = this.#world.servers.filter(({ id, botIsMember }) => botIsMember && isOurs(id));
    return {
      ready: {
        v: 10,
        user: {
          ...this.applicationMember.toUserJson(),
          verified: true,
          mfa_enabled: true,
          email: null,
          flags: 0,
        },
        guilds: servers.map(({ id }) => ({ id, unavailable: true })),
        application: { id: this.applicationId, flags: 0 },
      },
      events: servers
        .filter(({ unavailable }) => !unavailable)
        .map((server) => ['GUILD_CREATE', server.toJson(this.applicationMember.toMemberJson())] as const),
    };
  }

  #announce(channel: Channel): void {
    if (channel.isAnnounced && this.#world.servers.some((server) => server === channel.server)) {
      this.#gateway.dispatch(
        channel.isThread ? 'THREAD_CREATE' : 'CHANNEL_CREATE',
        channel.toGatewayJson(),
        INTENTS.guilds,
      );
    }
  }
}
