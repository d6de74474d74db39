import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Packages that one room alone may import, so that the others stay free of them. */
const discordOnlyInBot = { name: 'discord.js', message: 'Only src/bot and src/commands talk to Discord.' };
const runtimeOnlyInPaligemma = {
  name: 'onnxruntime-node',
  message: 'Only src/inference/paligemma runs sessions.',
};

/**
 * Rooms that a room may not import: those above it.
 * The order is cli > bot, playground > commands > monitoring, inference > rendering > locales, task.
 */
const roomsAbove = {
  'src/*.ts': [],
  'src/cli/**/*.ts': [],
  'src/bot/**/*.ts': ['checkpoints', 'playground', 'cli'],
  'src/commands/**/*.ts': ['checkpoints', 'monitoring', 'inference', 'rendering', 'bot', 'playground', 'cli'],
  'src/monitoring/**/*.ts': ['checkpoints', 'rendering', 'commands', 'bot', 'playground', 'cli'],
  'src/inference/*.ts': ['checkpoints', 'monitoring', 'commands', 'bot', 'playground', 'cli', 'locales'],
  'src/inference/worker/**/*.ts': [
    'checkpoints',
    'monitoring',
    'commands',
    'bot',
    'playground',
    'cli',
    'locales',
  ],
  'src/inference/paligemma/**/*.ts': [
    'checkpoints',
    'monitoring',
    'commands',
    'bot',
    'playground',
    'cli',
    'locales',
  ],
  'src/rendering/**/*.ts': [
    'inference',
    'checkpoints',
    'monitoring',
    'commands',
    'bot',
    'playground',
    'cli',
    'locales',
  ],
  'src/checkpoints/**/*.ts': [
    'inference',
    'rendering',
    'monitoring',
    'commands',
    'bot',
    'playground',
    'cli',
    'locales',
  ],
  'src/locales/**/*.ts': [
    'inference',
    'checkpoints',
    'rendering',
    'monitoring',
    'commands',
    'bot',
    'playground',
    'cli',
  ],
};

/** Rooms that speak to Discord in discord.js's words. */
const discordRooms = ['src/bot/**/*.ts', 'src/commands/**/*.ts'];

const roomRules = Object.entries(roomsAbove).map(([files, rooms]) => ({
  files: [files],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [
          ...(discordRooms.includes(files) ? [] : [discordOnlyInBot]),
          ...(files.startsWith('src/inference/paligemma') ? [] : [runtimeOnlyInPaligemma]),
        ],
        patterns: rooms.map((room) => ({
          regex: `^(\\.\\./)+${room}(/|\\.js$)`,
          message: `${files.split('/')[1]} may not know ${room}.`,
        })),
      },
    ],
  },
}));

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
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
