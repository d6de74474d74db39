/** What people read in English; every other language has the same keys. Short and plain: many use a screen reader. */
export const en = {
  /** As Discord shows them while a command is typed. Command and option names: lower case, no spaces. */
  commands: {
    describe: {
      name: 'describe',
      description: 'Say what a picture shows',
      options: {
        detail: {
          name: 'detail',
          description: 'How much to say',
          choices: { short: 'A sentence', long: 'More detail' },
        },
      },
    },
    ocr: { name: 'ocr', description: 'Read the text in a picture' },
    ask: {
      name: 'ask',
      description: 'Ask a question about a picture',
      options: { question: { name: 'question', description: 'What you want to know' } },
    },
    detect: {
      name: 'detect',
      description: 'Find objects in a picture and draw boxes around them',
      options: {
        objects: { name: 'objects', description: 'What to find; separate several with commas' },
      },
    },
    segment: {
      name: 'segment',
      description: 'Find objects in a picture and draw their outlines',
      options: {
        objects: { name: 'objects', description: 'What to find; separate several with commas' },
      },
    },
    status: { name: 'status', description: "For the bot's owner: how it is doing" },
    options: {
      image: { name: 'image', description: 'A PNG, JPEG, WebP, GIF or AVIF picture' },
      language: {
        name: 'language',
        description: 'The language of the answer; yours unless you say otherwise',
      },
      private: { name: 'private', description: 'Only you will see the answer' },
    },
  },
  /** Names in the menu of a message. */
  menus: {
    describe: 'Describe picture',
    ocr: 'Read text',
    ask: 'Ask about picture',
    detect: 'Find objects',
  },
  /** What an answer's message says while it is being made. */
  progress: {
    fetching: 'Fetching the picture …',
    waiting: 'Waiting for a turn. Your place in the queue: {{place}}',
    looking: 'Looking at the picture …',
  },
  buttons: {
    cancel: 'Cancel',
    ask: 'Ask more',
    find: 'Find objects',
    read: 'Read text',
    altText: 'Alt text',
    delete: 'Delete',
  },
  forms: {
    ask: { title: 'Ask about the picture', question: 'Your question' },
    find: { title: 'Find objects', objects: 'What to find; separate several with commas' },
    picture: 'Which picture?',
    choosePicture: 'This message has several pictures. Which one?',
    notListed: 'Not in the list, which holds no more: {{pictures}}',
  },
  answers: {
    found_one: 'Found {{count}} object: {{objects}}',
    found_other: 'Found {{count}} objects: {{objects}}',
    foundOf: '{{label}} ({{count}})',
    anyObject: 'object',
    separator: ', ',
    altText: 'Copy this as the alt text of your picture:',
    wholeText: 'This is the beginning; the whole text is in the file.',
  },
  /** Where in the picture something is. */
  places: {
    topLeft: 'top left',
    top: 'top',
    topRight: 'top right',
    left: 'left',
    middle: 'middle',
    right: 'right',
    bottomLeft: 'bottom left',
    bottom: 'bottom',
    bottomRight: 'bottom right',
    all: 'almost everywhere',
  },
  /** Alternative texts of the pictures that are posted. */
  altTexts: {
    picture: 'The picture that was asked about.',
    text: 'A picture with the text: {{text}}',
    asked: 'The picture of the question: {{question}} Answer: {{text}}',
    boxes: 'The picture with boxes drawn around: {{objects}}.',
    outlines: 'The picture with outlines drawn around: {{objects}}.',
    object: '{{label}} ({{place}})',
    more_one: 'and {{count}} more',
    more_other: 'and {{count}} more',
  },
  /** Small print under an answer. */
  notes: {
    cutOff: 'The answer ends here because it reached its limit, or the model began to repeat itself.',
    notFound: 'Not found: {{objects}}',
    firstFrame: 'The picture moves; only its first frame was looked at.',
    noFiles: 'I may not attach files in this channel, so there is no picture here.',
    tooLong: 'That is not all of it: the rest does not fit into a message, and I may not attach files here.',
  },
  /** When there is no answer, and nobody did anything wrong. */
  outcomes: {
    refused: 'The model would not answer this.',
    nothingToSay: 'The model had nothing to say about this picture.',
    noAnswer: 'The model had no answer.',
    noText: 'I found no text in this picture.',
    nothingFound: 'I found nothing of that in this picture.',
    cancelled: 'Cancelled.',
    messageGone: 'The message that was to hold your answer was deleted, so I stopped.',
    restarting: 'I am being restarted. Please ask again in a minute.',
    fault: 'Something went wrong on my side, and it has been noted. Please try again.',
    modelDown: 'The model stopped twice on this picture, so I gave up on it.',
    modelAway: 'The model is not running right now; it is being started again. Please try again later.',
    fileHostBusy:
      'The place where this picture is stored has too much to do right now. Please try again in a few minutes.',
    fileHostFailing: 'The place where this picture is stored failed to send it. Please try again later.',
    fileHostUnreachable:
      "The place where this picture is stored can't be reached right now. Please try again later.",
    fileHostRefusing:
      'The place where this picture is stored would not give it to me. Attach it to a message.',
  },
  /** When something asked for is not for this person, or no longer there. */
  refusals: {
    notAllowed: 'You may not use me here.',
    notYours: 'Only the member who asked, and those who may manage messages, can do this.',
    ownerOnly: 'This is for the owner of the bot.',
    alreadyEnded: 'This is no longer running.',
    pictureForgotten: 'I no longer have this picture. Please send it to me again.',
    formForgotten: 'I have forgotten which message this was about. Please choose it again.',
    noAltText: 'This message has no description to copy.',
    outdated: 'This button is from an older version of me. Please use the command again.',
  },
  mistakes: {
    notAPicture: 'This file is not a picture that I read. I read PNG, JPEG, WebP, GIF and AVIF files.',
    pictureDamaged: 'The picture is damaged or incomplete.',
    pictureTooManyPixels: 'The picture is too large: it has more than {{megapixels}} megapixels.',
    pictureTooLarge: 'The file is too large: I take pictures of up to {{mebibytes}} MiB.',
    pictureElsewhere:
      'This picture is not stored by Discord, and I download from nowhere else. Attach it to a message.',
    pictureGone: 'The picture is gone: it was deleted, or its address has expired. Please send it again.',
    pictureTooSlow: 'The picture could not be downloaded in time. Please try again.',
    pictureDeadly: 'The model stopped twice on this picture before, so I do not try it again.',
    noPicture: 'I see no picture in this message.',
    questionEmpty: 'The question is empty.',
    questionTooLong: 'The question is too long: it may have up to {{characters}} characters.',
    objectsMissing: 'Name at least one object to look for.',
    objectsTooMany: 'That is too many objects: I look for up to {{count}} at once.',
    objectTooLong: 'The name of an object is too long: it may have up to {{characters}} characters.',
    reservedWords: 'Your words contain a special mark that only the model may use. Please leave it out.',
    languageUnknown: 'The model does not speak "{{language}}". Choose a language from the list.',
    queueFull: 'Too many pictures are waiting right now. Please try again in a few minutes.',
    waitTooLong:
      'Your turn would not come in time, because many pictures are waiting. Please try again later.',
    tooManyOfYours_one: 'You have {{count}} picture waiting already. Please wait for its answer first.',
    tooManyOfYours_other: 'You have {{count}} pictures waiting already. Please wait for an answer first.',
    cooldown: 'Please wait {{seconds}} s before you ask again.',
    timeLimit: 'This took longer than {{seconds}} s, so I stopped it.',
  },
  /** What the local page says besides. */
  playground: {
    title: 'Glimpse playground',
    pageLanguage: 'Language of this page',
    model: 'Answers come from {{model}} ({{provider}}).',
    aboutModel: 'About the model',
    demo: 'This is the demo model: it knows drawn shapes and short printed words, and nothing else. Of a photograph it talks nonsense.',
    realModel: 'How to get the real model',
    realModelSteps:
      'Accept the licence at {{address}}, make an access token there, and run this in the folder of Glimpse:',
    welcome: 'What would you like to know about a picture?',
    welcomeHint: 'Drop one anywhere, paste one, choose a file, or take one of the samples below.',
    history: 'Questions and answers',
    composer: 'Your question',
    choose: 'Choose a picture',
    chooseOther: '{{name}}: choose another picture',
    samples: 'Sample pictures',
    suggestions: 'What to ask about this sample',
    task: 'What to do with the picture',
    answerLanguage: 'Language of the answer',
    send: 'Send',
    keys: 'Enter sends, Escape cancels.',
    drop: 'Drop the picture here',
    sending: 'Sending the picture …',
    noPicture: 'Choose a picture first.',
    objects: 'Objects found; press one to hide or show it',
    times:
      '{{total}} s: {{waited}} s waiting, {{looked}} s looking, {{answered}} s answering ({{tokens}} tokens)',
    savePicture: 'Save picture',
    saveText: 'Save text',
    saveJson: 'Save JSON',
    useAgain: 'Use this picture again',
    lost: 'Glimpse can no longer be reached. Is it still running?',
    tokenTitle: 'Access token',
    tokenNeeded: 'The owner of this page has set an access token (PLAYGROUND_TOKEN). Please enter it.',
    open: 'Open',
  },
  /** What `/status` tells the owner. */
  status: {
    line: '**{{name}}:** {{value}}',
    model: 'Model',
    provider: 'Runs on',
    queue: 'Queue',
    queueState: '{{waiting}} waiting, {{running}} running',
    times: 'Median times',
    time: '{{task}}: {{seconds, number}} s',
    noTimes: 'nothing answered yet',
    uptime: 'Started',
    restarts: 'Worker restarts',
    memory: 'Memory of the gateway process',
  },
} as const;
