/** What names of ours begin with: one that is not known is misspelt. */
const OURS = /^(?:ALLOWED|DENIED|DISCORD|PLAYGROUND|MONITORING)_/i;

/** What Kubernetes and Docker tell each container of services, one of which may be called `discord-bot`. */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP)(?:_\w+)?$/;
const ADDRESS_OF_A_SERVICE = /^(?:tcp|udp):\/\//;

/**
 * A sentence about each variable of the environment that looks like a misspelt setting: the environment is full of names
 * of others, but a misspelt list of who may use the bot would open it to everybody.
 */
export function misspeltSettings(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): string[] {
  return Object.entries(environment)
    .filter(([name]) => !known.includes(name))
    .filter(([name, value]) => !OF_A_SERVICE.test(name) && !ADDRESS_OF_A_SERVICE.test(value ?? ''))
    .filter(([name]) => OURS.test(name) || isAlmost(name, known))
    .map(([name]) => unknownSetting(name, 'the environment', known));
}

/** A sentence about a name that is none of the known ones, with the one that may have been meant. */
export function unknownSetting(name: string, where: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: distanceOf(plain(name), plain(candidate)) }))
    .filter(({ distance }) => distance <= 3 && distance < name.length / 2)
    .sort((a, b) => a.distance - b.distance)
    .at(0);
  const advice =
    nearest === undefined
      ? 'The file .env.example lists all settings.'
      : `Did you mean ${nearest.candidate}?`;
  return `${name} in ${where} is no setting of Glimpse. ${advice}`;
}

function isAlmost(name: string, known: readonly string[]): boolean {
  const word = plain(name);
  // Short names are too near to those of others, such as MODE.
  const most = word.length < 6 ? 0 : word.length < 10 ? 1 : 2;
  return known.some((candidate) => distanceOf(word, plain(candidate)) <= most);
}

function plain(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** How many letters have to be added, taken away, changed or swapped with the next to make one word of the other. */
function distanceOf(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current[column] = Math.min(
        (last[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[other.length] ?? Infinity;
}
