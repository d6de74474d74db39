import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UserError } from './errors.js';
import { isLoopback } from './local-server.js';
import { misspeltSettings } from './setting-names.js';
import { readSettingsFile } from './settings-file.js';
import { DTYPES, PROVIDERS, type Dtype, type Provider } from './task.js';

/** The settings of an owner, from the environment and the file `.env`. */
export interface Config {
  /** The checkpoint folder, `MODEL`: a path, or the name of a folder in `modelsFolder`. */
  readonly model: string;
  /** `MODELS`: where pulled models go, each into a folder of its own. */
  readonly modelsFolder: string;
  readonly hub: HubConfig;
  /** `DTYPE`; undefined: chosen for the machine. */
  readonly dtype: Dtype | undefined;
  /** `PROVIDER`; undefined: chosen for the machine. */
  readonly provider: Provider | undefined;
  /** `THREADS`, of the CPU provider; undefined: chosen for the machine. */
  readonly threads: number | undefined;
  readonly discord: DiscordConfig;
  readonly access: AccessConfig;
  readonly limits: LimitsConfig;
  readonly monitoring: MonitoringConfig;
  /** `STORE`: the folder for requests that are not answered yet; undefined: off. */
  readonly store: string | undefined;
  readonly playground: PlaygroundConfig;
}

/** Where models are pulled from. */
export interface HubConfig {
  /** `HF_ENDPOINT`, without a slash at the end. */
  readonly endpoint: string;
  /** `HF_TOKEN`; undefined: only what everybody may have. */
  readonly token: string | undefined;
  /** `MASK_DECODER_URL`; undefined: where big_vision publishes it. */
  readonly maskDecoderUrl: string | undefined;
}

/** How Discord is reached. */
export interface DiscordConfig {
  /** `DISCORD_TOKEN`; undefined: there is no bot. */
  readonly token: string | undefined;
  /** `DISCORD_API_URL`, without the version. */
  readonly apiUrl: string;
  /** `DISCORD_SERVER`: the one server that the commands are registered in; undefined: everywhere. */
  readonly server: string | undefined;
  /** `ATTACHMENT_HOSTS`, in lower case, some with a port: pictures are downloaded from these alone. */
  readonly attachmentHosts: readonly string[];
}

/** Who may use the bot, and where. Discord's ids; an empty list of allowed ones allows all. */
export interface AccessConfig {
  readonly servers: AccessList;
  readonly channels: AccessList;
  readonly roles: AccessList;
  readonly members: AccessList;
  /** `DIRECT_MESSAGES`. */
  readonly directMessages: boolean;
}

export interface AccessList {
  readonly allowed: ReadonlySet<string>;
  readonly denied: ReadonlySet<string>;
}

export interface LimitsConfig {
  /** `QUEUE_LIMIT`: jobs that may wait. */
  readonly waiting: number;
  /** `MEMBER_LIMIT`: jobs of one member that may wait or run. */
  readonly perMember: number;
  /** `COOLDOWN`: seconds between two requests of one member. */
  readonly cooldownSeconds: number;
  /** `TIME_LIMIT`: seconds that one job may run. */
  readonly jobSeconds: number;
  /** `PICTURE_LIMIT`: mebibytes of a picture file. */
  readonly pictureMebibytes: number;
  /** `SHUTDOWN_LIMIT`: seconds that the running job gets to finish when the bot is stopped. */
  readonly shutdownSeconds: number;
}

/** What the owner can watch. */
export interface MonitoringConfig {
  /** `MONITORING_HOST`. */
  readonly host: string;
  /** `MONITORING_PORT`; undefined: off. */
  readonly port: number | undefined;
  /** `MONITORING_NAMES`, in lower case: what requests may call this machine besides. */
  readonly names?: readonly string[];
  /** `LOG_LEVEL`. */
  readonly logLevel: LogLevel;
}

