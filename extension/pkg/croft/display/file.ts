/** Files that a page hands to the browser to keep. */

/** Lets the browser fetch a file, which the site may stream for hours. */
export function download(url: string): void {
  click(url, '');
}

/** Saves a text under a name. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));

  click(url, name);
  URL.revokeObjectURL(url);
}

function click(href: string, name: string): void {
  const link = document.createElement('a');

  link.href = href;
  link.download = name;
  link.click();
}
