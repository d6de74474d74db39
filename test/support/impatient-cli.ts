import { PATIENCE } from '../../src/checkpoints/hub/hub.js';

/* The `glimpse` command as it is, but that it waits milliseconds before it asks a hub again, so that nobody waits for it. */

Object.assign(PATIENCE, { firstPauseMs: 1 });
await import('../../src/cli.js');
