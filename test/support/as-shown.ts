/** A message's content as people see it: Discord hides the backslashes that take a character's meaning away. */
export function asShown({ content }: { readonly content: string }): string {
  return content.replace(/\\([^\p{L}\p{N}\s])/gu, '$1');
}
