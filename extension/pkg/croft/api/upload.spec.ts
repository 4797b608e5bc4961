import { upload } from './upload';

/** Of the browser's request, what an upload uses; a spec decides how it ends. */
class Fake {
  static last: Fake;
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  headers: Record<string, string> = {};
  status = 0;
  responseText = '';
  body?: FormData;
  opened: string[] = [];
  onload = () => {};
  onerror = () => {};
  onabort = () => {};

  constructor() {
    Fake.last = this;
  }

  open(...args: string[]) {
    this.opened = args;
  }

  setRequestHeader(header: string, value: string) {
    this.headers[header] = value;
  }

  send(body: FormData) {
    this.body = body;
  }

  abort() {
    this.onabort();
  }

  end(status: number, text = '') {
    Object.assign(this, { status, responseText: text });
    this.onload();
  }
}

describe('an upload', () => {
  const file = new File(['12345'], 'tiny.qcow2');
  const real = global.XMLHttpRequest;
  let seen: number[];
  let stop: AbortController;

  function begin(): Promise<void> {
    seen = [];
    stop = new AbortController();

    return upload('/image?action=upload&size=5', file, { progress: (sent) => seen.push(sent), signal: stop.signal });
  }

  beforeEach(() => {
    global.XMLHttpRequest = Fake as unknown as typeof XMLHttpRequest;
  });
  afterEach(() => {
    global.XMLHttpRequest = real;
  });

  it('is the field chunk of a form, and tells how far it is', async() => {
    const done = begin();

    Fake.last.upload.onprogress?.({ loaded: 3 });
    Fake.last.upload.onprogress?.({ loaded: 300 }); // the form around the file is counted too
    Fake.last.end(204);
    await done;

    expect(Fake.last.opened).toStrictEqual(['POST', '/image?action=upload&size=5']);
    expect(Fake.last.headers['File-Size']).toBe('5');
    expect((Fake.last.body?.get('chunk') as File).name).toBe('tiny.qcow2');
    expect(seen).toStrictEqual([3, 5]);
  });

  it.each([
    ['is refused, in the site’s words', () => Fake.last.end(422, '{"message":"It is too short.","fieldName":"size"}'), {
      status: 422, message: 'It is too short.', fieldName: 'size'
    }],
    ['is refused without words', () => Fake.last.end(502, '<html>'), { status: 502 }],
    ['breaks off', () => Fake.last.onerror(), { status: 0, code: 'Unreachable' }],
    ['is aborted', () => stop.abort(), { name: 'AbortError' }],
  ])('%s', async(_reason, end, want) => {
    const done = begin();

    end();
    await expect(done).rejects.toMatchObject(want);
  });
});
