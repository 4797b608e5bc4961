/** Sends a file to a site and tells how far it is, which fetch cannot. */
import { ApiError, csrfHeader, errorOf } from './client';

export interface Upload {
  /** Bytes that were sent. */
  progress: (sent: number) => void;
  signal: AbortSignal;
}

function answerOf(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** POSTs the file as the multipart field `chunk`; the browser reads it from the disk as it goes. */
export function upload(url: string, file: File, { progress, signal }: Upload): Promise<void> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const body = new FormData();
    const lost = () => reject(new ApiError(0, 'Unreachable', 'the connection was lost', '', { key: 'croft.error.unreachable' }));

    body.append('chunk', file);
    xhr.open('POST', url);
    Object.entries({
      accept: 'application/json', 'File-Size': String(file.size), ...csrfHeader()
    }).forEach(([header, value]) => xhr.setRequestHeader(header, value));
    xhr.upload.onprogress = ({ loaded }) => progress(Math.min(loaded, file.size));
    xhr.onload = () => xhr.status < 300 ? resolve() : reject(errorOf(xhr.status, answerOf(xhr.responseText)));
    xhr.onerror = lost;
    xhr.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => xhr.abort());
    xhr.send(body);
  });
}
