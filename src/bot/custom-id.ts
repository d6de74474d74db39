/** What Discord takes as the custom id of a button, a menu or a form. Characters. */
const LONGEST = 100;

/** What a component of ours does when it is used; its custom id begins with this word. */
export const ACTIONS = [
  /** Ends a job; with the id of the interaction that it answers. */
  'cancel',
  /** Asks for words about the picture of this message; with where its picture is. */
  'ask',
  'find',
  /** Reads the text of this message's picture; with where its picture is. */
  'read',
  'alt',
  'delete',
  /** One picture of a message with several; with the task's kind and the key of what is remembered meanwhile. */
  'pick',
  /** A form about a picture of an answer; with the task's kind and where the picture is. */
  'more',
  /** A form about a message's pictures; with the task's kind and the key of what is remembered meanwhile. */
  'form',
] as const;
export type Action = (typeof ACTIONS)[number];

export interface CustomId {
  readonly action: Action;
  readonly details: readonly string[];
}

/** The custom id of a component: an action and its details, joined by colons. */
export function customId(action: Action, ...details: readonly string[]): string {
  const id = [action, ...details].join(':');
  if (id.length > LONGEST) {
    throw new RangeError(`A custom id of ${id.length} characters is too long for Discord: ${action}`);
  }
  return id;
}

/** Reads a custom id; undefined for one that this version did not make. */
export function readCustomId(id: string): CustomId | undefined {
  const [word, ...details] = id.split(':');
  const action = ACTIONS.find((known) => known === word);
  return action === undefined ? undefined : { action, details };
}
