import { isJson, type Json } from './json.js';

const EVERYONE = /@everyone|@here/;
const USERS = /<@!?(\d{17,20})>/g;
const ROLES = /<@&(\d{17,20})>/g;

/** Whether a text may ping somebody when nobody forbids it. */
export function isMentionLike(text: string): boolean {
  return EVERYONE.test(text) || /<@[!&]?\d+>/.test(text);
}

/** Whom a text pings: `everyone`, and ids of members and roles. */
export function pingedBy(text: string, allowed: unknown): string[] {
  const rules: Json = isJson(allowed) ? allowed : { parse: ['users', 'roles', 'everyone'] };
  const may = (kind: string, id: string): boolean => has(rules.parse, kind) || has(rules[kind], id);
  return [
    ...(EVERYONE.test(text) && may('everyone', '') ? ['everyone'] : []),
    ...idsIn(text, USERS).filter((id) => may('users', id)),
    ...idsIn(text, ROLES).filter((id) => may('roles', id)),
  ];
}

function idsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((found) => found.at(1) ?? '');
}

function has(list: unknown, value: string): boolean {
  return Array.isArray(list) && list.includes(value);
}
