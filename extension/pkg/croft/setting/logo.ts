/** Croft's mark, as an address that an <img> takes: small enough to travel in the script. */

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 40" width="32" height="40">
<rect x="2" y="6" width="28" height="12" rx="3" fill="#2f7d5b"/><rect x="2" y="22" width="28" height="12" rx="3" fill="#5bb98c"/>
<circle cx="8" cy="12" r="2" fill="#fff"/><circle cx="8" cy="28" r="2" fill="#fff"/></svg>`;

export const LOGO = `data:image/svg+xml,${ encodeURIComponent(SVG) }`;
