import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Packages that one room alone may import, so that the others stay free of them. */
const discordOnlyInBot = { name: 'discord.js', message: 'Only src/bot and src/commands talk to Discord.' };
const runtimeOnlyInPaligemma = {
  name: 'onnxruntime-node',
  message: 'Only src/inference/paligemma runs sessions.',
};

/**
 * The rooms that each room may import besides the files of src/ itself, so that data flows one way:
 * cli > bot, playground > commands > monitoring, inference > rendering > locales, task.
 */
const mayKnow = {
  cli: ['bot', 'checkpoints', 'commands', 'inference', 'locales', 'monitoring', 'playground', 'rendering'],
  bot: ['commands', 'inference', 'locales', 'monitoring'],
  playground: ['commands', 'inference', 'locales', 'monitoring', 'rendering'],
  commands: ['locales'],
  monitoring: ['inference'],
  inference: ['rendering'],
  rendering: [],
  checkpoints: [],
  locales: [],
};

/** Rooms that speak to Discord in discord.js's words. */
const discordRooms = ['bot', 'commands'];

function rulesOf(room, files, packages) {
  const others = Object.keys(mayKnow).filter((other) => other !== room && !mayKnow[room].includes(other));
  return {
    files: [files],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: packages,
          patterns: others.map((other) => ({
            regex: `^(\\.\\./)+${other}(/|\\.js$)`,
            message: `${room} may not know ${other}.`,
          })),
        },
      ],
    },
  };
}

const roomRules = [
  ...Object.keys(mayKnow).map((room) =>
    rulesOf(room, `src/${room}/**/*.ts`, [
      ...(discordRooms.includes(room) ? [] : [discordOnlyInBot]),
      runtimeOnlyInPaligemma,
    ]),
  ),
  rulesOf('inference', 'src/inference/paligemma/**/*.ts', [discordOnlyInBot]),
  {
    files: ['src/*.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [discordOnlyInBot, runtimeOnlyInPaligemma] }] },
  },
];

export default tseslint.config(
  { ignores: ['dist', 'models', 'node_modules', 'training'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      curly: 'error',
      eqeqeq: 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // The environment has one reader, src/config.ts, which validates it.
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/config.ts reads the environment.' },
      ],
    },
  },
  ...roomRules,
  {
    files: ['src/config.ts', 'test/**/*.ts', 'bench/**/*.ts', 'docs/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
