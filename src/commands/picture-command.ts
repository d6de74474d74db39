import type {
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from 'discord.js';
import type { Translate } from '../locales/locales.js';
import type { Answer, Task } from '../task.js';

/** What a member typed or chose beside the picture; absent where they said nothing. */
export interface TaskWords {
  readonly detail?: string;
  readonly language?: string;
  readonly question?: string;
  readonly objects?: string;
}

/** An answer in a member's language. All of it may hold words of strangers, and none is markup. */
export interface AnswerReply {
  /** What was asked, so that others in the channel can follow; undefined where the command says it. */
  readonly asked?: string;
  readonly text: string;
  /** True for text whose line breaks and spaces matter, as it stood in the picture. */
  readonly verbatim: boolean;
  /** Remarks below the text. */
  readonly notes: readonly string[];
  /** For those who can't see the posted picture. */
  readonly altText: string;
}

/** A command about one picture: a slash command, and where it has one the entry in a message's menu. */
export interface PictureCommand {
  readonly kind: Task['kind'];
  /** How Discord is told of the slash command. */
  readonly slash: RESTPostAPIChatInputApplicationCommandsJSONBody;
  /** How Discord is told of the entry in the menu of a message. */
  readonly menu?: RESTPostAPIContextMenuApplicationCommandsJSONBody;
  /** The words that a menu entry or a button must ask for first. */
  readonly form?: 'question' | 'objects';
  /**
   * @param locale the member's locale in Discord, such as `en-GB`
   * @throws {UserError} the words make no task
   */
  task(words: TaskWords, locale: string): Task;
  reply(answer: Answer, t: Translate): AnswerReply;
}