/** The local page. */
export interface PlaygroundConfig {
  /** `PLAYGROUND`; without a token of Discord's the page is open unless it says off, with one only if it says on. */
  readonly open: boolean;
  /** `PLAYGROUND_HOST`. */
  readonly host: string;
  /** `PLAYGROUND_PORT`. */
  readonly port: number;
  /** `PLAYGROUND_TOKEN`, which a request must bear; undefined: none, on an address that only this machine reaches. */
  readonly token: string | undefined;
  /** `PLAYGROUND_ADDRESS`: the origin that visitors know, where a proxy hands their requests on. */
  readonly address?: string;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where models are, unless `MODELS` says otherwise. */
const MODELS_FOLDER = fileURLToPath(new URL('../models', import.meta.url));
/** The checkpoint that ships with Glimpse. */
export const DEMO_MODEL = join(MODELS_FOLDER, 'demo');

const wholeNumber = (
  least: number,
  most: number,
  rule = `must be a whole number from ${least} to ${most}`,
): z.ZodType<number> => z.coerce.number(rule).int(rule).min(least, rule).max(most, rule);

const webAddress = (example: string): z.ZodType<string> =>
  z.url({ protocol: /^https?$/, error: `must be an address such as ${example}` });

const PORT_OR_OFF = 'must be a port from 1 to 65535, or off';

/** Settings that open something to whoever knows them. */
const SECRETS = ['DISCORD_TOKEN', 'HF_TOKEN', 'PLAYGROUND_TOKEN'];

/** Discord's ids are 64-bit numbers, written in decimal. */
export const DISCORD_ID = /^\d{17,20}$/;

const commaSeparated = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const idList = commaSeparated
  .refine(
    (ids) => ids.every((id) => DISCORD_ID.test(id)),
    'must be a list of ids such as 81384788765712384, separated by commas',
  )
  .transform((ids): ReadonlySet<string> => new Set(ids))
  .default(new Set());

const settings = z.object({
  MODEL: z.string().default(DEMO_MODEL),
  MODELS: z.string().default(MODELS_FOLDER),
  HF_TOKEN: z.string().regex(/^\S+$/, 'must be an access token without spaces').optional(),
  HF_ENDPOINT: webAddress('https://huggingface.co').default('https://huggingface.co'),
  MASK_DECODER_URL: webAddress('https://example.org/vae-oid.npz').optional(),
  DTYPE: z.enum(DTYPES, `must be one of ${DTYPES.join(', ')}`).optional(),
  PROVIDER: z.enum(PROVIDERS, `must be one of ${PROVIDERS.join(', ')}`).optional(),
  THREADS: wholeNumber(1, 256).optional(),

  DISCORD_TOKEN: z
    .string()
    .regex(
      /^[\w-]+\.[\w-]+\.[\w-]+$/,
      "must be a bot's token: three words joined by dots, from the page Bot of your application",
    )
    .optional(),
  DISCORD_API_URL: webAddress('https://discord.com/api').default('https://discord.com/api'),
  DISCORD_SERVER: z.string().regex(DISCORD_ID, 'must be the id of a server').optional(),
  ATTACHMENT_HOSTS: commaSeparated
    .refine(
      (hosts) => hosts.length > 0 && hosts.every(isHost),
      'must be a list of hosts such as cdn.discordapp.com, separated by commas',
    )
    .transform((hosts): readonly string[] => hosts.map((host) => host.toLowerCase()))
    .default([
      'cdn.discordapp.com',
      'media.discordapp.net',
      // Discord's copies of what is linked to: to download them tells nobody else of it.
      'images-ext-1.discordapp.net',
      'images-ext-2.discordapp.net',
    ]),

  ALLOWED_SERVERS: idList,
  DENIED_SERVERS: idList,
  ALLOWED_CHANNELS: idList,
  DENIED_CHANNELS: idList,
  ALLOWED_ROLES: idList,
  DENIED_ROLES: idList,
  ALLOWED_MEMBERS: idList,
  DENIED_MEMBERS: idList,
  DIRECT_MESSAGES: z.enum(['on', 'off'], 'must be on or off').default('on'),

  QUEUE_LIMIT: wholeNumber(1, 10_000).default(50),
  MEMBER_LIMIT: wholeNumber(1, 1000).default(10),
  COOLDOWN: wholeNumber(0, 3600).default(0),
  TIME_LIMIT: wholeNumber(1, 780).default(300),
  PICTURE_LIMIT: wholeNumber(1, 500).default(25),
  SHUTDOWN_LIMIT: wholeNumber(0, 600).default(20),

  MONITORING_HOST: z.string().default('127.0.0.1'),
  MONITORING_PORT: z
    .union([z.literal('off'), wholeNumber(1, 65_535, PORT_OR_OFF)], PORT_OR_OFF)
    .default(9464),
  MONITORING_NAMES: commaSeparated
    .refine(
      (names) => names.every((name) => isHost(name) && !name.includes(':')),
      'must be a list of names such as glimpse.example.org, without ports, separated by commas',
    )
    .transform((names): readonly string[] => names.map((name) => name.toLowerCase()))
    .optional(),
  STORE: z.string().default('data'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),

  PLAYGROUND: z.enum(['on', 'off'], 'must be on or off').optional(),
  PLAYGROUND_HOST: z.string().default('127.0.0.1'),
  PLAYGROUND_PORT: wholeNumber(1, 65_535, 'must be a port from 1 to 65535').default(9465),
  // What HTTP lets a bearer token be made of.
  PLAYGROUND_TOKEN: z
    .string()
    .regex(/^[\w.~+/-]{16,}=*$/, 'must have at least 16 letters, digits or any of -._~+/, without spaces')
    .optional(),
  PLAYGROUND_ADDRESS: z
    .string()
    .refine(isOrigin, {
      abort: true,
      error: 'must be an address without a path, such as https://glimpse.example.org',
    })
    .transform((address) => new URL(address).origin)
    .optional(),
});

/** All settings that there are. */
const NAMES = Object.keys(settings.shape);

const schema = settings.refine(
  (data) => !isOpen(data) || data.PLAYGROUND_TOKEN !== undefined || !isReachable(data),
  {
    path: ['PLAYGROUND_TOKEN'],
    error:
      'must be set where PLAYGROUND_HOST is an address that other machines reach, or PLAYGROUND_ADDRESS is',
  },
);

/** Whether other machines reach the playground, by themselves or through a proxy. */
function isReachable({ PLAYGROUND_HOST, PLAYGROUND_ADDRESS }: z.infer<typeof settings>): boolean {
  const behind = PLAYGROUND_ADDRESS === undefined ? [] : [new URL(PLAYGROUND_ADDRESS).hostname];
  return [PLAYGROUND_HOST, ...behind].some((host) => !isLoopback(host.replace(/^\[|\]$/g, '')));
}

/** Whether the playground is: a bot's owner has to ask for it. */
function isOpen({ PLAYGROUND, DISCORD_TOKEN }: z.infer<typeof settings>): boolean {
  return PLAYGROUND === undefined ? DISCORD_TOKEN === undefined : PLAYGROUND === 'on';
}

/**
 * The settings in force. A variable of the environment wins over the same one in `.env`; an empty one counts
 * as not set.
 *
 * @throws {UserError} one line per mistake
 */
export function readConfig(environment: NodeJS.ProcessEnv = readEnvironment()): Config {
  const set = withoutEmpty(environment);
  const result = schema.safeParse(set);
  const mistakes = [
    ...misspeltSettings(set, NAMES),
    ...(result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}.`),
  ];
  if (!result.success || mistakes.length > 0) {
    throw new UserError(mistakes.join('\n'));
  }
  const { data } = result;
  return {
    model: modelFolder(data.MODEL, data.MODELS),
    modelsFolder: data.MODELS,
    hub: {
      endpoint: data.HF_ENDPOINT.replace(/\/+$/, ''),
      token: data.HF_TOKEN,
      maskDecoderUrl: data.MASK_DECODER_URL,
    },
    dtype: data.DTYPE,
    provider: data.PROVIDER,
    threads: data.THREADS,
    discord: {
      token: data.DISCORD_TOKEN,
      apiUrl: data.DISCORD_API_URL.replace(/\/+$/, ''),
      server: data.DISCORD_SERVER,
      attachmentHosts: data.ATTACHMENT_HOSTS,
    },
    access: {
      servers: { allowed: data.ALLOWED_SERVERS, denied: data.DENIED_SERVERS },
      channels: { allowed: data.ALLOWED_CHANNELS, denied: data.DENIED_CHANNELS },
      roles: { allowed: data.ALLOWED_ROLES, denied: data.DENIED_ROLES },
      members: { allowed: data.ALLOWED_MEMBERS, denied: data.DENIED_MEMBERS },
      directMessages: data.DIRECT_MESSAGES === 'on',
    },
    limits: {
      waiting: data.QUEUE_LIMIT,
      perMember: data.MEMBER_LIMIT,
      cooldownSeconds: data.COOLDOWN,
      jobSeconds: data.TIME_LIMIT,
      pictureMebibytes: data.PICTURE_LIMIT,
      shutdownSeconds: data.SHUTDOWN_LIMIT,
    },
    monitoring: {
      host: data.MONITORING_HOST,
      port: data.MONITORING_PORT === 'off' ? undefined : data.MONITORING_PORT,
      ...(data.MONITORING_NAMES === undefined ? {} : { names: data.MONITORING_NAMES }),
      logLevel: data.LOG_LEVEL,
    },
    store: data.STORE.toLowerCase() === 'off' ? undefined : data.STORE,
    playground: {
      open: isOpen(data),
      host: data.PLAYGROUND_HOST,
      port: data.PLAYGROUND_PORT,
      token: data.PLAYGROUND_TOKEN,
      ...(data.PLAYGROUND_ADDRESS === undefined ? {} : { address: data.PLAYGROUND_ADDRESS }),
    },
  };
}

/** A bare name is that of a pulled model, unless there is a folder of that name in the working directory. */
export function modelFolder(model: string, modelsFolder: string): string {
  const named = join(modelsFolder, model);
  return !/[\\/]/.test(model) && !existsSync(model) && existsSync(named) ? named : model;
}

/** A web address with nothing behind its host. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#@\s]+\/?$/i.test(text) && URL.canParse(text);
}

/** A name or address with an optional port, and nothing else of an address. */
function isHost(text: string): boolean {
  return URL.canParse(`https://${text}`) && /^[^/?#@\s]+$/.test(text);
}

/** The environment of this process without what only it may know, for a process that handles what strangers send. */
export function environmentWithoutSecrets(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of SECRETS) {
    Reflect.deleteProperty(environment, name);
  }
  return environment;
}

/**
 * An environment in which a process gives memory back, as far as its allocator is glibc's; others take no notice. Pictures
 * are decoded by many threads: left to itself glibc gives each of them an arena of its own, and keeps in those what a
 * large picture took, for good. So there are two, and what is larger than 128 KiB comes from the system and goes back.
 */
export function givingMemoryBack(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: '2',
    MALLOC_MMAP_THRESHOLD_: String(128 * 2 ** 10),
    MALLOC_TRIM_THRESHOLD_: String(2 ** 20),
    ...environment,
  };
}

/**
 * ONNX Runtime otherwise tells Microsoft of the models that it runs and of the machine, and keeps a number for that
 * machine in the home folder. It looks when its first session is opened.
 */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}

/** @throws {UserError} there is a `.env` that can't be read, or that holds what is no setting */
function readEnvironment(): NodeJS.ProcessEnv {
  return { ...readSettingsFile(NAMES), ...withoutEmpty(process.env) };
}

function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
