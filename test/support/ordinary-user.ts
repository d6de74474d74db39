const NOBODY = 65_534;

/** Whether files can be kept from somebody here: Windows knows no such permissions. */
export const hasPermissions = process.platform !== 'win32';

/** The number of a user who may not read everything; undefined where this process runs as such a one. */
export const ordinaryUser = process.getuid?.() === 0 ? NOBODY : undefined;

/** Does something as a user who may not read everything, which root may. */
export async function asOrdinaryUser<Result>(work: () => Promise<Result>): Promise<Result> {
  if (ordinaryUser === undefined) {
    return work();
  }
  process.seteuid?.(ordinaryUser);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
