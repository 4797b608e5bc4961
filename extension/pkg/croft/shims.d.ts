/** Modules that come without types of their own. */

declare module '*.yaml' {
  const content: Record<string, unknown>;
  export default content;
}

declare module '@novnc/novnc/core/rfb' {
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, url: string, options?: { wsProtocols?: string[]; shared?: boolean });
    scaleViewport: boolean;
    resizeSession: boolean;
    background: string;
    disconnect(): void;
    focus(): void;
    sendCtrlAltDel(): void;
    sendKey(keysym: number, code: string | null, down?: boolean): void;
  }
}

declare module 'js-yaml' {
  export function load(text: string): unknown;
  export function dump(value: unknown, options?: { lineWidth?: number; skipInvalid?: boolean }): string;
  const yaml: { load: typeof load; dump: typeof dump };
  export default yaml;
}

declare module 'lodash/debounce' {
  export default function debounce<A extends unknown[]>(run: (...args: A) => void, ms: number): { (...args: A): void; cancel(): void };
}
