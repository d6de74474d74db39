import type { QueueableJob } from '../inference/late-picture.js';
import type { BotContext } from './bot-context.js';
import {
  obtainPicture,
  refuseUnobtainable,
  type PictureSource,
  type SourcePicture,
} from './picture-source.js';

/** The picture of a request that waits for its turn. */
export interface WaitingPicture {
  /** The bytes, or where there is no room for more that wait, a way to them that is gone when the turn is near. */
  readonly forJob: QueueableJob['picture'];
  /** The picture once its job has run, or undefined before. */
  readonly obtained: () => SourcePicture | undefined;
  /** Nothing needs it any more. */
  readonly release: () => void;
}

/**
 * Downloads a picture at once as long as there is room for it among those that wait, since its address expires;
 * otherwise keeps the address, which is good for a day, and downloads when its turn is near.
 *
 * @throws {UserError} it is too large, gone, or not where pictures are downloaded from
 */
export async function waitingPicture(
  bot: BotContext,
  source: PictureSource,
  signal: AbortSignal,
): Promise<WaitingPicture> {
  const { pictureMebibytes } = bot.config.limits;
  refuseUnobtainable(source, bot.config);
  let obtained: SourcePicture | undefined;
  const room = bot.inference.pictures.reserve(source.picture.size ?? pictureMebibytes * 2 ** 20);
  const waiting = {
    obtained: () => obtained,
    release: () => {
      obtained = undefined;
      room?.free();
    },
  };
  if (room === undefined) {
    const forJob = async (): Promise<Uint8Array> => {
      obtained = await obtainPicture(bot, source, signal);
      return obtained.bytes;
    };
    return { ...waiting, forJob };
  }
  try {
    const picture = await obtainPicture(bot, source, signal);
    obtained = { ...picture, bytes: room.keep(picture.bytes) };
    return { ...waiting, forJob: obtained.bytes };
  } catch (error) {
    room.free();
    throw error;
  }
}
