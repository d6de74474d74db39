import { withoutTranslations } from '../commands.js';
import { CODES, missingAccess, Refusal } from '../refusal.js';
import { NOTHING, pattern, type ApiAnswer, type ApiRequest, type Backend, type Route } from './route.js';

type Handler = (request: ApiRequest, backend: Backend, serverId: string | undefined) => ApiAnswer;

const list: Handler = ({ query }, { commands }, serverId) => {
  const known = commands.list(serverId);
  const isFull = query.get('with_localizations') === 'true';
  return { status: 200, body: isFull ? known : known.map(withoutTranslations) };
};

const replaceAll: Handler = ({ body }, { commands }, serverId) => {
  if (body.list === undefined) {
    throw new Refusal(400, CODES.invalidForm, 'Invalid Form Body', {
      detail: 'a list of commands is needed',
    });
  }
  return { status: 200, body: commands.replaceAll(body.list, serverId) };
};

const add: Handler = ({ body }, { commands }, serverId) => {
  const before = commands.list(serverId).length;
  const command = commands.add(body.json, serverId);
  return { status: commands.list(serverId).length > before ? 201 : 200, body: command };
};

const one: Handler = ({ params }, { commands }, serverId) => ({
  status: 200,
  body: commands.get(params.command ?? '', serverId),
});

const change: Handler = ({ params, body }, { commands }, serverId) => ({
  status: 200,
  body: commands.change(params.command ?? '', body.json, serverId),
});

const remove: Handler = ({ params }, { commands }, serverId) => {
  commands.remove(params.command ?? '', serverId);
  return NOTHING;
};

function scoped(handler: Handler): Route['answer'] {
  return (request, backend) => {
    const { application, server: serverId } = request.params;
    if (application !== backend.application.id) {
      throw new Refusal(404, CODES.unknownApplication, 'Unknown Application');
    }
    if (serverId !== undefined && backend.world.server(serverId)?.botIsMember !== true) {
      throw missingAccess('the bot is no member of the server');
    }
    return handler(request, backend, serverId);
  };
}

/** How a bot tells of its commands, for all servers or for one. */
export const commandRoutes: readonly Route[] = [
  '/applications/:application/commands',
  '/applications/:application/guilds/:server/commands',
].flatMap((path): Route[] => [
  { method: 'GET', pattern: pattern(path), answer: scoped(list) },
  { method: 'PUT', pattern: pattern(path), answer: scoped(replaceAll) },
  { method: 'POST', pattern: pattern(path), answer: scoped(add) },
  { method: 'GET', pattern: pattern(`${path}/:command`), answer: scoped(one) },
  { method: 'PATCH', pattern: pattern(`${path}/:command`), answer: scoped(change) },
  { method: 'DELETE', pattern: pattern(`${path}/:command`), answer: scoped(remove) },
]);
