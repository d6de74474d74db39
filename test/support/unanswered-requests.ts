import type { UnansweredRequest } from '../../src/bot/unanswered/unanswered-request.js';

/** A request as a bot keeps it, of which a test says what matters to it. */
export function unansweredRequest(changes: Partial<UnansweredRequest> = {}): UnansweredRequest {
  return {
    id: '1100000000000000000',
    applicationId: '1000000000000000000',
    token: 'a-token-that-opens-the-answer',
    expiresAt: Date.now() + 60_000,
    task: { kind: 'ask', question: 'what is the colour of my secret?', language: 'en' },
    picture: { url: 'http://127.0.0.1:9/picture.png', spoiler: false },
    memberId: '1200000000000000000',
    serverId: null,
    locale: 'en-GB',
    attachmentSizeLimit: 10_485_760,
    mayAttachFiles: true,
    private: false,
    pictureShown: false,
    starts: 0,
    ...changes,
  };
}
