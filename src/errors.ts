/**
 * A mistake of the person who asked: a file that is not a picture, an empty question, a folder that is no
 * checkpoint. Its message is one plain sentence for them, and nothing is wrong with Glimpse.
 *
 * Every other error is a fault of ours and is logged with its cause.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}
