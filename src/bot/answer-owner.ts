import { PermissionFlagsBits, type ButtonInteraction } from 'discord.js';
import { Refusal } from './sentences.js';

/** Whether an answer is the clicking member's to end or take away: they asked for it, or may manage messages here. */
export function isTheirs(
  { user, memberPermissions }: ButtonInteraction,
  askedBy: string | undefined,
): boolean {
  return user.id === askedBy || memberPermissions?.has(PermissionFlagsBits.ManageMessages) === true;
}

/** @throws {Refusal} the answer is not theirs */
export function refuseUnlessTheirs(interaction: ButtonInteraction, askedBy: string | undefined): void {
  if (!isTheirs(interaction, askedBy)) {
    throw new Refusal('notYours');
  }
}
