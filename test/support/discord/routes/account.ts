import { textOf } from '../json.js';
import { CODES, missingAccess, Refusal } from '../refusal.js';
import { pattern, type Backend, type Route } from './route.js';

function applicationJson({ application, owner }: Backend): unknown {
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: 0,
    owner: owner.toUserJson(),
    team: null,
    bot: application.toUserJson(),
    integration_types_config: { '0': {}, '1': {} },
  };
}

const oneUser: Route = {
  method: 'GET',
  pattern: pattern('/users/:user'),
  answer: ({ params }, { application, world }) => {
    if (params.user === '@me') {
      return {
        status: 200,
        body: { ...application.toUserJson(), verified: true, mfa_enabled: true, flags: 0, locale: 'en-US' },
      };
    }
    const member = world.members.get(params.user ?? '');
    if (member === undefined) {
      throw new Refusal(404, CODES.unknownUser, 'Unknown User');
    }
    return { status: 200, body: member.toUserJson() };
  },
};

const directMessages: Route = {
  method: 'POST',
  pattern: pattern('/users/@me/channels'),
  answer: ({ body }, { world }) => {
    const member = world.members.get(textOf(body.json.recipient_id));
    if (member === undefined) {
      throw new Refusal(404, CODES.unknownUser, 'Unknown User');
    }
    return { status: 200, body: world.directMessages(member).toJson() };
  },
};

const oneServer: Route = {
  method: 'GET',
  pattern: pattern('/guilds/:server'),
  answer: ({ params }, { world, application }) => {
    const server = world.server(params.server ?? '');
    if (server?.botIsMember !== true) {
      throw missingAccess('the bot is no member of the server');
    }
    return { status: 200, body: server.toJson(application.toMemberJson()) };
  },
};

/** What a bot asks about itself, about the gateway and about servers. */
export const accountRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: pattern('/gateway'),
    open: true,
    answer: (_request, { gatewayUrl }) => ({ status: 200, body: { url: gatewayUrl() } }),
  },
  {
    method: 'GET',
    pattern: pattern('/gateway/bot'),
    answer: (_request, { gateway, gatewayUrl }) => ({
      status: 200,
      body: {
        url: gatewayUrl(),
        shards: gateway.options.shards,
        session_start_limit: {
          total: 1000,
          remaining: gateway.startsLeft,
          reset_after: 86_400_000,
          max_concurrency: 1,
        },
      },
    }),
  },
  ...['/applications/@me', '/oauth2/applications/@me'].map((path): Route => ({
    method: 'GET',
    pattern: pattern(path),
    answer: (_request, backend) => ({ status: 200, body: applicationJson(backend) }),
  })),
  oneUser,
  directMessages,
  oneServer,
];
