/** A form that is being filled in: its values, what is wrong with each, and how it is sent. */
import { ref, shallowReactive, type Ref } from 'vue';
import { asApiError } from '../api/client';
import {
  ALL, begin, check, placed, type Fields, type Refusals, type Value, type Values
} from './form';

export interface Filling {
  values: Values;
  refusals: Ref<Refusals>;
  busy: Ref<boolean>;
  put(field: string, value: Value): void;
  /** Sends what was filled in, and answers whether it was taken. */
  submit(send: (values: Values) => Promise<unknown>): Promise<boolean>;
}

export function useForm(fields: Fields, known: Values = {}): Filling {
  const values = shallowReactive(begin(fields, known));
  const refusals = ref<Refusals>({});
  const busy = ref(false);

  return {
    values,
    refusals,
    busy,
    put(field, value) {
      values[field] = value;
      refusals.value = {
        ...refusals.value, [ALL]: undefined, [field]: check(fields, values)[field]
      };
    },
    async submit(send) {
      refusals.value = check(fields, values);
      if (busy.value || Object.keys(refusals.value).length) {
        return false;
      }

      busy.value = true;
      try {
        await send(values);

        return true;
      } catch (e) {
        refusals.value = placed(fields, asApiError(e));

        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
