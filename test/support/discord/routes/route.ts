import type { CommandRegistry } from '../commands.js';
import type { Gateway } from '../gateway.js';
import type { InteractionDesk } from '../interaction-desk.js';
import type { Member } from '../member.js';
import type { MessageWriter } from '../message-writer.js';
import type { ParsedBody } from '../multipart.js';
import type { World } from '../world.js';

/** All that a route needs to answer. */
export interface Backend {
  readonly world: World;
  readonly commands: CommandRegistry;
  readonly desk: InteractionDesk;
  readonly writer: MessageWriter;
  readonly gateway: Gateway;
  readonly application: Member;
  readonly owner: Member;
  readonly gatewayUrl: () => string;
  readonly maxUploadBytes: number;
}

/** A request, read. */
export interface ApiRequest {
  /** What the route's pattern caught. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly body: ParsedBody;
  /** As `performance.now` tells it. */
  readonly arrivedAt: number;
  /** Method and path, for the violations. */
  readonly name: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Left out for 204. */
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** With named groups for the ids. */
  readonly pattern: RegExp;
  /** True where the token of an interaction takes the place of the bot's. */
  readonly open?: boolean;
  readonly answer: (request: ApiRequest, backend: Backend) => ApiAnswer;
}

export const NOTHING: ApiAnswer = { status: 204 };

/** A pattern from a route as Discord's documentation writes it, such as `/channels/:channel`. */
export function pattern(route: string): RegExp {
  return new RegExp(`^${route.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}
