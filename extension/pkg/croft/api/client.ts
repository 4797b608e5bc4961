/**
 * The one way to an API from the pages: JSON in, JSON out, errors as ApiError.
 * The session's cookie says who asks; the CSRF cookie is repeated in a header, as the server demands.
 */

import type { Sentence } from '../display/sentence';

/** How long an answer may take before a page says that there is none. */
export const TIMEOUT_MS = 15_000;

/** What a server said instead of doing what was asked. Status 0 means that nothing answered. */
export class ApiError extends Error {
  constructor(
    /** HTTP status, 0 where no answer came. */
    readonly status: number,
    /** Steve's code, such as `InvalidBodyContent`, or `Timeout`, `Unreachable`. */
    readonly code: string,
    message: string,
    /** The field at fault as a path from the object's root, where the server named one. */
    readonly fieldName = '',
    /** What to tell the reader: the server's words, or ours where it had none. */
    readonly sentence: Sentence = { text: message },
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** True where the server or what lies behind it did not answer. */
  get unreachable(): boolean {
    return this.status === 0 || (this.status >= 502 && this.status <= 504);
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** The body's media type; plain JSON where it is not said. */
  media?: string;
  signal?: AbortSignal;
}

interface ErrorBody {
  code?: unknown;
  reason?: unknown;
  message?: unknown;
  fieldName?: unknown;
  details?: { causes?: { field?: string }[] };
}

function cookie(name: string): string {
  const pair = document.cookie.split('; ').find((c) => c.startsWith(`${ name }=`));

  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : '';
}

/** The header that repeats the CSRF cookie, as the server demands. */
export function csrfHeader(): Record<string, string> {
  const csrf = cookie('CSRF');

  return csrf ? { 'x-api-csrf': csrf } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Anything that was thrown, as what a server says. */
export function asApiError(e: unknown): ApiError {
  return e instanceof ApiError ? e : new ApiError(0, 'Unexpected', e instanceof Error ? e.message : String(e));
}

/** What to tell the reader of anything that was thrown. */
export function sentenceOf(e: unknown): Sentence {
  return asApiError(e).sentence;
}

/** What is said where nothing but the lack of a right is known. */
export const MAY_NOT: Sentence = { key: 'croft.error.mayNot' };

/** The same of what was asked of a site, which may be away. */
export function failed(e: unknown): Sentence {
  const sentence = sentenceOf(e);

  return e instanceof ApiError && e.unreachable ? { key: 'croft.site.noAnswer', args: { message: sentence } } : sentence;
}

/** Reads a refusal in Steve's shape (`fieldName`) or in Kubernetes' (`details.causes`). */
export function errorOf(status: number, body: unknown): ApiError {
  const b: ErrorBody = body && typeof body === 'object' ? body : {};
  const field = text(b.fieldName) || b.details?.causes?.find((c) => c.field)?.field || '';
  const plain = typeof body === 'string' && !body.trimStart().startsWith('<') ? body.trim() : '';
  const words = text(b.message) || plain;

  return new ApiError(status, text(b.code) || text(b.reason), words || `the server answered ${ status }`, field, said(status, words));
}

/** What Steve says, by the name of the method alone, to whoever has no right to it. */
const METHOD = /^Method [A-Z]+ not supported$/;

/** A refusal in words. */
function said(status: number, words: string): Sentence {
  if (status === 403 && METHOD.test(words)) {
    return MAY_NOT;
  }

  return words ? { text: words } : { key: 'croft.error.status', args: { status } };
}

async function bodyOf(response: Response): Promise<unknown> {
  const raw = await response.text();

  if (!raw) {
    return undefined;
  }

  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** How a body is read. */
type Reader<T> = (response: Response) => Promise<T>;

async function exchange<T>(url: string, read: Reader<T>, accept: string, {
  method = 'GET', body, media = 'application/json', signal
}: RequestOptions): Promise<T> {
  const headers: Record<string, string> = { accept, ...csrfHeader() };

  if (body !== undefined) {
    headers['content-type'] = media;
  }

  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const both = signal ? AbortSignal.any([signal, limit]) : limit;
  let response: Response;

  try {
    response = await fetch(url, {
      method,
      headers,
      body:        body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal:      both,
    });
    if (response.ok) {
      return await read(response);
    }

    throw errorOf(response.status, await bodyOf(response));
  } catch (e) {
    if (signal?.aborted || e instanceof ApiError) {
      throw e;
    }
    if (limit.aborted) {
      const seconds = TIMEOUT_MS / 1000;

      throw new ApiError(0, 'Timeout', `no answer within ${ seconds } seconds`, '', { key: 'croft.error.timeout', args: { seconds } });
    }
    throw new ApiError(0, 'Unreachable', e instanceof Error ? e.message : String(e), '', { key: 'croft.error.unreachable' });
  }
}

/** Sends one request and answers with its decoded body; everything but 2xx is an ApiError. */
export function request<T>(url: string, options: RequestOptions = {}): Promise<T> {
  return exchange(url, bodyOf, 'application/json', options) as Promise<T>;
}

/** Fetches a picture. */
export function picture(url: string, signal?: AbortSignal): Promise<Blob> {
  return exchange(url, (response) => response.blob(), '*/*', { signal });
}
