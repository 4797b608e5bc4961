/** The list of a kind at one site, row by row. */
import type { Resource } from '../api/steve';
import { idOf, stateOf, titleOf, type Kind } from './kind';
import type { Listing } from './listing';
import { columnsOf } from './query';

export function listingOf<T extends Resource>(kind: Kind<T>): Listing<T> {
  return {
    word:    kind.word,
    page:    kind.page,
    columns: columnsOf(kind),
    cells:   kind.cells,
    shown(object) {
      const { name: state, message } = stateOf(object);
      const { namespace = '', creationTimestamp: created = '' } = object.metadata;

      return {
        key: idOf(object), title: titleOf(kind, object), state, message, created, ...(kind.namespaced ? { namespace } : {})
      };
    },
  };
}
