import type { Translation } from './locales.js';

/** German; people are called du, as Discord does. */
export const de: Translation<'one' | 'other'> = {
  commands: {
    describe: {
      name: 'beschreiben',
      description: 'Sagt, was auf einem Bild zu sehen ist',
      options: {
        detail: {
          name: 'umfang',
          description: 'Wie ausführlich die Beschreibung ist',
          choices: { short: 'Ein Satz', long: 'Ausführlicher' },
        },
      },
    },
    ocr: { name: 'ocr', description: 'Liest den Text auf einem Bild' },
    ask: {
      name: 'fragen',
      description: 'Beantwortet eine Frage zu einem Bild',
      options: { question: { name: 'frage', description: 'Was du wissen möchtest' } },
    },
    detect: {
      name: 'erkennen',
      description: 'Findet Objekte auf einem Bild und zeichnet Rahmen um sie',
      options: {
        objects: { name: 'objekte', description: 'Was gesucht wird; mehrere durch Kommas trennen' },
      },
    },
    segment: {
      name: 'segmentieren',
      description: 'Findet Objekte auf einem Bild und zeichnet ihre Umrisse',
      options: {
        objects: { name: 'objekte', description: 'Was gesucht wird; mehrere durch Kommas trennen' },
      },
    },
    status: { name: 'status', description: 'Für den Besitzer des Bots: wie es ihm geht' },
    options: {
      image: { name: 'bild', description: 'Ein Bild als PNG, JPEG, WebP, GIF oder AVIF' },
      language: {
        name: 'sprache',
        description: 'Die Sprache der Antwort; ohne Angabe deine eigene',
      },
      private: { name: 'privat', description: 'Nur du siehst die Antwort' },
    },
  },
  menus: {
    describe: 'Bild beschreiben',
    ocr: 'Text lesen',
    ask: 'Frage zum Bild stellen',
    detect: 'Objekte finden',
  },
  progress: {
    fetching: 'Das Bild wird geladen …',
    waiting: 'Du bist noch nicht an der Reihe. Dein Platz in der Warteschlange: {{place}}',
    looking: 'Ich sehe mir das Bild an …',
  },
  buttons: {
    cancel: 'Abbrechen',
    ask: 'Weiterfragen',
    find: 'Objekte finden',
    read: 'Text lesen',
    altText: 'Alternativtext',
    delete: 'Löschen',
  },
  forms: {
    ask: { title: 'Frage zum Bild', question: 'Deine Frage' },
    find: { title: 'Objekte finden', objects: 'Was? Mehrere durch Kommas trennen' },
    picture: 'Welches Bild?',
    choosePicture: 'Diese Nachricht hat mehrere Bilder. Welches meinst du?',
    notListed: 'Nicht in der Liste, die nicht mehr fasst: {{pictures}}',
  },
  answers: {
    found_one: '{{count}} Objekt gefunden: {{objects}}',
    found_other: '{{count}} Objekte gefunden: {{objects}}',
    foundOf: '{{label}} ({{count}})',
    anyObject: 'Objekt',
    separator: ', ',
    altText: 'Kopiere das als Alternativtext für dein Bild:',
    wholeText: 'Das ist nur der Anfang; der ganze Text steht in der Datei.',
  },
  places: {
    topLeft: 'oben links',
    top: 'oben',
    topRight: 'oben rechts',
    left: 'links',
    middle: 'in der Mitte',
    right: 'rechts',
    bottomLeft: 'unten links',
    bottom: 'unten',
    bottomRight: 'unten rechts',
    all: 'fast überall',
  },
  altTexts: {
    picture: 'Das Bild, um das es ging.',
    text: 'Ein Bild mit dem Text: {{text}}',
    asked: 'Das Bild zur Frage: {{question}} Antwort: {{text}}',
    boxes: 'Das Bild mit Rahmen um: {{objects}}.',
    outlines: 'Das Bild mit nachgezeichneten Umrissen von: {{objects}}.',
    object: '{{label}} ({{place}})',
    withMore: '{{objects}} {{more}}',
    more_one: 'und {{count}} weiteres',
    more_other: 'und {{count}} weitere',
  },
  notes: {
    cutOff:
      'Die Antwort endet hier, weil sie an ihrer Grenze war oder das Modell anfing, sich zu wiederholen.',
    notFound: 'Nicht gefunden: {{objects}}',
    firstFrame: 'Das Bild ist animiert; ich habe mir nur das erste Einzelbild angesehen.',
    noFiles: 'Ich darf in diesem Kanal keine Dateien anhängen, deshalb fehlt hier das Bild.',
    tooLong:
      'Das ist nicht alles: Der Rest passt nicht in eine Nachricht, und ich darf hier keine Dateien anhängen.',
    notAll: 'Das ist nicht alles: Der Rest passt nicht in eine Nachricht.',
    fileTooLarge: 'Die Datei war zu groß für Discord, deshalb fehlt sie hier.',
    fileRefused: 'Discord hat die Datei nicht angenommen, deshalb fehlt sie hier.',
  },
  outcomes: {
    refused: 'Das wollte das Modell nicht beantworten.',
    nothingToSay: 'Das Modell hatte zu diesem Bild nichts zu sagen.',
    noAnswer: 'Das Modell wusste keine Antwort.',
    noText: 'Ich habe auf diesem Bild keinen Text gefunden.',
    nothingFound: 'Ich habe auf diesem Bild nichts davon gefunden.',
    cancelled: 'Abgebrochen.',
    messageGone: 'Die Nachricht für deine Antwort wurde gelöscht, deshalb habe ich aufgehört.',
    restarting: 'Ich werde gerade beendet oder neu gestartet. Frag bitte später noch einmal.',
    tooLate:
      'Ich bin in den 15 Minuten, die Discord mir gibt, nicht fertig geworden. Frag bitte noch einmal.',
    blocked: 'Die automatische Moderation hier hat meine Antwort nicht durchgelassen.',
    fault: 'Bei mir ist etwas schiefgegangen, und es wurde notiert. Versuch es bitte noch einmal.',
    modelDown: 'Das Modell ist bei diesem Bild zweimal abgestürzt, deshalb habe ich aufgegeben.',
    modelAway: 'Das Modell läuft gerade nicht, es wird neu gestartet. Versuch es bitte später noch einmal.',
    fileHostBusy:
      'Der Server, auf dem dieses Bild liegt, ist gerade überlastet. Versuch es bitte in ein paar Minuten noch einmal.',
    fileHostFailing:
      'Der Server, auf dem dieses Bild liegt, konnte es nicht liefern. Versuch es bitte später noch einmal.',
    fileHostUnreachable:
      'Der Server, auf dem dieses Bild liegt, ist gerade nicht erreichbar. Versuch es bitte später noch einmal.',
    fileHostRefusing:
      'Der Server, auf dem dieses Bild liegt, gibt es nicht an mich heraus. Häng es an eine Nachricht an.',
  },
  refusals: {
    notAllowed: 'Ich darf hier nicht antworten.',
    notYours: 'Das darf nur, wer gefragt hat oder wer Nachrichten verwalten darf.',
    ownerOnly: 'Das ist dem Besitzer des Bots vorbehalten.',
    alreadyEnded: 'Das läuft nicht mehr.',
    pictureForgotten: 'Ich habe dieses Bild nicht mehr. Schick es mir bitte noch einmal.',
    formForgotten: 'Ich weiß nicht mehr, um welche Nachricht es ging. Wähl sie bitte noch einmal aus.',
    noAltText: 'Diese Nachricht hat keine Beschreibung zum Kopieren.',
    outdated: 'Das gehört zu einer älteren Version von mir. Wähl den Befehl bitte noch einmal aus der Liste.',
  },
  mistakes: {
    notAPicture:
      'Diese Datei ist kein Bild, das ich lesen kann. Ich lese PNG-, JPEG-, WebP-, GIF- und AVIF-Dateien.',
    pictureDamaged: 'Das Bild ist beschädigt oder unvollständig.',
    pictureTooManyPixels: 'Das Bild ist zu groß: Es hat mehr als {{megapixels}} Megapixel.',
    pictureTooLarge: 'Die Datei ist zu groß: Ich nehme Bilder bis {{mebibytes}} MiB an.',
    pictureElsewhere:
      'Dieses Bild liegt nicht bei Discord, und von anderswo lade ich nichts herunter. Häng es an eine Nachricht an.',
    pictureGone:
      'Das Bild ist nicht mehr da: Es wurde gelöscht, oder seine Adresse ist abgelaufen. Schick es bitte noch einmal.',
    pictureTooSlow: 'Das Bild konnte nicht rechtzeitig geladen werden. Versuch es bitte noch einmal.',
    pictureDeadly:
      'Das Modell ist bei diesem Bild schon zweimal abgestürzt, deshalb versuche ich es nicht noch einmal.',
    noPicture: 'Ich sehe in dieser Nachricht kein Bild.',
    questionEmpty: 'Die Frage ist leer.',
    questionTooLong: 'Die Frage ist zu lang: Sie darf höchstens {{characters}} Zeichen haben.',
    promptTooLong:
      'Zusammen mit dem Bild sind das mehr Wörter, als das Modell auf einmal lesen kann. Nimm weniger.',
    objectsMissing: 'Nenne mindestens ein Objekt, nach dem ich suchen soll.',
    objectsTooMany: 'Das sind zu viele Objekte: Ich suche höchstens {{count}} auf einmal.',
    objectTooLong: 'Der Name eines Objekts ist zu lang: Er darf höchstens {{characters}} Zeichen haben.',
    reservedWords: 'Dein Text enthält eine Zeichenfolge, die dem Modell vorbehalten ist. Lass sie bitte weg.',
    languageUnknown: 'Das Modell spricht „{{language}}“ nicht. Wähl eine Sprache aus der Liste.',
    queueFull: 'Gerade warten zu viele Bilder. Versuch es bitte in ein paar Minuten noch einmal.',
    waitTooLong:
      'Du kämst nicht rechtzeitig an die Reihe, weil viele Bilder warten. Versuch es bitte später noch einmal.',
    tooManyOfYours_one: 'Von dir wartet schon {{count}} Bild. Warte bitte erst auf die Antwort.',
    tooManyOfYours_other: 'Von dir warten schon {{count}} Bilder. Warte bitte erst auf eine Antwort.',
    cooldown: 'Warte bitte noch {{seconds}} s, bevor du wieder fragst.',
    timeLimit: 'Das hat länger als {{seconds}} s gedauert, deshalb habe ich es abgebrochen.',
  },
  playground: {
    title: 'Glimpse zum Ausprobieren',
    pageLanguage: 'Sprache dieser Seite',
    model: 'Es antwortet {{model}} ({{provider}}).',
    aboutModel: 'Über das Modell',
    demo: 'Das ist das Demo-Modell: Es kennt gezeichnete Formen und kurze gedruckte Wörter, sonst nichts. Zu einem Foto redet es Unsinn.',
    realModel: 'So bekommst du das echte Modell',
    realModelSteps:
      'Nimm die Lizenz auf {{address}} an, erstelle dort ein Zugriffstoken und führe das im Ordner von Glimpse aus:',
    welcome: 'Was möchtest du über ein Bild wissen?',
    welcomeHint:
      'Zieh eines irgendwohin, füge eines ein, wähle eine Datei oder nimm eines der Beispiele unten.',
    history: 'Fragen und Antworten',
    composer: 'Deine Frage',
    choose: 'Bild auswählen',
    chooseOther: '{{name}}: ein anderes Bild auswählen',
    samples: 'Beispielbilder',
    suggestions: 'Was du zu diesem Beispiel fragen kannst',
    task: 'Was mit dem Bild geschehen soll',
    answerLanguage: 'Sprache der Antwort',
    send: 'Senden',
    keys: 'Enter sendet, Escape bricht ab.',
    drop: 'Bild hier ablegen',
    sending: 'Das Bild wird gesendet …',
    noPicture: 'Wähle zuerst ein Bild aus.',
    objects: 'Gefundene Objekte; drücke eines, um es aus- oder einzublenden',
    times:
      '{{total}} s: {{waited}} s gewartet, {{looked}} s geschaut, {{answered}} s geantwortet ({{tokens}} Tokens)',
    savePicture: 'Bild speichern',
    saveText: 'Text speichern',
    saveJson: 'JSON speichern',
    useAgain: 'Dieses Bild noch einmal',
    gone: 'Das ist hier nicht mehr bekannt. Frag bitte noch einmal.',
    lost: 'Glimpse ist nicht mehr erreichbar. Läuft es noch?',
    tokenTitle: 'Zugriffstoken',
    tokenNeeded:
      'Der Besitzer dieser Seite hat ein Zugriffstoken festgelegt (PLAYGROUND_TOKEN). Bitte gib es ein.',
    open: 'Öffnen',
  },
  status: {
    line: '**{{name}}:** {{value}}',
    model: 'Modell',
    provider: 'Läuft auf',
    queue: 'Warteschlange',
    queueState: '{{waiting}} in der Schlange, {{running}} in Arbeit',
    times: 'Mittlere Dauer (Median)',
    time: '{{task}}: {{seconds, number}} s',
    noTimes: 'noch nichts beantwortet',
    uptime: 'Gestartet',
    restarts: 'Neustarts des Workers',
    memory: 'Speicher des Gateway-Prozesses',
  },
};
