/** What tells the time; tests bring their own. All in milliseconds. */
export interface Clock {
  /** Since some moment in the past; never goes backwards. */
  now(): number;
  /** @returns forgets the call */
  after(milliseconds: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};
