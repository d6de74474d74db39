import type { Size } from '../task.js';

/** What drawing needs of a 2D canvas: the worker's has it, and a browser's. */
export interface Context2D {
  readonly canvas: Size;
  lineJoin: unknown;
  lineWidth: number;
  strokeStyle: unknown;
  fillStyle: unknown;
  globalAlpha: number;
  font: string;
  textBaseline: unknown;
  save(): void;
  restore(): void;
  strokeRect(left: number, top: number, width: number, height: number): void;
  setLineDash(segments: number[]): void;
  measureText(text: string): { readonly width: number };
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  rect(left: number, top: number, width: number, height: number): void;
  roundRect(left: number, top: number, width: number, height: number, radius: number): void;
  closePath(): void;
  clip(rule: 'evenodd'): void;
  fill(rule?: 'evenodd'): void;
  stroke(): void;
  fillText(text: string, left: number, top: number): void;
}
