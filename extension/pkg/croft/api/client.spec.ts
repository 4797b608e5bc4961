import { ApiError, errorOf, request, sentenceOf } from './client';

describe('errorOf', () => {
  it.each([
    ['Steve names the field', 422, {
      type: 'error', code: 'InvalidBodyContent', message: 'too small', fieldName: 'spec.cpu'
    }, 'InvalidBodyContent', 'too small', 'spec.cpu'],
    ['Kubernetes names it among the causes', 422, {
      kind: 'Status', reason: 'Invalid', message: 'is invalid', details: { causes: [{ field: 'metadata.name' }] }
    }, 'Invalid', 'is invalid', 'metadata.name'],
    ['a proxy answers in plain text', 502, 'no tunnel\n', '', 'no tunnel', ''],
    ['a page in HTML is nothing to show', 500, '<html>', '', 'the server answered 500', ''],
    ['an empty body has only its status', 403, undefined, '', 'the server answered 403', ''],
  ])('%s', (_reason, status, body, code, message, field) => {
    const e = errorOf(status, body);

    expect([e.status, e.code, e.message, e.fieldName]).toStrictEqual([status, code, message, field]);
  });

  it.each([
    ['nothing answered', 0, true],
    ['the tunnel is closed', 503, true],
    ['the server said no', 403, false],
    ['the server failed by itself', 500, false],
  ])('is unreachable or not: %s', (_reason, status, want) => {
    expect(new ApiError(status, '', '').unreachable).toBe(want);
  });
});

describe('sentenceOf', () => {
  it.each([
    ['a server’s own words', errorOf(409, { message: 'The machine is not running.' }), { text: 'The machine is not running.' }],
    ['ours where it names but the method that one has no right to', errorOf(403, { code: 'PermissionDenied', message: 'Method POST not supported' }), { key: 'croft.error.mayNot' }],
    ['ours where it had none', errorOf(500, '<html>'), { key: 'croft.error.status', args: { status: 500 } }],
    ['what went wrong here', new TypeError('x is undefined'), { text: 'x is undefined' }],
    ['what is no error', 'odd', { text: 'odd' }],
  ])('is %s', (_reason, e, want) => {
    expect(sentenceOf(e)).toStrictEqual(want);
  });
});

describe('request', () => {
  const fetch = jest.fn();

  beforeEach(() => {
    fetch.mockReset();
    window.fetch = fetch;
    document.cookie = 'CSRF=t0k%2Fen';
    // jsdom has the class without its makers.
    Object.assign(AbortSignal, { timeout: () => new AbortController().signal, any: (signals: AbortSignal[]) => signals[0] });
  });

  function answers(status: number, body: string) {
    fetch.mockResolvedValue({
      ok: status < 300, status, text: () => Promise.resolve(body)
    });
  }

  it('repeats the CSRF cookie in a header and sends JSON', async() => {
    answers(201, '{"id":"default/web"}');

    await expect(request('/v1/x', { method: 'POST', body: { a: 1 } })).resolves.toStrictEqual({ id: 'default/web' });
    expect(fetch.mock.calls[0][0]).toBe('/v1/x');
    expect(fetch.mock.calls[0][1]).toMatchObject({
      method: 'POST', body: '{"a":1}', headers: { 'x-api-csrf': 't0k/en', 'content-type': 'application/json' }
    });
  });

  it('answers nothing where the server has nothing to say', async() => {
    answers(204, '');

    await expect(request('/v1/x', { method: 'DELETE' })).resolves.toBeUndefined();
  });

  it('throws what the server says', async() => {
    answers(409, '{"type":"error","code":"Conflict","message":"The machine is not running."}');

    await expect(request('/v1/x')).rejects.toMatchObject({ status: 409, message: 'The machine is not running.' });
  });

  it('says how long it waited for an answer', async() => {
    Object.assign(AbortSignal, { timeout: () => AbortSignal.abort() });
    fetch.mockRejectedValue(new DOMException('timed out', 'TimeoutError'));

    await expect(request('/v1/x')).rejects.toMatchObject({ code: 'Timeout', sentence: { key: 'croft.error.timeout', args: { seconds: 15 } } });
  });

  it('tells a network that is gone from a refusal', async() => {
    fetch.mockRejectedValue(new TypeError('Failed to fetch'));

    await expect(request('/v1/x')).rejects.toMatchObject({
      status: 0, code: 'Unreachable', unreachable: true, sentence: { key: 'croft.error.unreachable' }
    });
  });
});
