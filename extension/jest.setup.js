// What browsers have and jsdom has not.
const { TextEncoder } = require('node:util');

Object.assign(globalThis, { TextEncoder });
