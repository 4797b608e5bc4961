import { ApiError } from '../api/client';
import {
  begin, check, choice, file, inputOf, lines, name, number, optional, placed, quantity, text, yesNo, type Fields, type Values
} from './form';

const fields: Fields = {
  name: name(), description: optional(text()), sockets: number(2, 2), memory: quantity(), node: optional(choice(async() => [])), document: lines(), force: yesNo()
};
const filled = (change: Values = {}): Values => ({
  ...begin(fields), name: 'web', memory: '1Gi', document: 'a', ...change
});

describe('a declared form', () => {
  it('begins with what is known, else with what is usual', () => {
    expect(begin(fields, { name: 'web' })).toStrictEqual({
      name: 'web', description: '', sockets: '2', memory: '', node: '', document: '', force: false
    });
  });

  it.each([
    ['a form that is right', filled(), []],
    ['nothing filled in', begin(fields), ['name', 'memory', 'document']],
    ['what is no name', filled({ name: 'No!' }), ['name']],
    ['fewer than the least', filled({ sockets: '1' }), ['sockets']],
    ['half of one', filled({ sockets: '2.5' }), ['sockets']],
    ['what is no amount', filled({ memory: 'much' }), ['memory']],
    ['an amount of nothing', filled({ memory: '0' }), ['memory']],
    ['blanks, which are nothing', filled({ document: ' \n' }), ['document']],
  ])('is checked: %s', (_reason, values, want) => {
    expect(Object.keys(check(fields, values))).toStrictEqual(want);
  });

  it('sends numbers as numbers, documents as they are, and nothing of what was left empty', () => {
    expect(inputOf(fields, filled({
      name: ' web ', document: 'a\n', force: true
    }))).toStrictEqual({
      name: 'web', sockets: 2, memory: '1Gi', document: 'a\n', force: true
    });
  });

  it('wants a file to be chosen', () => {
    const sending: Fields = { file: file() };

    expect(Object.keys(check(sending, begin(sending)))).toStrictEqual(['file']);
    expect(check(sending, { file: new File(['x'], 'x') })).toStrictEqual({});
  });

  it.each([
    ['the very field', 422, '', 'memory', 'memory'],
    ['the end of a path', 422, '', 'spec.resources.limits.memory', 'memory'],
    ['a part within it', 422, '', 'spec.sockets[0].x', 'sockets'],
    ['an annotation', 422, '', 'metadata.annotations[harvesterhci.io/memory]', 'memory'],
    ['another spelling', 422, '', 'Name', 'name'],
    ['a name that is taken', 409, 'AlreadyExists', '', 'name'],
    ['no field of the form', 422, '', 'spec.other', 'all'],
    ['no field at all', 403, 'Forbidden', '', 'all'],
  ])('shows a refusal where the server’s field is: %s', (_reason, status, code, field, want) => {
    expect(placed(fields, new ApiError(status, code, 'no', field))).toStrictEqual({ [want]: { text: 'no' } });
  });
});
